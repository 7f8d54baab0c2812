using MassTransit;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Messaging;

/// <summary>Records a submit command, or its refusal, in one short transaction. Repeats change nothing.</summary>
internal sealed class SubmitJobConsumer(
    IJobLedger ledger,
    CommandGate gate,
    PlanningOptions defaults,
    WakeUp wakeUp,
    TimeProvider time,
    ILogger<SubmitJobConsumer> logger) : IConsumer<SubmitJob>
{
    private const int MaxMessageLength = 2_000;
    private const int MaxKeyLength = 200;

    /// <inheritdoc/>
    public async Task Consume(ConsumeContext<SubmitJob> context)
    {
        SubmitJob command = context.Message;
        IReadOnlyList<string> problems = SubmitJobValidator.Validate(command, defaults, time.GetUtcNow());
        if (problems.Count > 0)
        {
            string message = string.Join("; also: ", problems);
            await RejectAsync(command, new JobError(ErrorCodes.InvalidCommand, Cut(message, MaxMessageLength)), context.CancellationToken).ConfigureAwait(false);
            return;
        }

        SubmitOutcome outcome = await gate.RunAsync(token => ledger.SubmitAsync(command, token), context.CancellationToken).ConfigureAwait(false);
        if (outcome.Status == SubmitStatus.Conflict)
        {
            var error = new JobError(ErrorCodes.IdempotencyConflict, $"idempotencyKey must be used with one body only; job {outcome.JobId} holds it with another");
            await RejectAsync(command, error, context.CancellationToken).ConfigureAwait(false);
            return;
        }

        logger.CommandRecorded(outcome.JobId, outcome.Status);
        wakeUp.WorkCreated();
    }

    private async Task RejectAsync(SubmitJob command, JobError error, CancellationToken cancellationToken)
    {
        // The key may be what is wrong: what is recorded is a key that can be stored.
        string key = new([.. Cut(command.IdempotencyKey, MaxKeyLength).Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter))]);
        SubmitJob named = command with { IdempotencyKey = key };
        _ = await gate.RunAsync(
            async token =>
            {
                await ledger.RejectAsync(named, error, token).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        logger.CommandRejected(error.Code, error.Message);
        wakeUp.EventsCommitted();
    }

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
