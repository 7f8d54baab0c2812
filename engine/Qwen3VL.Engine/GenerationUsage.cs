namespace Qwen3VL.Engine;

/// <summary>Token counts of one request.</summary>
/// <param name="PromptTokens">All prompt tokens, placeholders of media included.</param>
/// <param name="CachedTokens">Prompt tokens whose keys and values were found in the prefix cache.</param>
/// <param name="ImageTokens">Prompt tokens that stand for images or video.</param>
/// <param name="OutputTokens">Generated tokens, the end token included.</param>
/// <param name="EngineTime">From admission to the last token.</param>
public sealed record GenerationUsage(int PromptTokens, int CachedTokens, int ImageTokens, int OutputTokens, TimeSpan EngineTime);
