using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Qwen3VL.Batch.Faults.Controls;
using Qwen3VL.Batch.Faults.Figures;
using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.Batch.Faults.Servers;
using Qwen3VL.Batch.Faults.Soak;

namespace Qwen3VL.Batch.Faults.Runs;

/// <summary>The program behind ops/faults.</summary>
internal static class FaultsProgram
{
    private const int Passed = 0;
    private const int Failed = 1;
    private const int WrongCommandLine = 2;
    private const int Interrupted = 130;

    // A clock's seed that a person can type again.
    private const int SeedRange = 1_000_000;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <summary>Runs it; returns the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, TextWriter output, TextWriter errors)
    {
        using var stop = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));
        try
        {
            switch (words.Count > 0 ? words[0] : "")
            {
                case "report":
                    return await ReportAsync([.. words.Skip(1)], output, stop.Token);
                case "soak":
                    return await SoakAsync([.. words.Skip(1)], output, stop.Token);
                default:
                    break;
            }

            FaultsOptions options = FaultsOptions.Parse(words, (int)(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() % SeedRange));
            return options.Command switch
            {
                "list" => List(output),
                "run" => await RunScenariosAsync(options, output, stop.Token),
                _ => Help(output),
            };
        }
        catch (Exception exception) when (exception is UsageException or ArgumentException)
        {
            await errors.WriteLineAsync("faults: " + exception.Message);
            return WrongCommandLine;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Interrupted;
        }
    }

    private static async Task<int> RunScenariosAsync(FaultsOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        IReadOnlyList<Scenario> scenarios = Catalogue.Select(options.Tier, options.Only);
        var watch = Stopwatch.StartNew();
        TextWriter lines = TextWriter.Synchronized(output);
        await lines.WriteLineAsync($"{scenarios.Count} scenarios, seed {options.Seed}");
        FaultServers servers = await FaultServers.StartAsync();
        IReadOnlyList<ScenarioResult> results;
        await using (servers)
        {
            // A signal takes the servers away: whatever a scenario waits for then fails at once, and its workers end with its world.
            Task<IReadOnlyList<ScenarioResult>> run = FaultRun.RunAsync(scenarios, options, servers, result => lines.WriteLine(result.Describe()), cancellationToken);
            await Task.WhenAny(run, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken));
            if (cancellationToken.IsCancellationRequested)
            {
                await servers.DisposeAsync();
            }

            results = await run;
        }

        if (options.Json is { } file)
        {
            await File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(results, Json), cancellationToken);
        }

        if (options.Record is { } record)
        {
            DateTimeOffset at = TimeProvider.System.GetUtcNow();
            await LastRun.RecordAsync(record, [.. results.Select(result => LastRun.Of(result, options.Tier, options.Commit, at))], cancellationToken);
        }

        int failed = results.Count(result => !result.Passed);
        await lines.WriteLineAsync($"{results.Count - failed} passed, {failed} failed in {watch.Elapsed.TotalSeconds:F0} s");
        return failed == 0 ? Passed : Failed;
    }

    private static async Task<int> ReportAsync(IReadOnlyList<string> words, TextWriter output, CancellationToken cancellationToken)
    {
        if (words.Contains("--help"))
        {
            await output.WriteLineAsync(ReportOptions.Help);
            return Passed;
        }

        int failed = await ReportProgram.RunAsync(ReportOptions.Parse(words), output, cancellationToken);
        return failed == 0 ? Passed : Failed;
    }

    private static async Task<int> SoakAsync(IReadOnlyList<string> words, TextWriter output, CancellationToken cancellationToken)
    {
        if (words.Contains("--help"))
        {
            await output.WriteLineAsync(SoakOptions.Help);
            return Passed;
        }

        bool passed = await SoakProgram.RunAsync(SoakOptions.Parse(words), output, cancellationToken);
        return passed ? Passed : Failed;
    }

    private static int List(TextWriter output)
    {
        foreach (Scenario scenario in Catalogue.All)
        {
            output.WriteLine($"{scenario.Id,-28} {Name(scenario.Tier),-5} {scenario.Fault}");
        }

        output.WriteLine();
        output.WriteLine("Faults of the list, the smallest tier that forces each, and what cannot be forced here:");
        foreach (FaultRow row in FaultTable.All)
        {
            output.WriteLine($"{row.Id,-28} {Name(row.Tier),-5} {row.Fault}{Note(row.Unavailable ?? row.Limit)}");
        }

        output.WriteLine();
        output.WriteLine("Guards, those behind them, and the negative controls that take them away:");
        foreach (GuardRow row in GuardTable.All)
        {
            string behind = row.Behind.Count == 0 ? "nothing behind it: the checker reports it" : "behind it: " + string.Join(", ", row.Behind);
            output.WriteLine($"{row.Guard,-28} against: {row.Against}; {behind} ({row.Scenario ?? "no control: " + row.Why})");
        }

        return Passed;
    }

    private static string Name(Tier? tier) => tier switch
    {
        Tier.Fast => "fast",
        Tier.Full => "full",
        _ => "-",
    };

    private static string Note(string text) => text.Length == 0 ? "" : $" ({text})";

    private static int Help(TextWriter output)
    {
        output.WriteLine(FaultsOptions.Help);
        return Passed;
    }

    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}
