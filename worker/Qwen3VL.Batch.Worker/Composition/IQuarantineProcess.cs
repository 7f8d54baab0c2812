namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>A process that does quarantined groups.</summary>
internal interface IQuarantineProcess
{
    /// <summary>Starts one and waits for its end.</summary>
    /// <param name="stop">Asks it to end in order, and ends it when it takes too long.</param>
    /// <returns>Its exit code: 0 when there was nothing left to do.</returns>
    Task<int> RunAsync(CancellationToken stop);
}
