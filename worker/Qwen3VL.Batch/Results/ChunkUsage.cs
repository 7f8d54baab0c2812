namespace Qwen3VL.Batch.Results;

/// <summary>Tokens and engine time that a chunk took.</summary>
/// <param name="Requests">Engine requests.</param>
/// <param name="PromptTokens">Prompt tokens.</param>
/// <param name="CachedTokens">Prompt tokens found in the prefix cache.</param>
/// <param name="ImageTokens">Prompt tokens that stand for pixels.</param>
/// <param name="OutputTokens">Generated tokens.</param>
/// <param name="EngineMicroseconds">Sum of the requests' engine time.</param>
internal sealed record ChunkUsage(int Requests, long PromptTokens, long CachedTokens, long ImageTokens, long OutputTokens, long EngineMicroseconds)
{
    /// <summary>Nothing used.</summary>
    public static ChunkUsage None { get; } = new(0, 0, 0, 0, 0, 0);
}
