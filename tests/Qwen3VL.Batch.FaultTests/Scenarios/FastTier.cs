using System.Collections.Concurrent;
using Qwen3VL.Batch.Faults.Runs;
using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.Batch.Faults.Servers;

namespace Qwen3VL.Batch.FaultTests.Scenarios;

/// <summary>
/// The fast tier, run once for the whole assembly and side by side, as far as scenarios disturb nobody: they mostly wait. A test waits for its
/// own scenario, and no longer. One alone: <c>ops/faults --only</c>.
/// </summary>
internal static class FastTier
{
    // Fixed, so that a merge is not refused for what another seed finds; ops/faults draws from the clock.
    private const int Seed = 7;

    private static readonly Lock Gate = new();
    private static readonly ConcurrentDictionary<string, TaskCompletionSource<ScenarioResult>> Ends = new(
        Catalogue.Select(Tier.Fast, []).ToDictionary(
            scenario => scenario.Id, _ => new TaskCompletionSource<ScenarioResult>(TaskCreationOptions.RunContinuationsAsynchronously)));

    private static Task? _run;

    /// <summary>The scenarios, in the order in which they are begun.</summary>
    public static IReadOnlyList<Scenario> Scenarios { get; } = FaultRun.Order(Catalogue.Select(Tier.Fast, []));

    /// <summary>How a scenario ended.</summary>
    public static Task<ScenarioResult> ResultAsync(string id, FaultServers servers)
    {
        lock (Gate)
        {
            _run ??= RunAsync(servers);
        }

        return Ends[id].Task;
    }

    private static async Task RunAsync(FaultServers servers)
    {
        try
        {
            _ = await FaultRun.RunAsync(Scenarios, new FaultsOptions { Seed = Seed }, servers, result => Ends[result.Id].TrySetResult(result), CancellationToken.None);
        }
        catch (Exception exception)
        {
            // Broad on purpose: whatever ended the run, nobody may wait for a scenario that never comes.
            foreach (TaskCompletionSource<ScenarioResult> end in Ends.Values)
            {
                _ = end.TrySetException(exception);
            }
        }
    }
}
