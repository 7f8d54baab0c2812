using System.Globalization;
using System.Text;

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

    private enum CharacterClass
    {
        Letter,
        Number,
        LineBreak,
        Space,
        Other,
    }

    /// <summary>The length in UTF-16 units of the piece at the start of <paramref name="text"/>.</summary>
    /// <param name="text">Well-formed UTF-16 up to the end of the stretch between two added tokens; not empty.</param>
    public static int PieceLength(ReadOnlySpan<char> text)
    {
        int contraction = ContractionLength(text);
        if (contraction > 0)
        {
            return contraction;
        }

        CharacterClass first = Classify(text, 0, out int firstLength);
        if (first == CharacterClass.Letter)
        {
            return RunEnd(text, firstLength, CharacterClass.Letter);
        }

        if (first is CharacterClass.Space or CharacterClass.Other && firstLength < text.Length
            && Classify(text, firstLength, out _) == CharacterClass.Letter)
        {
            return RunEnd(text, firstLength, CharacterClass.Letter);
        }

        if (first == CharacterClass.Number)
        {
            return firstLength;
        }

        int symbols = text[0] == ' ' ? 1 : 0;
        int symbolsEnd = RunEnd(text, symbols, CharacterClass.Other);
        return symbolsEnd > symbols ? LineBreaksEnd(text, symbolsEnd) : WhiteSpaceLength(text);
    }

    /// <summary>The alternatives <c>\s*[\r\n]+</c>, <c>\s+(?!\S)</c> and <c>\s+</c>, on text that starts with white space.</summary>
    private static int WhiteSpaceLength(ReadOnlySpan<char> text)
    {
        int end = 0;
        int lastStart = 0;
        int afterLineBreak = 0;
        while (end < text.Length && Classify(text, end, out int length) is CharacterClass.Space or CharacterClass.LineBreak)
        {
            lastStart = end;
            afterLineBreak = text[end] is '\r' or '\n' ? end + length : afterLineBreak;
            end += length;
        }

        if (afterLineBreak > 0)
        {
            return afterLineBreak;
        }

        // The last white space before a word belongs to the next piece, unless it is the only one.
        return end == text.Length || lastStart == 0 ? end : lastStart;
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

    private static int RunEnd(ReadOnlySpan<char> text, int start, CharacterClass wanted)
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
        int offset = text[start..].IndexOfAnyExcept('\r', '\n');
        return offset < 0 ? text.Length : start + offset;
    }

    private static CharacterClass Classify(ReadOnlySpan<char> text, int index, out int length)
    {
        char unit = text[index];
        length = 1;
        if (char.IsAscii(unit))
        {
            return ClassifyAscii(unit);
        }

        if (char.IsSurrogate(unit) && Rune.DecodeFromUtf16(text[index..], out Rune rune, out length) == System.Buffers.OperationStatus.Done)
        {
            // No supplementary code point is white space.
            return OfCategory(Rune.GetUnicodeCategory(rune));
        }

        return IsWhiteSpace(unit) ? CharacterClass.Space : OfCategory(CharUnicodeInfo.GetUnicodeCategory(unit));
    }

    private static CharacterClass ClassifyAscii(char unit) => unit switch
    {
        '\r' or '\n' => CharacterClass.LineBreak,
        ' ' or (>= '\t' and <= '\r') => CharacterClass.Space,
        >= '0' and <= '9' => CharacterClass.Number,
        _ => char.IsAsciiLetter(unit) ? CharacterClass.Letter : CharacterClass.Other,
    };

    /// <summary>The Unicode property White_Space above ASCII, which is what <c>\s</c> means in the reference's expression engine.</summary>
    private static bool IsWhiteSpace(char unit) =>
        unit is '\u0085' or '\u00A0' or '\u1680' or (>= '\u2000' and <= '\u200A') or '\u2028' or '\u2029' or '\u202F' or '\u205F' or '\u3000';

    private static CharacterClass OfCategory(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
            or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
        _ => CharacterClass.Other,
    };
}
