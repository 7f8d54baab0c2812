using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Qwen3VL.Batch.Faults.Oracle;

/// <summary>A file that stands for a document of so many pages: one line of text, told from others by a salt.</summary>
/// <param name="Name">File name below the source root.</param>
/// <param name="Pages">Pages.</param>
/// <param name="Sha256">Lower-case hex hash of the file.</param>
internal sealed record SyntheticSource(string Name, int Pages, string Sha256)
{
    private const string Prefix = "synthetic pages=";

    /// <summary>Writes one.</summary>
    public static SyntheticSource Write(string folder, string name, int pages, string salt)
    {
        byte[] content = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{pages} salt={salt}\n"));
        File.WriteAllBytes(Path.Combine(folder, name), content);
        return new SyntheticSource(name, pages, Convert.ToHexStringLower(SHA256.HashData(content)));
    }

    /// <summary>Pages of a file; null when it is none of these.</summary>
    public static int? ReadPages(string path)
    {
        using var file = new StreamReader(path);
        char[] head = new char[64];
        int length = file.ReadBlock(head);
        string text = new(head, 0, length);
        return text.StartsWith(Prefix, StringComparison.Ordinal)
            && int.TryParse(text[Prefix.Length..].Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int pages)
            ? pages
            : null;
    }
}
