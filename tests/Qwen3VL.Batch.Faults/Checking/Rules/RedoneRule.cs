using Qwen3VL.Batch.Faults.Ledger;

namespace Qwen3VL.Batch.Faults.Checking.Rules;

/// <summary>I9: no more is done twice than the fault explains. Counted where it happens, by the engine's process.</summary>
internal sealed class RedoneRule : IRule
{
    /// <inheritdoc/>
    public string Id => "I9";

    /// <summary>Executions of chunks beyond one each.</summary>
    public static int Count(RunState state) => state.Ledger.Where(record => record.Event == LedgerEvent.EngineStarted)
        .GroupBy(record => (record.Job, record.Chunk)).Sum(group => group.Count() - 1);

    /// <summary>Claims of groups beyond one each: the fence counts them, also those whose worker died before it could write them down.</summary>
    /// <remarks>
    /// More than leases that ran out. A group that is given back in order (a drain, a retry, a database that is away) is claimed again too, and a
    /// chunk's group of its own after a crash takes over the fence of the group that it was in, and so that one's claims. The bound is therefore
    /// loose where groups are given back often; <see cref="RunExpectation.MaxRedone"/> is the sharp one.
    /// </remarks>
    public static int LostClaims(RunState state) => state.Ledger.Where(record => record.Event == LedgerEvent.Claimed)
        .GroupBy(record => (record.Job, record.Chunk)).Sum(group => (int)(group.Max(record => record.Fence) ?? 1) - 1);

    /// <inheritdoc/>
    public IEnumerable<string> Check(RunState state, RunExpectation expected)
    {
        int redone = Count(state);
        if (expected.MaxRedone is { } bound && redone > bound)
        {
            yield return $"chunks done again must be at most {bound}; got {redone}";
        }

        // However many leases a slow machine loses: each explains no more than what was in flight under it.
        if (expected.RedonePerLostClaim is { } each && redone > each * LostClaims(state))
        {
            yield return $"chunks done again must be at most {each} for each of {LostClaims(state)} further claims; got {redone}";
        }
    }
}
