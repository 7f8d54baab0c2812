namespace Qwen3VL.Engine.Constraints;

/// <summary>One state of a rule: where it goes on bytes, for free and through other rules. Changed by the builder only.</summary>
internal sealed class GrammarState
{
    /// <summary>Steps over one byte.</summary>
    public List<ByteEdge> Bytes { get; } = [];

    /// <summary>States reached for free.</summary>
    public List<int> Epsilons { get; } = [];

    /// <summary>Steps over another rule.</summary>
    public List<CallEdge> Calls { get; } = [];

    /// <summary>Whether the rule may end here.</summary>
    public bool Accepts { get; set; }

    /// <summary>Whether the rule can only end here: a call that returns to it needs no frame.</summary>
    public bool OnlyAccepts => Accepts && Bytes.Count == 0 && Epsilons.Count == 0 && Calls.Count == 0;
}
