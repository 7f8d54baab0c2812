using System.Security.Cryptography;
using System.Text;

namespace Qwen3VL.Engine.Execution;

/// <summary>The identity of a model folder: which weights, configuration, tokenizer and processors produced a result.</summary>
internal static class ModelFingerprint
{
    private static readonly string[] Patterns = ["*.json", "*.jinja", "*.txt", "*.safetensors"];

    /// <summary>
    /// Lower-case hex SHA-256 over the names and the SHA-256 of every file the engine may read, in ordinal order of names. Reads all
    /// weights once.
    /// </summary>
    public static string Compute(string folder, CancellationToken cancellationToken)
    {
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IEnumerable<string> files = Patterns
            .SelectMany(pattern => Directory.EnumerateFiles(folder, pattern))
            .OrderBy(Path.GetFileName, StringComparer.Ordinal);
        foreach (string file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using FileStream stream = File.OpenRead(file);
            whole.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(file) + "\n"));
            whole.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(whole.GetHashAndReset());
    }
}
