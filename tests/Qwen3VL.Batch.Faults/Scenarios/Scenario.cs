namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>One fault and what is done under it.</summary>
/// <param name="Id">Number in the list of faults with a word where there are several: <c>F2-after_claim</c>.</param>
/// <param name="Fault">What is injected, for reports.</param>
/// <param name="RunAsync">Does it: starts workers, sends work, breaks things, and says what must be found. The runner settles and checks after it.</param>
internal sealed record Scenario(string Id, string Fault, Func<World, Task> RunAsync)
{
    /// <summary>Smallest tier that it is part of.</summary>
    public Tier Tier { get; init; } = Tier.Full;

    /// <summary>Whether it disturbs a server, so that no other may run beside it.</summary>
    public bool RunsAlone { get; init; }

    /// <summary>
    /// For a negative control: rules, or texts of messages, each of which the checker must report, because a guard was taken away. Whatever else
    /// it reports is a consequence.
    /// </summary>
    public IReadOnlyList<string> MustReport { get; init; } = [];

    /// <summary>About how long the fast tier's takes, for those that take longer than most: these are begun first.</summary>
    public int UsualSeconds { get; init; }

    /// <summary>Longest that jobs may take to end after the scenario's own part.</summary>
    public TimeSpan SettleLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Says why this machine cannot run it; null when it can.</summary>
    public Func<string?> Unavailable { get; init; } = static () => null;

    /// <inheritdoc/>
    public override string ToString() => Id;
}
