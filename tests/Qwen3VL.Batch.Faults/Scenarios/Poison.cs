using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Processes;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>Work that breaks who does it: bad answers (F20), crashes (F21), memory (F22).</summary>
internal static class Poison
{
    /// <summary>The scenarios.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("F20", "pages that always throw, are refused, or are answered with text that attacks what stores it", ContentAsync) { Tier = Tier.Fast },
        new("F21", "a page that kills its worker whenever it is read", CrashAsync) { Tier = Tier.Fast, UsualSeconds = 25, SettleLimit = TimeSpan.FromSeconds(90) },
        new("F22-too_large", "pages that the engine has no room for until they are made smaller", TooLargeAsync) { Tier = Tier.Fast },
        new("F22", "a page that takes all memory whenever it is read", MemoryAsync) { SettleLimit = TimeSpan.FromSeconds(180) },
    ];

    private static async Task ContentAsync(World world)
    {
        const int megaByte = 1 << 20;
        const int throws = 2;
        const int refused = 5;
        int[] hostile = [3, 7];
        world.Folder.WriteOrders(
        [
            new FaultOrder(FaultAction.Throw) { PageNo = throws, Value = megaByte },
            new FaultOrder(FaultAction.Refuse) { PageNo = refused },
            .. hostile.Select(page => new FaultOrder(FaultAction.Hostile) { PageNo = page, Value = world.ByTier(2, 50) * megaByte }),
        ]);
        WorkerProcess worker = world.StartWorker();
        ExpectedJob job = world.NewJob(8, JobTaskKind.Ocr, JobTaskKind.Spotting) with { States = ["partial"], PoisonPages = [throws, refused], HostilePages = hostile };
        await world.SubmitAsync(job);
        await world.UntilEndedAsync(job);
        world.Require(!worker.HasExited, "a worker must outlive what it reads; it ended");
        world.Require(worker.Log.Length < megaByte, $"a worker's log must not carry the text of exceptions; it has {worker.Log.Length} characters");
    }

    private static async Task TooLargeAsync(World world)
    {
        const int once = 3;
        const int twice = 6;
        const int always = 8;
        bool hasHopeless = world.Tier == Tier.Full;
        world.Folder.WriteOrders(
        [
            new FaultOrder(FaultAction.TooLarge) { PageNo = once, ToAttempt = 1 },
            new FaultOrder(FaultAction.TooLarge) { PageNo = twice, ToAttempt = 2 },
            .. hasHopeless ? [new FaultOrder(FaultAction.TooLarge) { PageNo = always }] : Array.Empty<FaultOrder>(),
        ]);
        WorkerProcess worker = world.StartWorker();
        ExpectedJob job = world.NewJob(8);
        await world.SubmitAsync(hasHopeless ? job with { States = ["partial"], PoisonPages = [always] } : job);
        await world.UntilEndedAsync(job);
        world.Require(!worker.HasExited, "a worker must outlive what does not fit its engine; it ended");

        // Four steps and then no more: what is still too large is given up as refused.
        string wanted = $"{once}:1 {twice}:2" + (hasHopeless ? $" {always}:4" : "");
        string steps = await world.ValueAsync<string>(
            "SELECT coalesce(string_agg(first_unit || ':' || degradation, ' ' ORDER BY first_unit), '') FROM vq.chunks WHERE degradation > 0 AND (outcome = 'succeeded' OR error_code = 'request_refused')");
        world.Require(steps == wanted, $"pages made smaller and by how many steps must be [{wanted}]; got [{steps}]");
        string said = await world.ValueAsync<string>("SELECT coalesce(string_agg(unit::text, ' ' ORDER BY unit), '') FROM vq.parse_issues WHERE code = 'degraded'");
        world.Require(said == $"{once} {twice}", $"results of smaller media must say so, pages [{once} {twice}]; got [{said}]");
        int failures = await world.ValueAsync<int>("SELECT coalesce(sum(failures), 0)::int FROM vq.chunks WHERE outcome = 'succeeded'");
        world.Require(failures == 0, $"what did not fit must not count as a failure; got {failures}");
    }

    private static Task CrashAsync(World world) => KillerAsync(world, new WorkerSetup(), FaultAction.Crash);

    // The harness is the kernel's killer of what takes too much: a limit of a control group is not ours to set everywhere.
    private static async Task MemoryAsync(World world)
    {
        const long limit = 700;
        using var stop = new CancellationTokenSource();
        Task killing = MemoryKiller.RunAsync(world, limit, stop.Token);

        // Should the killer miss it, the runtime gives up long before the machine has nothing left.
        var setup = new WorkerSetup { Environment = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x60000000" } };
        await KillerAsync(world, setup, FaultAction.Allocate);
        await stop.CancelAsync();
        await killing;
        world.Expected.MaxResidentMiB = 2 * limit;
    }

    private static async Task KillerAsync(World world, WorkerSetup setup, FaultAction action)
    {
        const int killer = 4;
        WorkerSetup quick = setup with { Slots = 1, ChunksAtOnce = 2, ChunksPerGroup = 8, DelayMs = 30 };
        world.Folder.WriteOrders([new FaultOrder(action) { PageNo = killer, FileSha256 = null }]);
        ExpectedJob job = world.NewJob(8) with { States = ["partial"], PoisonPages = [killer] };
        Task deaths = world.KeepWorkersAsync(quick, 2, () => world.UntilEndedAsync(job, TimeSpan.FromSeconds(180)));
        await world.SubmitAsync(job);
        await deaths;
        string? code = await world.ValueAsync<string?>("SELECT error_code FROM vq.chunks WHERE outcome = 'failed'");
        world.Require(code == "crash", $"a chunk that kills its workers must be given up as crash; got {code}");
        int lost = await world.ValueAsync<int>("SELECT coalesce(max(lost_starts), 0)::int FROM vq.chunks WHERE outcome = 'succeeded'");
        world.Require(lost <= 1, $"innocent chunks must lose at most 1 start; one lost {lost}");
    }
}
