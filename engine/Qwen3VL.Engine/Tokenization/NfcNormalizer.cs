using System.Buffers;
using System.Text;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Unicode normalisation form C (Unicode Standard Annex 15) with its own tables: <c>string.Normalize</c> does nothing when globalisation is
/// invariant and otherwise depends on the library of the host, while the ids of a text must not depend on the machine.
/// </summary>
/// <remarks>
/// Only the stretches that the quick check doubts are worked on, from the boundary before the doubt to the next one. Time is linear.
/// <code>
/// a b e ◌́ ◌̣ c d    the check doubts ◌́ (it may compose); e and c are boundaries
///     └─────┘        so this much is decomposed, ordered and composed; the rest is copied as it is
/// </code>
/// </remarks>
internal static class NfcNormalizer
{
    /// <summary>
    /// The text in form C by <see cref="NormalizationTables.Unicode14"/>, every lone surrogate replaced by U+FFFD. Returns
    /// <paramref name="text"/> itself when nothing changes, else a new text.
    /// </summary>
    public static ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text) => Normalize(text, NormalizationTables.Unicode14);

    /// <summary>The same by other tables.</summary>
    public static ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text, NormalizationTables tables)
    {
        StringBuilder? output = null;
        NfcStretch? stretch = null;
        int copied = 0;
        int offset = 0;
        while (TryFindDoubt(text, offset, tables, out int start, out int doubt))
        {
            stretch ??= new NfcStretch(tables);
            int end = FindBoundary(text, doubt, tables);
            ReadOnlySpan<char> normalized = stretch.Normalize(text[start..end]);
            if (!normalized.SequenceEqual(text[start..end]))
            {
                output ??= new StringBuilder(text.Length);
                output.Append(text[copied..start]).Append(normalized);
                copied = end;
            }

            offset = end;
        }

        return output is null ? text : output.Append(text[copied..]).ToString();
    }

    /// <summary>
    /// Finds the first place from <paramref name="offset"/>, itself a boundary, that may change, and the last boundary before it.
    /// </summary>
    private static bool TryFindDoubt(ReadOnlySpan<char> text, int offset, NormalizationTables tables, out int start, out int doubt)
    {
        start = offset;
        int lastClass = 0;
        for (int index = offset; index < text.Length;)
        {
            // No code point below U+0300 is decomposed for good or composes with what precedes it.
            int plain = text[index] < '\u0300' ? text[index..].IndexOfAnyExceptInRange('\0', '\u02FF') : 0;
            if (plain != 0)
            {
                index = plain < 0 ? text.Length : index + plain;
                (start, lastClass) = (index - 1, 0);
                continue;
            }

            bool isWellFormed = Rune.DecodeFromUtf16(text[index..], out Rune rune, out int length) == OperationStatus.Done;
            if (!isWellFormed || !tables.IsQuicklyNormalized(rune.Value, ref lastClass))
            {
                doubt = index;
                return true;
            }

            start = lastClass == 0 ? index : start;
            index += length;
        }

        doubt = text.Length;
        return false;
    }

    private static int FindBoundary(ReadOnlySpan<char> text, int doubt, NormalizationTables tables)
    {
        // At least the doubtful code point, for a lone surrogate becomes a boundary only when it is replaced.
        Rune.DecodeFromUtf16(text[doubt..], out Rune rune, out int length);
        int end = doubt + length;
        while (end < text.Length)
        {
            Rune.DecodeFromUtf16(text[end..], out rune, out length);
            if (tables.IsBoundary(rune.Value))
            {
                break;
            }

            end += length;
        }

        return end;
    }
}
