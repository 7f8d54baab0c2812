namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Cuts text into the pieces inside which byte pairs may merge, exactly as the regular expression of the checkpoint does
/// (<see cref="Pattern"/>). Written by hand over code points, because .NET regular expressions see supplementary letters as two surrogates.
/// </summary>
/// <remarks>
/// Alternatives are tried in their written order at each position; together they match at every position, so pieces are neighbours without
/// gaps. Work is linear: a run of white space is scanned at most three times, everything else at most twice.
/// </remarks>
internal static class PreTokenizer
{
    /// <summary>The only split expression that this class implements; a checkpoint with another one is refused.</summary>
    public const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>The length in UTF-16 units of the piece at the start of <paramref name="text"/>.</summary>
    /// <param name="text">UTF-16 up to the end of the stretch between two added tokens; not empty. A lone surrogate is a symbol.</param>
    public static int PieceLength(ReadOnlySpan<char> text)
    {
        CodePointClass first = Classify(text, 0, out int firstLength);
        switch (first)
        {
            case CodePointClass.Letter:
                return RunEnd(text, firstLength, CodePointClass.Letter);
            case CodePointClass.Number:
                return firstLength;
            case CodePointClass.LineBreak:
                return WhiteSpaceLength(text);
            default:
                int contraction = ContractionLength(text);
                return contraction > 0 ? contraction : SpaceOrSymbolLength(text, first, firstLength);
        }
    }

    /// <summary>A word behind one space or symbol, else symbols behind at most one space, else white space.</summary>
    private static int SpaceOrSymbolLength(ReadOnlySpan<char> text, CodePointClass first, int firstLength)
    {
        int second = 0;
        CodePointClass next = firstLength < text.Length ? Classify(text, firstLength, out second) : first;
        if (next == CodePointClass.Letter)
        {
            return RunEnd(text, firstLength + second, CodePointClass.Letter);
        }

        if (first == CodePointClass.Other || (text[0] == ' ' && next == CodePointClass.Other))
        {
            return LineBreaksEnd(text, RunEnd(text, firstLength, CodePointClass.Other));
        }

        return WhiteSpaceLength(text);
    }

    /// <summary>The alternatives <c>\s*[\r\n]+</c>, <c>\s+(?!\S)</c> and <c>\s+</c>, on text that starts with white space.</summary>
    private static int WhiteSpaceLength(ReadOnlySpan<char> text)
    {
        int end = 0;
        int afterLineBreak = 0;
        for (; end < text.Length; end++)
        {
            // No supplementary code point is white space, so every one here is a single unit.
            CodePointClass unit = CodePointClasses.Of(text[end]);
            if (unit == CodePointClass.LineBreak)
            {
                afterLineBreak = end + 1;
            }
            else if (unit != CodePointClass.Space)
            {
                break;
            }
        }

        if (afterLineBreak > 0)
        {
            return afterLineBreak;
        }

        // The last white space before a word belongs to the next piece, unless it is the only one.
        return end == text.Length || end == 1 ? end : end - 1;
    }

    /// <summary>
    /// The first alternative; 0 when there is none. Under case folding U+017F (long s) equals <c>s</c>; no other letter outside ASCII
    /// folds to one of these.
    /// </summary>
    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 2 || text[0] != '\'')
        {
            return 0;
        }

        char first = Lower(text[1]);
        if (first is 's' or 't' or 'm' or 'd' or '\u017F')
        {
            return 2;
        }

        char second = text.Length > 2 ? Lower(text[2]) : '\0';
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    private static char Lower(char value) => char.IsAsciiLetterUpper(value) ? (char)(value | 0x20) : value;

    private static int RunEnd(ReadOnlySpan<char> text, int start, CodePointClass wanted)
    {
        int end = start;
        while (end < text.Length && Classify(text, end, out int length) == wanted)
        {
            end += length;
        }

        return end;
    }

    private static int LineBreaksEnd(ReadOnlySpan<char> text, int start)
    {
        int end = start;
        while (end < text.Length && text[end] is '\r' or '\n')
        {
            end++;
        }

        return end;
    }

    private static CodePointClass Classify(ReadOnlySpan<char> text, int index, out int length)
    {
        char unit = text[index];
        if (char.IsHighSurrogate(unit) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
        {
            length = 2;
            return CodePointClasses.Of(char.ConvertToUtf32(unit, text[index + 1]));
        }

        length = 1;
        return CodePointClasses.Of(unit);
    }
}
