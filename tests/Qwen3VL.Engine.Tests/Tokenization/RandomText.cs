using System.Text;

namespace Qwen3VL.Engine.Tests.Tokenization;

/// <summary>Seeded random text that is rich in what tokenizers get wrong: white space, marks, contractions, supplementary letters, digits.</summary>
internal sealed class RandomText(int seed)
{
    private static readonly string[] Fragments =
    [
        " ", "  ", "\n", "\r\n", "\t", "\u00A0", "\u3000", "\u0085", "\u180E", "\u001C", "'", "'s", "'LL", "'ve", "a", "Z", "the", " of", "1", "٣", "Ⅷ", "²",
        ".", ",", "!?", "{}", "<|im_end|>", "<", "é", "e\u0301", "\u0301", "\u0323", "ß", "ж", "字", "かな", "한글", "\u1100\u1161\u11A8", "\u0E59", "ด้วย", "\u093E",
        "𝒜", "𠮷", "𝟘", "😀", "👨‍👩‍👧", "\uFEFF", "\uFFFD", "\uE000", "\u212B", "ﬁ", "\0",
    ];

    private readonly Random _random = new(seed);

    public string Next(int maxParts)
    {
        var builder = new StringBuilder();
        int parts = _random.Next(maxParts + 1);
        for (int part = 0; part < parts; part++)
        {
            _ = _random.Next(4) == 0 ? builder.Append(AnyRune()) : builder.Append(Fragments[_random.Next(Fragments.Length)]);
        }

        return builder.ToString();
    }

    /// <summary>Cuts a text at random places, possibly inside a surrogate pair.</summary>
    public IReadOnlyList<string> Cut(string text)
    {
        var pieces = new List<string>();
        for (int start = 0; start < text.Length;)
        {
            int length = _random.Next(0, Math.Min(5, text.Length - start) + 1);
            pieces.Add(text.Substring(start, length));
            start += length;
        }

        return pieces;
    }

    private Rune AnyRune()
    {
        while (true)
        {
            // Half from the basic plane's first blocks, half from anywhere.
            int value = _random.Next(2) == 0 ? _random.Next(0x3000) : _random.Next(0x110000);
            if (Rune.TryCreate(value, out Rune rune))
            {
                return rune;
            }
        }
    }
}
