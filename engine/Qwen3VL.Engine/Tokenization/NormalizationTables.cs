using System.Globalization;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// Canonical decompositions, compositions and combining classes (<c>UnicodeNormalization.txt</c>, an embedded resource that names its Unicode
/// version). Hangul syllables are computed, not stored. Immutable.
/// </summary>
internal sealed class NormalizationTables
{
    // Every code point with a decomposition or a combining class is below this (the last is U+2FA1D).
    private const int Limit = 0x30000;
    private const int CodePointBits = 21;

    private readonly byte[] _combiningClass = new byte[Limit];
    private readonly bool[] _unsafe = new bool[Limit];
    private readonly Dictionary<int, (int First, int Second)> _decompositions = [];
    private readonly Dictionary<long, int> _compositions = [];

    private NormalizationTables()
    {
    }

    /// <summary>The tables of the embedded resource.</summary>
    public static NormalizationTables Default { get; } = Load();

    /// <summary>The canonical combining class; 0 for a starter.</summary>
    public int CombiningClass(int codePoint) => codePoint < Limit ? _combiningClass[codePoint] : 0;

    /// <summary>
    /// Whether a text of only such code points is in form C: a starter that is not decomposed for good and never the second of a composition.
    /// </summary>
    public bool IsSafe(int codePoint) => codePoint >= Limit || !_unsafe[codePoint];

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

    private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static NormalizationTables Load()
    {
        const string Resource = "Qwen3VL.Engine.Tokenization.UnicodeNormalization.txt";
        using Stream stream = typeof(NormalizationTables).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"embedded resource {Resource} must exist; got none");
        using var reader = new StreamReader(stream);
        var tables = new NormalizationTables();
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
            {
                tables.Add(line.Split(' '));
            }
        }

        Array.Fill(tables._unsafe, true, Hangul.FirstVowel, Hangul.NumVowels);
        Array.Fill(tables._unsafe, true, Hangul.BeforeFirstTrailing, Hangul.NumTrailing);
        return tables;
    }

    private void Add(string[] fields)
    {
        int codePoint = Hex(fields[1]);
        if (fields[0] == "c")
        {
            byte combiningClass = byte.Parse(fields[3], CultureInfo.InvariantCulture);
            int count = Hex(fields[2]) - codePoint + 1;
            Array.Fill(_combiningClass, combiningClass, codePoint, count);
            Array.Fill(_unsafe, true, codePoint, count);
            return;
        }

        int first = Hex(fields[2]);
        int second = fields.Length > 3 ? Hex(fields[3]) : 0;
        _decompositions.Add(codePoint, (first, second));
        if (fields[0] == "d")
        {
            _compositions.Add(Key(first, second), codePoint);
            _unsafe[second] = true;
        }
        else
        {
            _unsafe[codePoint] = true;
        }
    }
}
