using System.Buffers;
using System.Globalization;
using System.Text;

namespace Qwen3VL.Batch;

/// <summary>
/// Makes text from models, documents and file names harmless on a terminal and in a log: escape sequences could move the cursor, set the title or
/// rewrite what was printed before, line breaks could pose as another line, and direction marks could show another order than the one stored.
/// </summary>
internal static class SafeText
{
    // Bidirectional overrides and isolates: U+202A..U+202E, U+2066..U+2069, and the marks U+200E, U+200F, U+061C.
    private static readonly SearchValues<char> DirectionMarks = SearchValues.Create(
        "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\u200E\u200F\u061C");

    /// <summary>The text without control characters and direction marks; line breaks become <c>\n</c>, tabs stay.</summary>
    public static string Lines(string text)
    {
        if (!NeedsWork(text, keepLines: true))
        {
            return text;
        }

        return Strip(text.Replace("\r\n", "\n", StringComparison.Ordinal), keepLines: true);
    }

    /// <summary>The text on one line: line breaks and tabs become spaces.</summary>
    public static string Line(string text) => NeedsWork(text, keepLines: false) ? Strip(text, keepLines: false) : text;

    private static bool NeedsWork(string text, bool keepLines)
    {
        foreach (char c in text)
        {
            bool allowed = keepLines && (c is '\n' or '\t');
            if (!allowed && IsUnsafe(c))
            {
                return true;
            }
        }

        return false;
    }

    private static string Strip(string text, bool keepLines)
    {
        StringBuilder safe = new(text.Length);
        foreach (char c in text)
        {
            if (c is '\n' or '\t' or '\r')
            {
                safe.Append(keepLines ? (c == '\r' ? '\n' : c) : ' ');
            }
            else if (!IsUnsafe(c))
            {
                safe.Append(c);
            }
        }

        return safe.ToString();
    }

    private static bool IsUnsafe(char c) =>
        char.IsControl(c) || DirectionMarks.Contains(c) || (
            char.GetUnicodeCategory(c) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
