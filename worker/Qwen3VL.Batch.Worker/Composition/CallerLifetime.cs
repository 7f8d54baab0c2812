using Microsoft.Extensions.Hosting;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>The entry point owns the signals: the host only follows the token it was given.</summary>
internal sealed class CallerLifetime : IHostLifetime
{
    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
