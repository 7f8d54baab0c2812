namespace Qwen3VL.Engine.Scheduling;

/// <summary>A sequence's part of one step.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="FirstToken">Index of the first token to compute: its computed tokens before the step.</param>
/// <param name="NumTokens">Tokens to compute; at least 1.</param>
internal readonly record struct ScheduledSequence(SequenceState Sequence, int FirstToken, int NumTokens)
{
    /// <summary>Whether the step reaches the last known token, so that logits are wanted.</summary>
    public bool WantsLogits => FirstToken + NumTokens == Sequence.NumKnownTokens;
}
