using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>Calls of the ledger in the form that most tests need.</summary>
internal static class LedgerCalls
{
    /// <summary>Claims of both common lanes, with no slot reserved.</summary>
    public static Task<IReadOnlyList<ClaimedGroup>> ClaimAsync(
        this IJobLedger ledger, long workerId, int count, TimeSpan leaseTime, CancellationToken cancellationToken) =>
        ledger.ClaimAsync(workerId, ClaimLimits.Of(count), leaseTime, cancellationToken);
}
