using System.Runtime.InteropServices;
using System.Text;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Unicode normalisation form C (Unicode Standard Annex 15) with its own tables: <c>string.Normalize</c> does nothing when globalisation is
/// invariant and otherwise depends on the library of the host, while the ids of a text must not depend on the machine.
/// </summary>
internal static class NfcNormalizer
{
    /// <summary>
    /// The text in form C, every lone surrogate replaced by U+FFFD. Returns <paramref name="text"/> itself when nothing changes, else a
    /// new text. Time is linear but for the sorting of long runs of combining marks.
    /// </summary>
    public static ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        NormalizationTables tables = NormalizationTables.Default;
        if (IsNormalized(text, tables))
        {
            return text;
        }

        List<int> codePoints = Decompose(text, tables);
        Reorder(codePoints, tables);
        Compose(codePoints, tables);
        var builder = new StringBuilder(text.Length);
        foreach (int codePoint in codePoints)
        {
            AppendTo(builder, codePoint);
        }

        return builder.ToString();
    }

    private static bool IsNormalized(ReadOnlySpan<char> text, NormalizationTables tables)
    {
        // No code point below U+0300 is decomposed for good or composes with what precedes it.
        int start = text.IndexOfAnyExceptInRange('\0', '\u02FF');
        if (start < 0)
        {
            return true;
        }

        for (ReadOnlySpan<char> rest = text[start..]; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out Rune rune, out int consumed) != System.Buffers.OperationStatus.Done || !tables.IsSafe(rune.Value))
            {
                return false;
            }

            rest = rest[consumed..];
        }

        return true;
    }

    private static List<int> Decompose(ReadOnlySpan<char> text, NormalizationTables tables)
    {
        var result = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, tables, result);
        }

        return result;
    }

    private static void Decompose(int codePoint, NormalizationTables tables, List<int> result)
    {
        if (Hangul.TryDecompose(codePoint, out int leading, out int vowel, out int trailing))
        {
            result.Add(leading);
            result.Add(vowel);
            AddUnlessNone(trailing, result);
        }
        else if (tables.TryDecompose(codePoint, out int first, out int second))
        {
            // Only the first of a pair decomposes further.
            Decompose(first, tables, result);
            AddUnlessNone(second, result);
        }
        else
        {
            result.Add(codePoint);
        }
    }

    private static void AddUnlessNone(int codePoint, List<int> result)
    {
        if (codePoint != 0)
        {
            result.Add(codePoint);
        }
    }

    /// <summary>Sorts each run of non-starters by combining class, stably.</summary>
    private static void Reorder(List<int> codePoints, NormalizationTables tables)
    {
        Span<int> span = CollectionsMarshal.AsSpan(codePoints);
        for (int start = 0; start < span.Length; start++)
        {
            int end = start;
            bool ordered = true;
            int previous = 0;
            for (; end < span.Length && tables.CombiningClass(span[end]) is > 0 and var combiningClass; end++)
            {
                ordered &= combiningClass >= previous;
                previous = combiningClass;
            }

            if (!ordered)
            {
                Sort(span[start..end], tables);
            }

            start = end;
        }
    }

    private static void Sort(Span<int> run, NormalizationTables tables)
    {
        // One number per mark: class, then place (which makes the sort stable), then the mark itself in 21 bits.
        const int PlaceShift = 21;
        const int ClassShift = 53;
        var keys = new long[run.Length];
        for (int index = 0; index < run.Length; index++)
        {
            keys[index] = ((long)tables.CombiningClass(run[index]) << ClassShift) | ((long)index << PlaceShift) | (uint)run[index];
        }

        Array.Sort(keys);
        for (int index = 0; index < run.Length; index++)
        {
            run[index] = (int)(keys[index] & ((1L << PlaceShift) - 1));
        }
    }

    /// <summary>Composes in place: a mark joins the last starter unless a mark of the same or a higher class stands between them.</summary>
    private static void Compose(List<int> codePoints, NormalizationTables tables)
    {
        Span<int> span = CollectionsMarshal.AsSpan(codePoints);
        int length = 0;
        int starter = -1;
        int lastClass = -1;
        foreach (int codePoint in span)
        {
            int combiningClass = tables.CombiningClass(codePoint);
            if (starter >= 0 && lastClass < combiningClass && TryCompose(span[starter], codePoint, tables, out int composite))
            {
                span[starter] = composite;
                continue;
            }

            (starter, lastClass) = combiningClass == 0 ? (length, -1) : (starter, combiningClass);
            span[length++] = codePoint;
        }

        codePoints.RemoveRange(length, codePoints.Count - length);
    }

    private static bool TryCompose(int first, int second, NormalizationTables tables, out int composite) =>
        Hangul.TryCompose(first, second, out composite) || tables.TryCompose(first, second, out composite);

    private static void AppendTo(StringBuilder builder, int codePoint)
    {
        Span<char> units = stackalloc char[2];
        builder.Append(units[..new Rune(codePoint).EncodeToUtf16(units)]);
    }
}
