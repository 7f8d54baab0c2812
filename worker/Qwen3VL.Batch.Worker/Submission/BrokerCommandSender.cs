using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Messaging;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>Sends commands through RabbitMQ. Owns its connection.</summary>
internal sealed class BrokerCommandSender : ICommandSender
{
    private readonly CommandClient _client;

    /// <summary>Takes over a client.</summary>
    public BrokerCommandSender(CommandClient client) => _client = client;

    /// <inheritdoc/>
    public Task SubmitAsync(SubmitJob command, CancellationToken cancellationToken) => _client.SendAsync(command, cancellationToken);

    /// <inheritdoc/>
    public Task CancelAsync(CancelJob command, CancellationToken cancellationToken) => _client.SendAsync(command, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();
}
