using System.Globalization;

namespace Qwen3VL.Batch.Media.Videos;

/// <summary>Reads the times of the frames that really came out from the lines of ffmpeg's <c>showinfo</c> filter.</summary>
internal static class ShownFrameLines
{
    private const string FilterName = "Parsed_showinfo";
    private const string TimeKey = " pts:";

    /// <summary>Presentation times in the stream's unit, in output order.</summary>
    public static IReadOnlyList<long> Read(string errors)
    {
        List<long> times = [];
        foreach (ReadOnlySpan<char> line in errors.AsSpan().EnumerateLines())
        {
            int key = line.IndexOf(TimeKey, StringComparison.Ordinal);
            if (key < 0 || !line.Contains(FilterName, StringComparison.Ordinal))
            {
                continue;
            }

            ReadOnlySpan<char> rest = line[(key + TimeKey.Length)..].TrimStart();
            int length = rest.IndexOf(' ');
            if (long.TryParse(length < 0 ? rest : rest[..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long pts))
            {
                times.Add(pts);
            }
        }

        return times;
    }
}
