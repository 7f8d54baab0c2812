using System.Text;

namespace Qwen3VL.Architecture.Tests;

/// <summary>Enough of the C# lexer to look at code without its comments and literals. Line breaks stay, so columns and counts stay true.</summary>
internal static class CSharpText
{
    /// <summary>The source with every comment, string and character literal replaced by nothing but its line breaks.</summary>
    public static string CodeOnly(string source)
    {
        var code = new StringBuilder(source.Length);
        for (int index = 0; index < source.Length;)
        {
            int end = LiteralEnd(source, index);
            if (end == index)
            {
                code.Append(source[index++]);
                continue;
            }

            code.Append('\n', source.AsSpan(index, end - index).Count('\n'));
            index = end;
        }

        return code.ToString();
    }

    private static int LiteralEnd(string source, int start)
    {
        ReadOnlySpan<char> rest = source.AsSpan(start);
        if (rest.StartsWith("//"))
        {
            return start + LengthBefore(rest, "\n");
        }

        if (rest.StartsWith("/*"))
        {
            return start + LengthThrough(rest, 2, "*/");
        }

        if (rest.StartsWith("\"\"\""))
        {
            int quotes = rest.Length - rest.TrimStart('"').Length;
            return start + LengthThrough(rest, quotes, new string('"', quotes));
        }

        bool isVerbatim = rest.StartsWith("@\"") || rest.StartsWith("@$\"") || rest.StartsWith("$@\"");
        if (isVerbatim)
        {
            return VerbatimEnd(source, source.IndexOf('"', start) + 1);
        }

        return rest[0] is '"' or '\'' ? EscapedEnd(source, start) : start;
    }

    private static int VerbatimEnd(string source, int start)
    {
        for (int index = start; index < source.Length; index++)
        {
            if (source[index] == '"')
            {
                if (index + 1 == source.Length || source[index + 1] != '"')
                {
                    return index + 1;
                }

                index++;
            }
        }

        return source.Length;
    }

    private static int EscapedEnd(string source, int start)
    {
        for (int index = start + 1; index < source.Length && source[index] != '\n'; index++)
        {
            if (source[index] == source[start])
            {
                return index + 1;
            }

            index += source[index] == '\\' ? 1 : 0;
        }

        // Not closed on its line: an apostrophe of a preprocessor text. Only the mark itself is dropped.
        return start + 1;
    }

    private static int LengthBefore(ReadOnlySpan<char> text, string mark)
    {
        int index = text.IndexOf(mark);
        return index < 0 ? text.Length : index;
    }

    private static int LengthThrough(ReadOnlySpan<char> text, int from, string mark)
    {
        int index = text[from..].IndexOf(mark);
        return index < 0 ? text.Length : from + index + mark.Length;
    }
}
