using System.Globalization;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>A range of pages as people type it: <c>3</c>, <c>2-5</c>, <c>7-</c>. Null is open.</summary>
/// <param name="First">First page, from 1.</param>
/// <param name="Last">Last page, inclusive.</param>
internal readonly record struct PageRange(int? First, int? Last)
{
    /// <summary>Reads one; false when it is none.</summary>
    public static bool TryParse(string text, out PageRange range)
    {
        range = default;
        string[] parts = text.Split('-');
        if (parts.Length is < 1 or > 2 || !TryPage(parts[0], out int first))
        {
            return false;
        }

        if (parts.Length == 1)
        {
            range = new PageRange(first, first);
            return true;
        }

        if (parts[1].Length == 0)
        {
            range = new PageRange(first, null);
            return true;
        }

        range = TryPage(parts[1], out int last) ? new PageRange(first, last) : default;
        return range.Last >= range.First;
    }

    private static bool TryPage(string text, out int page) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out page) && page >= 1;
}
