namespace Qwen3VL.Engine.Tokenization;

/// <summary>The tags around the reasoning of a Thinking model (spec 5.6). Its output begins inside the reasoning, so it has no opening tag.</summary>
internal static class ReasoningTags
{
    /// <summary>The tag that opens reasoning.</summary>
    public const string Open = "<think>";

    /// <summary>The tag that closes reasoning.</summary>
    public const string Close = "</think>";
}
