using System.Buffers;
using System.Text;

namespace Qwen3VL.Batch.Worker.Output.Formats;

/// <summary>Writes text as a cell of comma-separated values that no spreadsheet takes for a formula.</summary>
internal static class CsvCell
{
    /// <summary>End of a row (RFC 4180, section 2).</summary>
    public const string LineBreak = "\r\n";

    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n");

    // What spreadsheets take for the start of a formula.
    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@");

    // Where a spreadsheet that is told to split at semicolons or tabs, or that does not know quotes, begins another cell.
    private static readonly SearchValues<char> CellEnds = SearchValues.Create(";\t\n");

    /// <summary>
    /// The text as one cell: without control characters but line breaks and tabs; with an apostrophe wherever a formula could begin, also for a
    /// spreadsheet that splits at other places than commas; between quotes where it needs them.
    /// </summary>
    public static string Text(string text)
    {
        string safe = Disarm(SafeText.Lines(text));
        return safe.AsSpan().ContainsAny(Quoted) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    private static string Disarm(string text)
    {
        StringBuilder safe = new(text.Length + 1);
        bool isStart = true;
        foreach (char unit in text)
        {
            // A cell that begins with a line break or tab is marked as a whole: some leave these out first.
            if (isStart && (FormulaStarts.Contains(unit) || (safe.Length == 0 && CellEnds.Contains(unit) && unit != ';')))
            {
                safe.Append('\'');
            }

            safe.Append(unit);

            // Spaces and quotes before a formula are left out by some.
            isStart = CellEnds.Contains(unit) || (isStart && unit is ' ' or '"');
        }

        return safe.ToString();
    }
}
