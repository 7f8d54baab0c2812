using System.Runtime.InteropServices;
using System.Text;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Brings a stretch of text between two boundaries to form C: decomposes, orders marks, composes. Owns its buffers, which it reuses; one
/// caller at a time.
/// </summary>
internal sealed class NfcStretch(NormalizationTables tables)
{
    private const int NumClasses = 256;

    // Counting pays off only for runs beyond any real text's; below, insertion moves less than counting clears.
    private const int MaxInsertionRun = 64;

    private readonly List<int> _codePoints = [];
    private readonly List<int> _unordered = [];
    private char[] _output = new char[64];

    /// <summary>The stretch in form C, lone surrogates replaced by U+FFFD; valid until the next call.</summary>
    public ReadOnlySpan<char> Normalize(ReadOnlySpan<char> text)
    {
        _codePoints.Clear();
        foreach (Rune rune in text.EnumerateRunes())
        {
            Decompose(rune.Value);
        }

        Reorder(CollectionsMarshal.AsSpan(_codePoints));
        ReadOnlySpan<int> composed = Compose(CollectionsMarshal.AsSpan(_codePoints));
        if (_output.Length < 2 * composed.Length)
        {
            _output = new char[Math.Max(2 * composed.Length, 2 * _output.Length)];
        }

        int length = 0;
        foreach (int codePoint in composed)
        {
            length += new Rune(codePoint).EncodeToUtf16(_output.AsSpan(length));
        }

        return _output.AsSpan(0, length);
    }

    private void Decompose(int codePoint)
    {
        if (Hangul.TryDecompose(codePoint, out int leading, out int vowel, out int trailing))
        {
            _codePoints.Add(leading);
            _codePoints.Add(vowel);
            AddUnlessNone(trailing);
        }
        else if (tables.TryDecompose(codePoint, out int first, out int second))
        {
            // Only the first of a pair decomposes further.
            Decompose(first);
            AddUnlessNone(second);
        }
        else
        {
            _codePoints.Add(codePoint);
        }
    }

    private void AddUnlessNone(int codePoint)
    {
        if (codePoint != 0)
        {
            _codePoints.Add(codePoint);
        }
    }

    /// <summary>Sorts each run of marks by combining class, stably.</summary>
    private void Reorder(Span<int> codePoints)
    {
        for (int start = 0; start < codePoints.Length; start++)
        {
            int end = start;
            bool isOrdered = true;
            int previous = 0;
            for (; end < codePoints.Length && tables.CombiningClass(codePoints[end]) is > 0 and var combiningClass; end++)
            {
                isOrdered &= combiningClass >= previous;
                previous = combiningClass;
            }

            if (!isOrdered && end - start <= MaxInsertionRun)
            {
                SortByInsertion(codePoints[start..end]);
            }
            else if (!isOrdered)
            {
                SortByCounting(codePoints[start..end]);
            }

            start = end;
        }
    }

    private void SortByInsertion(Span<int> run)
    {
        for (int index = 1; index < run.Length; index++)
        {
            int mark = run[index];
            int place = index;
            for (; place > 0 && tables.CombiningClass(run[place - 1]) > tables.CombiningClass(mark); place--)
            {
                run[place] = run[place - 1];
            }

            run[place] = mark;
        }
    }

    /// <summary>Linear, so a megabyte of marks is no attack.</summary>
    private void SortByCounting(Span<int> run)
    {
        Span<int> next = stackalloc int[NumClasses];
        next.Clear();
        foreach (int mark in run)
        {
            next[tables.CombiningClass(mark)]++;
        }

        int total = 0;
        foreach (ref int count in next)
        {
            (count, total) = (total, total + count);
        }

        _unordered.Clear();
        _unordered.AddRange(run);
        foreach (int mark in _unordered)
        {
            run[next[tables.CombiningClass(mark)]++] = mark;
        }
    }

    /// <summary>Composes in place: a mark joins the last starter unless a mark of the same or a higher class stands between them.</summary>
    private ReadOnlySpan<int> Compose(Span<int> codePoints)
    {
        int length = 0;
        int starter = -1;
        int lastClass = -1;
        foreach (int codePoint in codePoints)
        {
            int combiningClass = tables.CombiningClass(codePoint);
            if (starter >= 0 && lastClass < combiningClass && TryCompose(codePoints[starter], codePoint, out int composite))
            {
                codePoints[starter] = composite;
                continue;
            }

            (starter, lastClass) = combiningClass == 0 ? (length, -1) : (starter, combiningClass);
            codePoints[length++] = codePoint;
        }

        return codePoints[..length];
    }

    private bool TryCompose(int first, int second, out int composite) =>
        Hangul.TryCompose(first, second, out composite) || tables.TryCompose(first, second, out composite);
}
