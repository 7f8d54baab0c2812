using System.Globalization;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// The engine's own tables of Unicode properties, embedded as text of one entry a line, fields parted by spaces, comments after <c>#</c>. They
/// are pinned to the versions that the reference uses: tables of the platform move on with it, and ids of a text must not.
/// </summary>
internal static class UnicodeResource
{
    /// <summary>The fields of every entry of a table, in order.</summary>
    public static IEnumerable<string[]> Read(string fileName)
    {
        string name = $"{typeof(UnicodeResource).Namespace}.{fileName}";
        using Stream stream = typeof(UnicodeResource).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"embedded resource {name} must exist; got none");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                yield return line.Split(' ');
            }
        }
    }

    /// <summary>A code point written in hexadecimal.</summary>
    public static int Hex(string field) => int.Parse(field, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
