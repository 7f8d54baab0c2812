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
    /// <summary>A world of the figure's own.</summary>
    public Task<World> WorldAsync(string name) => World.CreateAsync(Servers, "report-" + name, Seed, Tier.Full);

    /// <summary>Waits.</summary>
    public Task PauseAsync(TimeSpan time) => Task.Delay(time, World.Time, Cancellation);
}
