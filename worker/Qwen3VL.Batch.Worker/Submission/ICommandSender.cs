using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>Sends commands to the workers. A call returns when the broker has confirmed that it holds the command.</summary>
internal interface ICommandSender : IAsyncDisposable
{
    /// <summary>Asks for a job.</summary>
    Task SubmitAsync(SubmitJob command, CancellationToken cancellationToken);

    /// <summary>Asks a job to stop.</summary>
    Task CancelAsync(CancelJob command, CancellationToken cancellationToken);

    /// <summary>Tells all workers that one of them is asked to drain; the request itself is in the database.</summary>
    Task HintDrainAsync(long workerId, CancellationToken cancellationToken);
}
