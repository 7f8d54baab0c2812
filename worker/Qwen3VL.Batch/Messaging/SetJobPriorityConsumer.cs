using MassTransit;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Moves a job in the queue. Repeats, and moving what is already over, change nothing.</summary>
internal sealed class SetJobPriorityConsumer(IJobLedger ledger, CommandGate gate, WakeUp wakeUp, ILogger<SetJobPriorityConsumer> logger)
    : IConsumer<SetJobPriority>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<SetJobPriority> context)
    {
        SetJobPriority command = context.Message;
        InvalidCommandException.ThrowIfAny(CommandValidator.Validate(command));
        bool found = await gate.RunAsync(token => ledger.SetPriorityAsync(command.TenantId, command.JobId, command.Priority, token), context.CancellationToken).ConfigureAwait(false);
        logger.PriorityRecorded(command.JobId, command.Priority, found);
        wakeUp.WorkCreated();
    }
}
