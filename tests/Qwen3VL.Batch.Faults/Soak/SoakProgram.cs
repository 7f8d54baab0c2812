using System.Globalization;
using System.Text.Json;
using Npgsql;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Checking.Rules;
using Qwen3VL.Batch.Faults.Figures;
using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.Batch.Faults.Servers;

namespace Qwen3VL.Batch.Faults.Soak;

/// <summary>Work and faults for a time; rules that hold at every moment are checked on the way, all of them at the end.</summary>
internal static class SoakProgram
{
    private const int PagesPerJob = 120;
    private const int WaitingChunks = 300;

    // Rules about one snapshot of the database: true at every moment, not only at rest.
    private static readonly IRule[] Rolling = [new CounterRule(), new ResultSetRule(), new BillRule()];

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(4);

    /// <summary>Runs it; true when nothing broke and nothing grew.</summary>
    public static async Task<bool> RunAsync(SoakOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        await using FaultServers servers = await FaultServers.StartAsync();
        World world = await World.CreateAsync(servers, "soak", options.Seed, Tier.Full);
        var problems = new List<string>();
        IReadOnlyList<SoakSample> samples;
        await using (world)
        {
            var faults = new SoakFaults(world);
            await using (new WorkFeed(world, PagesPerJob, WaitingChunks))
            {
                var sampler = new SoakSampler(world.Database, faults.Steady);
                await using (sampler)
                {
                    await BreakAsync(world, faults, sampler, options.Time, problems, output, cancellationToken);
                }

                samples = [.. sampler.Samples];
            }

            problems.AddRange(Stationarity.Judge(samples));
            if (!await world.SettleAsync(TimeSpan.FromMinutes(3)))
            {
                problems.Add("all must be at rest within 3 minutes of the last job; it was not");
            }

            CheckReport report = await world.CheckAsync();
            problems.AddRange(world.Problems);
            problems.AddRange(report.Violations.Select(violation => violation.ToString()));
            await output.WriteLineAsync("faults: " + string.Join(", ", faults.Counts.Select(count => $"{count.Value} x {count.Key}")));
            await output.WriteLineAsync(string.Join(", ", report.Counts.Select(count => $"{count.Key} {count.Value:F0}")));
        }

        if (options.Json is { } file)
        {
            await File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(samples), cancellationToken);
        }

        if (problems.Count == 0)
        {
            Directory.Delete(world.Folder.Path, recursive: true);
        }

        await output.WriteLineAsync(problems.Count == 0 ? "nothing broke and nothing grew" : $"FAILED (logs and ledgers in {world.Folder.Path}):\n  " + string.Join("\n  ", problems));
        return problems.Count == 0;
    }

    private static async Task BreakAsync(
        World world, SoakFaults faults, SoakSampler sampler, TimeSpan time, List<string> problems, TextWriter output, CancellationToken cancellationToken)
    {
        DateTimeOffset end = World.Time.GetUtcNow() + time;
        TimeSpan between = TimeSpan.FromMinutes(Math.Max(0.5, time.TotalMinutes / 20));
        DateTimeOffset look = World.Time.GetUtcNow() + between;
        await world.UntilDoneAsync(1);
        while (World.Time.GetUtcNow() < end)
        {
            await Task.Delay(Pause * (0.5 + world.Random.NextDouble()), World.Time, cancellationToken);
            await faults.BreakOneAsync(cancellationToken);
            if (World.Time.GetUtcNow() >= look)
            {
                look += between;
                problems.AddRange(await CheckNowAsync(world, cancellationToken));
                await output.WriteLineAsync(Line(sampler, problems.Count));
            }
        }
    }

    private static async Task<IReadOnlyList<string>> CheckNowAsync(World world, CancellationToken cancellationToken)
    {
        try
        {
            RunState now = await RunStateReader.ReadAsync(world.Database, cancellationToken);
            return [.. Rolling.SelectMany(rule => rule.Check(now, world.Expected).Take(3).Select(message => $"{rule.Id} on the way: {message}"))];
        }
        catch (NpgsqlException)
        {
            // Away at this moment; the next look comes.
            return [];
        }
    }

    private static string Line(SoakSampler sampler, int problems)
    {
        SoakSample[] samples = [.. sampler.Samples];
        if (samples.Length < 2)
        {
            return "nothing seen yet";
        }

        SoakSample last = samples[^1];
        SoakSample[] recent = [.. samples.Where(sample => sample.Seconds > last.Seconds - 60)];
        double rate = (last.Done - recent[0].Done) / Math.Max(1, last.Seconds - recent[0].Seconds);
        double claim = Statistics.Percentile([.. recent.Select(sample => sample.ClaimMs)], 0.99);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{last.Seconds,5:F0} s: {last.Done} chunks, {rate:F0}/s, worker {last.ResidentMiB:F0} MiB, {last.DeadTuples} dead rows, log {last.WalMiB:F0} MiB, {last.Groups} groups, {last.Outbox} events wait, claim p99 {claim:F1} ms, {problems} problems");
    }
}
