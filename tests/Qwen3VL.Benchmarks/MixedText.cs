using System.Globalization;
using System.Text;

namespace Qwen3VL.Benchmarks;

/// <summary>Text for tokenizer measurements, the same on every run: a mix of what documents hold, and what an attacker would send.</summary>
internal static class MixedText
{
    private const int Megabyte = 1 << 20;

    // Syllables rather than words of a list, so that pieces repeat as words do (few often, most seldom) without a corpus.
    private static readonly string[] Latin =
        ["the", "in", "ter", "na", "tion", "al", "doc", "u", "ment", "pre", "sent", "ing", "ed", "of", "com", "pu", "ta", "re", "port", "s", "y", "a", "é", "ü", "ß"];

    private static readonly string[] Cyrillic = ["при", "вет", "до", "ку", "мент", "на", "ста", "ров", "ие", "ть", "ом", "не"];
    private static readonly string[] Arabic = ["ال", "كتا", "ب", "مر", "حبا", "في", "من", "وث", "يقة", "عَ"];
    private static readonly string[] Devanagari = ["न", "मस्", "ते", "द", "स्ता", "वे", "ज़", "का", "हि", "न्दी"];
    private static readonly string[] Thai = ["สวัส", "ดี", "เอก", "สาร", "ภาษา", "ไทย", "นี้", "และ"];
    private static readonly string[] Emoji = ["😀", "🎉", "👨‍👩‍👧", "❤️", "🇯🇵", "🚀", "✅"];
    private static readonly string[] Code =
    [
        "for (int i = 0; i < n; i++)\n{\n    sum += values[i];\n}\n", "def load(path):\n    with open(path) as f:\n        return f.read()\n", "// see RFC-2119\n",
        "if (result is null)\n{\n    throw new InvalidOperationException(\"no result\");\n}\n\n", "SELECT id, name FROM items WHERE state = 'ready';\n",
    ];

    /// <summary>Prose of several scripts, code, JSON, tables of numbers, emoji and white space; at least <paramref name="sizeBytes"/> of UTF-8.</summary>
    public static string Create(int sizeBytes)
    {
        const int Seed = 1;
        var random = new Random(Seed);
        var builder = new StringBuilder();
        for (int bytes = 0; bytes < sizeBytes;)
        {
            int start = builder.Length;
            AppendParagraph(builder, random);
            bytes += Encoding.UTF8.GetByteCount(builder.ToString(start, builder.Length - start));
        }

        return builder.ToString();
    }

    /// <summary>A name and a megabyte of UTF-8 each that drives a careless tokenizer into quadratic time.</summary>
    public static IEnumerable<(string Name, string Text)> Adversarial()
    {
        string[] units = ["a", " ", "\n", "7", "\t", "-", "😀", "\u0301", "q\u0301\u0323", "\u0302\u0323", "字", "ア", "'s", "'", "<", "<|im_start|>", " \n", "\uD800", "가", "\u1100\u1161\u11A8"];
        foreach (string unit in units)
        {
            yield return ($"of {Escape(unit)}", string.Concat(Enumerable.Repeat(unit, Megabyte / Encoding.UTF8.GetByteCount(unit))));
        }

        var random = new Random(2);
        yield return ("of random letters", string.Concat(Enumerable.Range(0, Megabyte).Select(_ => (char)('a' + random.Next(26)))));
        yield return ("of random ideographs", string.Concat(Enumerable.Range(0, Megabyte / 3).Select(_ => (char)random.Next(0x4E00, 0x9FA6))));
        yield return ("of random marks", string.Concat(Enumerable.Range(0, Megabyte / 2).Select(_ => (char)random.Next(0x300, 0x34F))));
        yield return ("of random UTF-16 units", string.Concat(Enumerable.Range(0, Megabyte / 3).Select(_ => (char)random.Next(0x10000))));
    }

    private static void AppendParagraph(StringBuilder builder, Random random)
    {
        switch (random.Next(12))
        {
            case < 5:
                AppendWords(builder, random, Latin, " ");
                break;
            case 5:
                AppendWords(builder, random, Cyrillic, " ");
                break;
            case 6:
                AppendWords(builder, random, random.Next(2) == 0 ? Arabic : Devanagari, " ");
                break;
            case 7:
                AppendWords(builder, random, Thai, "");
                break;
            case 8:
                AppendIdeographs(builder, random);
                break;
            case 9:
                builder.Append(Code[random.Next(Code.Length)]);
                break;
            case 10:
                builder.Append(CultureInfo.InvariantCulture, $"{{\"id\": {random.Next()}, \"value\": {random.NextDouble():F3}, \"tags\": [\"{Latin[random.Next(Latin.Length)]}\", null]}}\n");
                break;
            default:
                builder.Append(CultureInfo.InvariantCulture, $"{random.Next(10_000)}\t{random.NextDouble():F2}  {Emoji[random.Next(Emoji.Length)]}    1,{random.Next(1000):000}.00\r\n\r\n");
                break;
        }
    }

    private static void AppendWords(StringBuilder builder, Random random, string[] syllables, string separator)
    {
        int words = random.Next(20, 120);
        for (int word = 0; word < words; word++)
        {
            for (int part = random.Next(1, 4); part > 0; part--)
            {
                // The square makes the first syllables frequent.
                double place = random.NextDouble();
                builder.Append(syllables[(int)(place * place * syllables.Length)]);
            }

            builder.Append(random.Next(12) == 0 ? ", " : separator);
        }

        builder.Append(".\n");
    }

    private static void AppendIdeographs(StringBuilder builder, Random random)
    {
        for (int count = random.Next(20, 200); count > 0; count--)
        {
            builder.Append(random.Next(15) == 0 ? '，' : random.Next(3) == 0 ? (char)random.Next(0x3041, 0x3094) : (char)random.Next(0x4E00, 0x5200));
        }

        builder.Append("。\n");
    }

    private static string Escape(string unit) => unit.All(character => char.IsAsciiLetterOrDigit(character) || "'<|>_-".Contains(character))
        ? unit
        : string.Concat(unit.Select(character => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}")));
}
