using System.Globalization;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Canonical decompositions, compositions and combining classes of one Unicode version (<c>UnicodeNormalization.txt</c>). Hangul syllables are
/// computed, not stored. Immutable.
/// </summary>
internal sealed class NormalizationTables
{
    // Every code point with a decomposition or a combining class is below this (the last is U+2FA1D).
    private const int Limit = 0x30000;
    private const int CodePointBits = 21;

    // In _quickCheck: not a combining class (the highest is 240).
    private const byte NeedsWork = byte.MaxValue;

    private static readonly Lazy<NormalizationTables> LazyUnicode9 = new(() => Load(withLater: false));
    private static readonly Lazy<NormalizationTables> LazyUnicode14 = new(() => Load(withLater: true));

    private readonly byte[] _combiningClass = new byte[Limit];
    private readonly byte[] _quickCheck = new byte[Limit];
    private readonly Dictionary<int, (int First, int Second)> _decompositions = [];
    private readonly Dictionary<long, int> _compositions = [];

    private NormalizationTables()
    {
    }

    /// <summary>
    /// Unicode 9.0.0: what the reference tokenizer normalises by (huggingface/tokenizers takes form C from the crate
    /// <c>unicode-normalization-alignments</c> 0.1.12, whose tables are of that version). Later marks are ordinary characters there.
    /// </summary>
    public static NormalizationTables Unicode9 => LazyUnicode9.Value;

    /// <summary>Unicode 14.0.0: form C of text in general.</summary>
    public static NormalizationTables Unicode14 => LazyUnicode14.Value;

    /// <summary>The canonical combining class; 0 for a starter.</summary>
    public int CombiningClass(int codePoint) => codePoint < Limit ? _combiningClass[codePoint] : 0;

    /// <summary>
    /// Whether a code point never changes, nor what stands before it: a starter that is not decomposed for good and never the second of a
    /// composition. Text can be normalised apart on both sides of the place before it.
    /// </summary>
    public bool IsBoundary(int codePoint) => codePoint >= Limit || _quickCheck[codePoint] == 0;

    /// <summary>
    /// The quick check of Unicode Standard Annex 15, section 9: false when the code point may change, or stands behind a mark of a higher
    /// class. <paramref name="lastClass"/> is the class of the code point before it and becomes its own.
    /// </summary>
    public bool IsQuicklyNormalized(int codePoint, ref int lastClass)
    {
        int check = codePoint < Limit ? _quickCheck[codePoint] : 0;
        bool isNormalized = check == 0 || (check != NeedsWork && check >= lastClass);
        lastClass = check;
        return isNormalized;
    }

    /// <summary>One step of canonical decomposition; <paramref name="second"/> is 0 when it is a single code point.</summary>
    public bool TryDecompose(int codePoint, out int first, out int second)
    {
        bool found = _decompositions.TryGetValue(codePoint, out (int First, int Second) pair);
        (first, second) = pair;
        return found;
    }

    /// <summary>The primary composite of two code points, Hangul not included.</summary>
    public bool TryCompose(int first, int second, out int composite) => _compositions.TryGetValue(Key(first, second), out composite);

    private static long Key(int first, int second) => ((long)first << CodePointBits) | (uint)second;

    private static NormalizationTables Load(bool withLater)
    {
        var tables = new NormalizationTables();
        foreach (string[] fields in UnicodeResource.Read("UnicodeNormalization.txt"))
        {
            bool isStartOfLater = fields[0] == "v";
            if (isStartOfLater && !withLater)
            {
                break;
            }

            if (!isStartOfLater)
            {
                tables.Add(fields);
            }
        }

        Array.Fill(tables._quickCheck, NeedsWork, Hangul.FirstVowel, Hangul.NumVowels);
        Array.Fill(tables._quickCheck, NeedsWork, Hangul.BeforeFirstTrailing, Hangul.NumTrailing);
        return tables;
    }

    private void Add(string[] fields)
    {
        int codePoint = UnicodeResource.Hex(fields[1]);
        int first = UnicodeResource.Hex(fields[2]);
        if (fields[0] == "c")
        {
            AddClass(codePoint, first, byte.Parse(fields[3], CultureInfo.InvariantCulture));
            return;
        }

        int second = fields.Length > 3 ? UnicodeResource.Hex(fields[3]) : 0;
        _decompositions.Add(codePoint, (first, second));
        if (fields[0] == "d")
        {
            _compositions.Add(Key(first, second), codePoint);
            _quickCheck[second] = NeedsWork;
        }
        else
        {
            _quickCheck[codePoint] = NeedsWork;
        }
    }

    private void AddClass(int firstCodePoint, int lastCodePoint, byte combiningClass)
    {
        for (int codePoint = firstCodePoint; codePoint <= lastCodePoint; codePoint++)
        {
            _combiningClass[codePoint] = combiningClass;
            _quickCheck[codePoint] = Math.Max(_quickCheck[codePoint], combiningClass);
        }
    }
}
