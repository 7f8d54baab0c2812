using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Qwen3VL.Batch.Media.Documents;

/// <summary>
/// Reads what poppler's <c>pdfinfo -f n -l n</c> prints. The last line of a kind counts: the document's own title and keywords are printed before
/// the facts, so a line break in them cannot pose as a fact.
/// </summary>
internal static class PdfInfoText
{
    /// <summary>Number of pages; false when the text does not say.</summary>
    public static bool TryReadPageCount(string text, out int pageCount)
    {
        pageCount = 0;
        return Find(text, "Pages:") is { } value && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out pageCount);
    }

    /// <summary>Geometry of page <paramref name="pageNo"/>; false when the text does not say, or says something impossible.</summary>
    public static bool TryReadPage(string text, int pageNo, [NotNullWhen(true)] out PdfPage? page)
    {
        page = null;
        if (!TryReadPageCount(text, out int pageCount)
            || Find(text, "Page", pageNo, "size:") is not { } size
            || Find(text, "Page", pageNo, "rot:") is not { } rotation)
        {
            return false;
        }

        // "612 x 792 pts (letter)"
        string[] words = size.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 3
            || !double.TryParse(words[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double width)
            || !double.TryParse(words[2], NumberStyles.Float, CultureInfo.InvariantCulture, out double height)
            || !int.TryParse(rotation, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int degrees)
            || !(width > 0) || !(height > 0) || !double.IsFinite(width) || !double.IsFinite(height) || degrees % 90 != 0)
        {
            return false;
        }

        page = new PdfPage(pageCount, width, height, ((degrees % 360) + 360) % 360);
        return true;
    }

    private static string? Find(string text, string key)
    {
        string? found = null;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(key, StringComparison.Ordinal))
            {
                found = line[key.Length..].Trim().ToString();
            }
        }

        return found;
    }

    /// <summary>Finds a line such as <c>Page    7 rot:   90</c>, whose page number is padded.</summary>
    private static string? Find(string text, string head, int pageNo, string tail)
    {
        string? found = null;
        string wanted = $"{head} {pageNo} {tail}";
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(head, StringComparison.Ordinal) && line.Contains(tail, StringComparison.Ordinal))
            {
                string joined = string.Join(' ', line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
                if (joined.StartsWith(wanted, StringComparison.Ordinal))
                {
                    found = joined[wanted.Length..].Trim();
                }
            }
        }

        return found;
    }
}
