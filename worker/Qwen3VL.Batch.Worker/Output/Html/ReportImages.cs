using System.Globalization;
using Qwen3VL.Batch.Worker.Output.Raster;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Output.Html;

/// <summary>
/// Pictures of a report. Small reports carry them inside the page, so that one file can be sent to somebody; when the budget is spent, the
/// rest stand beside the page as files. Owner: one report.
/// </summary>
internal sealed class ReportImages
{
    // A browser opens a page of this size at once; base64 adds a third to it.
    private const long InlineBudgetBytes = 24L << 20;

    // A source's path can be as long as a file name may not be.
    private const int LongestName = 100;

    private readonly string _folder;
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private long _inlineBytes;

    /// <summary>Creates one.</summary>
    /// <param name="folder">The report's folder; exists.</param>
    public ReportImages(string folder) => _folder = folder;

    /// <summary>A file name, without ending, that no other picture of the report has.</summary>
    /// <param name="wanted">Any text; letters, digits, points and dashes are kept.</param>
    public string UniqueName(string wanted)
    {
        string safe = string.Concat(wanted.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-')).TrimStart('.');
        safe = safe.Length <= LongestName ? safe : safe[^LongestName..];
        string name = safe;
        for (int copy = 2; !_names.Add(name); copy++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{safe}-{copy}");
        }

        return name;
    }

    /// <summary>A picture as what <c>src</c> says.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="name">From <see cref="UniqueName"/>, used when the picture stands beside the page.</param>
    public string Source(RgbImage image, string name)
    {
        byte[] png = PngWriter.Encode(image);
        if (_inlineBytes + png.Length <= InlineBudgetBytes)
        {
            _inlineBytes += png.Length;
            return "data:image/png;base64," + Convert.ToBase64String(png);
        }

        return Write(png, $"images/{name}.png");
    }

    /// <summary>Writes a picture as a file beside the page; returns its relative path.</summary>
    public string Save(RgbImage image, string name) => Write(PngWriter.Encode(image), $"pages/{name}.png");

    private string Write(byte[] png, string relativePath)
    {
        string path = Path.Combine(_folder, relativePath);
        Directory.CreateDirectory(Path.GetDirectoryName(path) ?? _folder);
        File.WriteAllBytes(path, png);
        return relativePath;
    }
}
