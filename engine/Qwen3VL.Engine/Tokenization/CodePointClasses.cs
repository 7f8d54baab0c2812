namespace Qwen3VL.Engine.Tokenization;

/// <summary>
/// The classes that the split expression tells apart, by code point (<c>UnicodeClasses.txt</c>, Unicode 16.0.0: the version of Oniguruma 6.9.10,
/// with which the reference splits). Immutable.
/// </summary>
internal static class CodePointClasses
{
    // One byte each up to the last letter (U+323AF); no code point above has a class.
    private const int Limit = 0x32400;

    private static readonly CodePointClass[] Classes = Load();

    /// <summary>The class of a code point, or of a single UTF-16 unit: a surrogate is <see cref="CodePointClass.Other"/>.</summary>
    public static CodePointClass Of(int codePoint) => codePoint < Limit ? Classes[codePoint] : CodePointClass.Other;

    private static CodePointClass[] Load()
    {
        var classes = new CodePointClass[Limit];
        foreach (string[] fields in UnicodeResource.Read("UnicodeClasses.txt"))
        {
            int first = UnicodeResource.Hex(fields[1]);
            CodePointClass value = fields[0] switch
            {
                "L" => CodePointClass.Letter,
                "N" => CodePointClass.Number,
                _ => CodePointClass.Space,
            };
            Array.Fill(classes, value, first, UnicodeResource.Hex(fields[2]) - first + 1);
        }

        classes['\r'] = classes['\n'] = CodePointClass.LineBreak;
        return classes;
    }
}
