using MassTransit;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Passes hints about leases to the lease keeper. Any number between two looks are one look.</summary>
internal sealed class ControlConsumer(WakeUp wakeUp) : IConsumer<CancelRequested>, IConsumer<DrainRequested>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<CancelRequested> context) => LookAsync();

    /// <inheritdoc/>
    public Task Consume(ConsumeContext<DrainRequested> context) => LookAsync();

    private Task LookAsync()
    {
        wakeUp.LeasesChanged();
        return Task.CompletedTask;
    }
}
