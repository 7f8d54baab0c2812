using System.Buffers;
using System.Globalization;

namespace Qwen3VL.Batch.Worker.Output;

/// <summary>Lines of comma-separated values, as in RFC 4180.</summary>
internal static class CsvText
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    // A spreadsheet takes a cell that begins so for a formula, and cells hold names that strangers chose.
    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t");

    /// <summary>One line without its end.</summary>
    public static string Line(IEnumerable<string> cells) => string.Join(',', cells.Select(Cell));

    private static string Cell(string text)
    {
        string safe = SafeText.Line(text);
        bool isNumber = double.TryParse(safe, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        if (safe.Length > 1 && FormulaStarts.Contains(safe[0]) && !isNumber)
        {
            safe = "'" + safe;
        }

        return safe.AsSpan().ContainsAny(Quoted) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
