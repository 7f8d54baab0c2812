using Qwen3VL.Batch.Faults.Runs;
using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.Batch.Faults.Servers;

namespace Qwen3VL.Batch.FaultTests.Scenarios;

/// <summary>
/// The fast tier, run once for the whole assembly and side by side, as far as scenarios disturb nobody: they mostly wait. A test asks for the
/// result of its scenario. One alone: <c>ops/faults --only</c>.
/// </summary>
internal static class FastTier
{
    // Fixed, so that a merge is not refused for what another seed finds; ops/faults draws from the clock.
    private const int Seed = 7;

    private static readonly Lock Gate = new();
    private static Task<IReadOnlyList<ScenarioResult>>? _run;

    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> Scenarios { get; } = Catalogue.Select(Tier.Fast, []);

    /// <summary>How a scenario ended.</summary>
    public static async Task<ScenarioResult> ResultAsync(string id, FaultServers servers)
    {
        Task<IReadOnlyList<ScenarioResult>> run;
        lock (Gate)
        {
            run = _run ??= FaultRun.RunAsync(Scenarios, new FaultsOptions { Seed = Seed }, servers, static _ => { }, CancellationToken.None);
        }

        return (await run).Single(result => result.Id == id);
    }
}
