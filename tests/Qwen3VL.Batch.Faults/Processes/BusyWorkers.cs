using System.Globalization;
using Qwen3VL.Batch.Faults.Scenarios;

namespace Qwen3VL.Batch.Faults.Processes;

/// <summary>Workers with a chunk in their engine: those whose death costs something.</summary>
internal static class BusyWorkers
{
    // Has begun a chunk under a lease that it holds and has not ended it.
    private const string Busy =
        """
        SELECT coalesce(string_agg(k.pid::text, ' '), '') FROM vq.workers k
        WHERE EXISTS (
          SELECT FROM vq.work w JOIN vq.chunks c ON c.job_id = w.job_id AND c.group_no = w.group_no
          WHERE w.lease_owner = k.id AND c.outcome IS NULL AND c.start_fence = w.fence)
        """;

    /// <summary>Waits until one of the workers is busy; picks one by the world's random numbers.</summary>
    /// <exception cref="TimeoutException">None was.</exception>
    public static async Task<WorkerProcess> PickAsync(World world, IReadOnlyList<WorkerProcess> workers)
    {
        List<WorkerProcess> busy = [];
        await World.UntilAsync(
            async () =>
            {
                string[] ids = (await world.ValueAsync<string>(Busy)).Split(' ');
                busy = [.. workers.Where(worker => !worker.HasExited && ids.Contains(worker.Id.ToString(CultureInfo.InvariantCulture)))];
                return busy.Count > 0;
            },
            "a worker with a chunk in its engine");
        return busy[world.Random.Next(busy.Count)];
    }
}
