using System.Diagnostics;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Servers;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Runs one scenario from an empty world to the check, and never leaves anything behind but, after a failure, its folder.</summary>
internal static class ScenarioRunner
{
    /// <summary>Runs it. Failures of the scenario are in the result, not thrown.</summary>
    public static async Task<ScenarioResult> RunAsync(Scenario scenario, FaultServers servers, int seed, Tier tier)
    {
        if (scenario.Unavailable() is { } reason)
        {
            return new ScenarioResult(scenario.Id, scenario.Fault, seed, 0, [], [], new Dictionary<string, double>(), [], "") { Skipped = reason };
        }

        var watch = Stopwatch.StartNew();
        var problems = new List<string>();
        CheckReport report = new([], new Dictionary<string, double>());
        World? world = null;
        try
        {
            world = await World.CreateAsync(servers, scenario.Id, seed, tier);
            await scenario.RunAsync(world);
            if (!await world.SettleAsync(scenario.SettleLimit) && scenario.MustReport.Count == 0)
            {
                problems.Add($"all must be at rest within {scenario.SettleLimit.TotalSeconds:F0} s; it was not");
            }

            report = await world.CheckAsync();
        }
        catch (Exception exception)
        {
            // Broad on purpose: the edge of a scenario. Whatever it was, the other scenarios go on.
            problems.Add(Text(exception));
        }

        problems.AddRange(Judge(scenario, report));
        if (world is not null)
        {
            problems.AddRange(world.Problems);
            await EndAsync(world, problems);
        }

        var counts = new Dictionary<string, double>(report.Counts);
        foreach ((string name, double value) in world?.Counts ?? [])
        {
            counts[name] = value;
        }

        return new ScenarioResult(
            scenario.Id, scenario.Fault, seed, watch.Elapsed.TotalSeconds, problems, report.Violations, counts, world?.Expected.Recoveries ?? [], world?.Folder.Path ?? "");
    }

    // The database goes with the world: what it said is written down before.
    private static async Task EndAsync(World world, List<string> problems)
    {
        try
        {
            if (problems.Count > 0)
            {
                await StateDump.WriteAsync(world.Database, world.Folder.Below("database.txt"));
            }

            await world.DisposeAsync();
            if (problems.Count == 0)
            {
                Directory.Delete(world.Folder.Path, recursive: true);
            }
        }
        catch (Exception exception)
        {
            // Broad on purpose, as above: a world that cannot be ended fails its own scenario only.
            problems.Add(Text(exception));
        }
    }

    private static string Text(Exception exception) => exception is AggregateException all
        ? string.Join("; ", all.InnerExceptions.Select(Text))
        : $"{exception.GetType().Name}: {exception.Message} {exception.StackTrace}";

    private static IEnumerable<string> Judge(Scenario scenario, CheckReport report)
    {
        if (scenario.MustReport.Count == 0)
        {
            return report.Violations.Select(violation => violation.ToString());
        }

        return scenario.MustReport
            .Where(wanted => !report.Violations.Any(violation => violation.Rule == wanted || violation.Message.Contains(wanted, StringComparison.Ordinal)))
            .Select(wanted => $"the checker must report '{wanted}' without the guard; got [{string.Join("; ", report.Violations)}]");
    }
}
