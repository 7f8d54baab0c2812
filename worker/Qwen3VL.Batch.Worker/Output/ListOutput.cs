using Qwen3VL.Batch.Worker.Output.Formats;
using Spectre.Console;

namespace Qwen3VL.Batch.Worker.Output;

/// <summary>Prints lists in every form from one description of their columns.</summary>
internal static class ListOutput
{
    /// <summary>Prints the rows.</summary>
    /// <param name="terminal">Where; rows are results.</param>
    /// <param name="format">In which form.</param>
    /// <param name="rows">What each row tells of.</param>
    /// <param name="columns">For text and CSV.</param>
    /// <param name="json">A row as JSON.</param>
    public static void Write<T>(Terminal terminal, ListFormat format, IReadOnlyList<T> rows, IReadOnlyList<ListColumn<T>> columns, Func<T, object> json)
    {
        switch (format)
        {
            case ListFormat.Json:
                foreach (T row in rows)
                {
                    terminal.Json(json(row));
                }

                break;
            case ListFormat.Csv:
                WriteCsv(terminal, columns.Select(column => column.Name));
                foreach (T row in rows)
                {
                    WriteCsv(terminal, columns.Select(column => column.Cell(row)));
                }

                break;
            default:
                WriteText(terminal, rows, columns);
                break;
        }
    }

    // What stands for nothing in a table is an empty cell here.
    private static void WriteCsv(Terminal terminal, IEnumerable<string> cells) =>
        terminal.Out.Write(string.Join(',', cells.Select(cell => cell == "-" ? "" : CsvCell.Text(SafeText.Line(cell)))) + CsvCell.LineBreak);

    private static void WriteText<T>(Terminal terminal, IReadOnlyList<T> rows, IReadOnlyList<ListColumn<T>> columns)
    {
        if (terminal.OutIsTerminal)
        {
            Table table = new Table().Border(TableBorder.Simple).AddColumns([.. columns.Select(column => column.Name)]);
            foreach (T row in rows)
            {
                table.AddRow([.. columns.Select(column => new Text(SafeText.Line(column.Cell(row))))]);
            }

            terminal.OutConsole.Write(table);
            return;
        }

        foreach (T row in rows)
        {
            terminal.Out.WriteLine(string.Join('\t', columns.Select(column => SafeText.Line(column.Cell(row)))));
        }
    }
}
