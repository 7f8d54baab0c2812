using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Qwen3VL.Batch.Storage;

/// <summary>
/// Makes any string fit for a PostgreSQL text or jsonb column. Model output and commands may hold what the database refuses: a NUL fails the
/// statement (22021, 22P05), a lone surrogate fails before anything is sent. One such character would otherwise fail its chunk for ever.
/// </summary>
internal static class StoredText
{
    /// <summary>Longest message of an error.</summary>
    public const int MessageLength = 2_000;

    /// <summary>Longest error code.</summary>
    public const int CodeLength = 100;

    /// <summary>Longest idempotency key.</summary>
    public const int KeyLength = 200;

    /// <summary>Longest label of a box: a line of text.</summary>
    public const int LabelLength = 10_000;

    /// <summary>Longest text of a page, caption, segment, summary or raw answer: far above what an output limit allows, far below 1 GB.</summary>
    public const int BodyLength = 4_000_000;

    /// <summary>
    /// The text, with U+FFFD for NUL and for each half of a broken surrogate pair, cut to <paramref name="maxLength"/> UTF-16 units without
    /// splitting a pair. The same string object when nothing is to do.
    /// </summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static string? Clean(string? text, int maxLength)
    {
        if (text is null || (text.Length <= maxLength && FirstBad(text) < 0))
        {
            return text;
        }

        var clean = new StringBuilder(Math.Min(text.Length, maxLength));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > maxLength)
            {
                break;
            }

            clean.Append(rune.Value == 0 ? "\uFFFD" : rune.ToString());
        }

        return clean.ToString();
    }

    private static int FirstBad(string text)
    {
        for (int index = 0; index < text.Length; index++)
        {
            if (char.IsSurrogate(text[index]))
            {
                if (index + 1 >= text.Length || !char.IsSurrogatePair(text[index], text[index + 1]))
                {
                    return index;
                }

                index++;
            }
            else if (text[index] == '\0')
            {
                return index;
            }
        }

        return -1;
    }
}
