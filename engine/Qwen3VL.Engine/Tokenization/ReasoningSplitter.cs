namespace Qwen3VL.Engine.Tokenization;

/// <summary>Splits the output of a Thinking model, which begins inside the reasoning and therefore has no opening tag (spec 5.6).</summary>
internal static class ReasoningSplitter
{
    /// <summary>The tag that opens reasoning.</summary>
    public const string OpenTag = "<think>";

    /// <summary>The tag that closes reasoning.</summary>
    public const string CloseTag = "</think>";

    /// <summary>Splits at the first closing tag; without one, everything is reasoning.</summary>
    public static ReasonedAnswer Split(string output)
    {
        int close = output.IndexOf(CloseTag, StringComparison.Ordinal);
        string reasoning = (close < 0 ? output : output[..close]).TrimStart('\n');
        if (reasoning.StartsWith(OpenTag, StringComparison.Ordinal))
        {
            reasoning = reasoning[OpenTag.Length..];
        }

        string answer = close < 0 ? "" : output[(close + CloseTag.Length)..].TrimStart('\n');
        return new ReasonedAnswer(reasoning.Trim('\n'), answer, close >= 0);
    }
}
