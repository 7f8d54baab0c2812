namespace Qwen3VL.Engine;

/// <summary>
/// What the answer must look like, enforced token by token: a token that would leave the form is never chosen, and the end of the turn only
/// where the answer is complete. The reasoning of a Thinking checkpoint is free; the form holds for what follows it.
/// </summary>
/// <remarks>
/// An answer that reaches its output limit ends with <see cref="FinishReason.Length"/> where it stands and may be cut. Stop strings, banned and
/// allowed token ids cannot be combined with a constraint: they could cut the form or leave no token to go on with.
/// </remarks>
public abstract record OutputConstraint
{
    private protected OutputConstraint()
    {
    }
}
