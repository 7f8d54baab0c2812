using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Messaging;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>Sends commands through RabbitMQ. Owns the client, and with it the connection.</summary>
internal sealed class BrokerCommandSender(CommandClient client) : ICommandSender
{
    /// <inheritdoc/>
    public Task SubmitAsync(SubmitJob command, CancellationToken cancellationToken) => client.SendAsync(command, cancellationToken);

    /// <inheritdoc/>
    public Task CancelAsync(CancelJob command, CancellationToken cancellationToken) => client.SendAsync(command, cancellationToken);

    /// <inheritdoc/>
    public Task HintDrainAsync(long workerId, CancellationToken cancellationToken) => client.HintAsync(new DrainRequested(workerId), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => client.DisposeAsync();
}
