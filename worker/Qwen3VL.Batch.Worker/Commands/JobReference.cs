using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>Finds the job that a person named by its id or by its idempotency key.</summary>
internal static class JobReference
{
    /// <summary>The job's id.</summary>
    /// <exception cref="CommandException">There is no such job, or its command was refused.</exception>
    public static async Task<Guid> ResolveAsync(IResultReader reader, long tenantId, string reference, CancellationToken cancellationToken)
    {
        if (Guid.TryParse(reference, out Guid id))
        {
            return id;
        }

        if (await reader.FindJobAsync(tenantId, reference, cancellationToken).ConfigureAwait(false) is { } found)
        {
            return found;
        }

        JobError? rejection = await reader.FindRejectionAsync(tenantId, reference, cancellationToken).ConfigureAwait(false);
        throw rejection is null
            ? NotFound(tenantId, reference)
            : new CommandException(
                ExitCodes.Failed,
                $"the command with key '{reference}' was refused: {rejection.Code}: {rejection.Message}");
    }

    /// <summary>The failure for a job that is not there.</summary>
    public static CommandException NotFound(long tenantId, string reference) =>
        new(
            ExitCodes.Failed,
            $"'{reference}' must be the id or key of a job of tenant {tenantId}; there is none (a command just sent may still be on its way)");
}
