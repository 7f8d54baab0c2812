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
            yield return $"chunks done again must be at most {each} for each of {LostClaims(state)} claims that came to nothing; got {redone}";
        }
    }
}
