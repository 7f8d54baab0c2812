namespace Qwen3VL.Engine.Execution;

/// <summary>Which tokens end or structure an answer: facts of the checkpoint, equal for all requests.</summary>
/// <param name="EosTokenIds">Ids that end a turn.</param>
/// <param name="StartsInReasoning">Whether an answer begins inside the reasoning.</param>
/// <param name="OpenReasoningTokenId">The id that opens reasoning; -1 when the tokenizer has none.</param>
/// <param name="CloseReasoningTokenId">The id that closes it; -1 when the tokenizer has none.</param>
internal sealed record StopRules(int[] EosTokenIds, bool StartsInReasoning, int OpenReasoningTokenId, int CloseReasoningTokenId)
{
    /// <summary>Whether a token ends the turn.</summary>
    public bool IsEnd(int tokenId) => Array.IndexOf(EosTokenIds, tokenId) >= 0;
}
