using System.Text;

namespace Qwen3VL.Batch.Tests.Worker.Output;

/// <summary>Reads comma-separated values strictly by RFC 4180; anything else is an error.</summary>
internal static class CsvText
{
    public static IEnumerable<string[]> Parse(string text)
    {
        List<string> row = [];
        StringBuilder cell = new();
        for (int at = 0; at < text.Length;)
        {
            if (cell.Length == 0 && text[at] == '"')
            {
                at++;
                while (text[at] != '"' || (at + 1 < text.Length && text[at + 1] == '"'))
                {
                    cell.Append(text[at]);
                    at += text[at] == '"' ? 2 : 1;
                }

                at++;
            }
            else
            {
                while (text[at] is not (',' or '\r'))
                {
                    cell.Append(text[at] is '"' or '\n' ? throw new InvalidDataException($"a bare cell must have no quotes and line breaks; got one at {at}") : text[at]);
                    at++;
                }
            }

            row.Add(cell.ToString());
            cell.Clear();
            if (text[at] == '\r')
            {
                at = text[at + 1] == '\n' ? at + 2 : throw new InvalidDataException($"a row must end with CR LF; {at} does not");
                yield return [.. row];
                row.Clear();
            }
            else
            {
                at = text[at] == ',' ? at + 1 : throw new InvalidDataException($"a quoted cell must end with a comma or a row's end; {at} does not");
            }
        }

        if (row.Count > 0)
        {
            throw new InvalidDataException("the last row must end with CR LF");
        }
    }
}
