namespace Qwen3VL.Engine.Tokenization;

/// <summary>Composition and decomposition of Hangul syllables by arithmetic (The Unicode Standard, section 3.12).</summary>
internal static class Hangul
{
    /// <summary>The first vowel (V) jamo.</summary>
    public const int FirstVowel = 0x1161;

    /// <summary>Vowel jamo that compose.</summary>
    public const int NumVowels = 21;

    /// <summary>One before the first trailing consonant (T) jamo; stands for "none".</summary>
    public const int BeforeFirstTrailing = 0x11A7;

    /// <summary>Trailing consonants that compose, "none" included.</summary>
    public const int NumTrailing = 28;

    private const int FirstSyllable = 0xAC00;
    private const int FirstLeading = 0x1100;
    private const int NumLeading = 19;
    private const int NumSyllables = NumLeading * NumVowels * NumTrailing;

    /// <summary>Splits a syllable into leading, vowel and trailing jamo; <paramref name="trailing"/> is 0 when it has none.</summary>
    public static bool TryDecompose(int codePoint, out int leading, out int vowel, out int trailing)
    {
        int index = codePoint - FirstSyllable;
        if (index is < 0 or >= NumSyllables)
        {
            leading = vowel = trailing = 0;
            return false;
        }

        leading = FirstLeading + (index / (NumVowels * NumTrailing));
        vowel = FirstVowel + (index / NumTrailing % NumVowels);
        trailing = index % NumTrailing == 0 ? 0 : BeforeFirstTrailing + (index % NumTrailing);
        return true;
    }

    /// <summary>Composes leading + vowel, or a syllable without trailing consonant + trailing.</summary>
    public static bool TryCompose(int first, int second, out int composite)
    {
        if (first - FirstLeading is >= 0 and < NumLeading && second - FirstVowel is >= 0 and < NumVowels)
        {
            composite = FirstSyllable + ((((first - FirstLeading) * NumVowels) + second - FirstVowel) * NumTrailing);
            return true;
        }

        if (first - FirstSyllable is >= 0 and < NumSyllables && (first - FirstSyllable) % NumTrailing == 0
            && second - BeforeFirstTrailing is > 0 and < NumTrailing)
        {
            composite = first + second - BeforeFirstTrailing;
            return true;
        }

        composite = 0;
        return false;
    }
}
