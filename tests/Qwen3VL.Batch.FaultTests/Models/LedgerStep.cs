namespace Qwen3VL.Batch.FaultTests.Models;

/// <summary>
/// One operation. The numbers choose among what there is when it runs (a job, a lease, a chunk), by remainder: a step still means something when
/// others before it are taken away, which is what shrinking does.
/// </summary>
internal sealed record LedgerStep(StepKind Kind, int First, int Second, int Third)
{
    // Work goes on more often than it is disturbed: otherwise nothing ever ends well.
    private static readonly (StepKind Kind, int Weight)[] Weights =
    [
        (StepKind.Submit, 5), (StepKind.Claim, 7), (StepKind.Plan, 9), (StepKind.FailPlanning, 1), (StepKind.Begin, 6), (StepKind.Complete, 18),
        (StepKind.Fail, 1), (StepKind.Retry, 2), (StepKind.Release, 2), (StepKind.ReleaseLost, 1), (StepKind.Finish, 5), (StepKind.ExpireAndSweep, 4),
        (StepKind.Sweep, 1), (StepKind.Cancel, 1), (StepKind.Overdue, 1), (StepKind.SetPriority, 2), (StepKind.Heal, 1),
    ];

    private static readonly StepKind[] Weighted = [.. Weights.SelectMany(weight => Enumerable.Repeat(weight.Kind, weight.Weight))];

    /// <summary>Steps of a seed.</summary>
    public static IReadOnlyList<LedgerStep> Draw(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new LedgerStep(Weighted[random.Next(Weighted.Length)], random.Next(1 << 16), random.Next(1 << 16), random.Next(1 << 16)))];
}
