using MassTransit;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Records a cancel command. Repeats, and cancelling what is already over, change nothing.</summary>
internal sealed class CancelJobConsumer(IJobLedger ledger, CommandGate gate, ControlHints hints, WakeUp wakeUp, ILogger<CancelJobConsumer> logger)
    : IConsumer<CancelJob>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<CancelJob> context)
    {
        CancelJob command = context.Message;
        InvalidCommandException.ThrowIfAny(CommandValidator.Validate(command));
        bool found = await gate.RunAsync(token => ledger.RequestCancelAsync(command.TenantId, command.JobId, command.Reason, token), context.CancellationToken).ConfigureAwait(false);
        logger.CancelRecorded(command.JobId, found);
        if (found)
        {
            // Without waiting for the broker, whose part is to tell the others.
            wakeUp.LeasesChanged();
            hints.CancelRecorded(command.JobId);
        }

        wakeUp.WorkCreated();
    }
}
