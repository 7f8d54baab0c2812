using Qwen3VL.Batch.Faults.Scenarios;
using Qwen3VL.Batch.Faults.Servers;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>What a figure is measured with.</summary>
/// <param name="Servers">Servers that nobody else uses.</param>
/// <param name="Sizes">How much is done.</param>
/// <param name="Seed">Seed of everything random.</param>
/// <param name="Cancellation">Ends it.</param>
internal sealed record FigureRun(FaultServers Servers, FigureSizes Sizes, int Seed, CancellationToken Cancellation)
{
    private readonly List<string> _folders = [];

    /// <summary>A world of the figure's own.</summary>
    public async Task<World> WorldAsync(string name)
    {
        World world = await World.CreateAsync(Servers, "report-" + name, Seed, Tier.Full);
        _folders.Add(world.Folder.Path);
        return world;
    }

    /// <summary>Deletes the folders of its worlds, which have ended: for a figure that was measured. After a failure they tell what happened.</summary>
    public void DeleteFolders()
    {
        foreach (string folder in _folders)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Waits.</summary>
    public Task PauseAsync(TimeSpan time) => Task.Delay(time, World.Time, Cancellation);
}
