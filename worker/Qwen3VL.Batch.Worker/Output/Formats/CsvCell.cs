using System.Buffers;

namespace Qwen3VL.Batch.Worker.Output.Formats;

/// <summary>Writes text as a cell of comma-separated values that no spreadsheet takes for a formula.</summary>
internal static class CsvCell
{
    /// <summary>End of a row (RFC 4180, section 2).</summary>
    public const string LineBreak = "\r\n";

    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n");

    // What spreadsheets take for the start of a formula, and what they leave out before looking for one.
    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t\r\n");

    /// <summary>
    /// The text as one cell: without control characters but line breaks and tabs; with an apostrophe before it where it could begin a formula; between
    /// quotes where it needs them.
    /// </summary>
    public static string Text(string text)
    {
        string safe = SafeText.Lines(text);
        if (safe.Length > 0 && FormulaStarts.Contains(safe[0]))
        {
            safe = "'" + safe;
        }

        return safe.AsSpan().ContainsAny(Quoted) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
