using System.Text;

namespace Qwen3VL.Batch.Results;

/// <summary>Makes generated text storable.</summary>
internal static class ModelText
{
    /// <summary>The text without the NUL characters that PostgreSQL refuses, and with lone surrogates replaced by U+FFFD.</summary>
    public static string Clean(string text)
    {
        if (!NeedsCleaning(text))
        {
            return text;
        }

        var clean = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value != 0)
            {
                clean.Append(rune);
            }
        }

        return clean.ToString();
    }

    private static bool NeedsCleaning(string text)
    {
        foreach (char c in text)
        {
            if (c == '\0' || char.IsSurrogate(c))
            {
                return true;
            }
        }

        return false;
    }
}
