using MassTransit;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Replays dead letters, at most a thousand for one command, so that it is answered within seconds. Repeats find them closed and change nothing.
/// </summary>
internal sealed class ReplayDeadLettersConsumer(IDeadLetters deadLetters, CommandGate gate, WakeUp wakeUp, ILogger<ReplayDeadLettersConsumer> logger)
    : IConsumer<ReplayDeadLetters>
{
    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<ReplayDeadLetters> context)
    {
        ReplayDeadLetters command = context.Message;
        InvalidCommandException.ThrowIfAny(CommandValidator.Validate(command));
        var replay = new DeadLetterReplay
        {
            Query = new DeadLetterQuery
            {
                TenantId = command.TenantId,
                Ids = command.Ids.Count > 0 ? command.Ids : null,
                Code = command.Filter?.Code,
                JobId = command.Filter?.JobId,
                Source = command.Filter?.Source,
                Since = command.Filter?.Since,
                Limit = CommandValidator.MaxReplayed,
            },
            ReplayId = command.ReplayId,
            Actor = command.RequestedBy,
            Changes = command.Changes ?? new ReplayChanges(),
            Force = command.Force,
        };
        IReadOnlyList<ReplayedLetter> outcomes = await gate.RunAsync(token => deadLetters.ReplayAsync(replay, token), context.CancellationToken).ConfigureAwait(false);
        logger.ReplayRecorded(command.ReplayId, outcomes.Count(outcome => outcome.Verdict == ReplayVerdict.Replayed), outcomes.Count);
        wakeUp.WorkCreated();
    }
}
