using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Qwen3VL.Batch.Faults.Oracle;

/// <summary>A file that stands for a document of so many pages, or for a video of so many seconds: one line of text, told from others by a salt.</summary>
/// <param name="Name">File name below the source root.</param>
/// <param name="Pages">Pages; 0 for a video.</param>
/// <param name="Sha256">Lower-case hex hash of the file.</param>
internal sealed record SyntheticSource(string Name, int Pages, string Sha256)
{
    private const string PagesPrefix = "synthetic pages=";
    private const string SecondsPrefix = "synthetic seconds=";

    /// <summary>Seconds of a video; 0 for a document.</summary>
    public int Seconds { get; init; }

    /// <summary>Writes a document.</summary>
    public static SyntheticSource Write(string folder, string name, int pages, string salt) => new(name, pages, WriteLine(folder, name, PagesPrefix, pages, salt));

    /// <summary>Writes a video.</summary>
    public static SyntheticSource WriteVideo(string folder, string name, int seconds, string salt) =>
        new(name, 0, WriteLine(folder, name, SecondsPrefix, seconds, salt)) { Seconds = seconds };

    /// <summary>Pages of a file; null when it is no synthetic document.</summary>
    public static int? ReadPages(string path) => Read(path, PagesPrefix);

    /// <summary>Seconds of a file; null when it is no synthetic video.</summary>
    public static int? ReadSeconds(string path) => Read(path, SecondsPrefix);

    private static string WriteLine(string folder, string name, string prefix, int size, string salt)
    {
        byte[] content = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{prefix}{size} salt={salt}\n"));
        File.WriteAllBytes(Path.Combine(folder, name), content);
        return Convert.ToHexStringLower(SHA256.HashData(content));
    }

    private static int? Read(string path, string prefix)
    {
        using var file = new StreamReader(path);
        char[] head = new char[64];
        int length = file.ReadBlock(head);
        string text = new(head, 0, length);
        return text.StartsWith(prefix, StringComparison.Ordinal)
            && int.TryParse(text[prefix.Length..].Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int size)
            ? size
            : null;
    }
}
