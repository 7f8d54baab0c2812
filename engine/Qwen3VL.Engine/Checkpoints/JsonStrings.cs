using System.Text.Json;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// JSON is parsed before its strings are: bytes that are no UTF-8, and escaped surrogates without their other half, show themselves only
/// when a string or a key is read. Files from outside are checked once, so that no later look-up can fail by it.
/// </summary>
internal static class JsonStrings
{
    /// <summary>Reads every key and string of a document.</summary>
    /// <param name="root">The document.</param>
    /// <param name="file">Name for the error.</param>
    /// <exception cref="CheckpointException">One of them is not Unicode text.</exception>
    internal static void Check(JsonElement root, string file)
    {
        try
        {
            Read(root);
        }
        catch (InvalidOperationException exception)
        {
            throw new CheckpointException($"{file} must be JSON of Unicode text; got text that is none", exception);
        }
    }

    // As deep as the parser allowed: 64 levels.
    private static void Read(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            _ = element.GetString();
        }
        else if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
            {
                Read(item);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in element.EnumerateObject())
            {
                _ = member.Name;
                Read(member.Value);
            }
        }
    }
}
