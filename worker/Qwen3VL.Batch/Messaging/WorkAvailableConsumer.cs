using MassTransit;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Passes another worker's hint to the claim loop.</summary>
internal sealed class WorkAvailableConsumer(WakeUp wakeUp) : IConsumer<WorkAvailable>
{
    /// <inheritdoc/>
    public Task Consume(ConsumeContext<WorkAvailable> context)
    {
        wakeUp.WorkChanged();
        return Task.CompletedTask;
    }
}
