namespace Qwen3VL.TestKit.Cases;

/// <summary>One row of <c>tokenizer/*.json</c>: what a text is encoded to, and what its ids are decoded to where that is another text.</summary>
public sealed record TokenizerGolden(string Text, int[] Ids, string? Decoded = null, string? DecodedSkipSpecial = null);
