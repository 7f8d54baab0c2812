using System.Collections.Concurrent;
using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.Batch.Faults.Servers;

namespace Qwen3VL.Batch.Faults.Runs;

/// <summary>Runs scenarios on one pair of servers: those that disturb nobody side by side, then those that disturb a server, one by one.</summary>
internal static class FaultRun
{
    /// <summary>The order in which scenarios are begun: those side by side with the longest first, so that all lanes end together; those alone last.</summary>
    public static IReadOnlyList<Scenario> Order(IReadOnlyList<Scenario> scenarios) =>
        [.. scenarios.OrderBy(scenario => scenario.RunsAlone).ThenByDescending(scenario => scenario.UsualSeconds)];

    /// <summary>Runs them; tells each result as it comes. Returns the results in the order of the scenarios.</summary>
    public static async Task<IReadOnlyList<ScenarioResult>> RunAsync(
        IReadOnlyList<Scenario> scenarios, FaultsOptions options, FaultServers servers, Action<ScenarioResult> tell, CancellationToken cancellationToken)
    {
        var results = new ConcurrentDictionary<string, ScenarioResult>();
        var together = new ParallelOptions { MaxDegreeOfParallelism = options.Parallel, CancellationToken = cancellationToken };
        IReadOnlyList<Scenario> ordered = Order(scenarios);
        await Parallel.ForEachAsync(ordered.Where(scenario => !scenario.RunsAlone), together, async (scenario, _) => await RunOneAsync(scenario));
        foreach (Scenario scenario in ordered.Where(scenario => scenario.RunsAlone))
        {
            cancellationToken.ThrowIfCancellationRequested();
            await RunOneAsync(scenario);
        }

        return [.. scenarios.Select(scenario => results[scenario.Id])];

        async Task RunOneAsync(Scenario scenario)
        {
            ScenarioResult result = await ScenarioRunner.RunAsync(scenario, servers, options.Seed, options.Tier);
            results[scenario.Id] = result;
            tell(result);
        }
    }
}
