namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// Lets one suspect run at a time in this process: when it dies again, exactly one chunk is to blame for it. Safe from any thread; one for
/// each process.
/// </summary>
internal sealed class SuspectGate : IDisposable
{
    private readonly SemaphoreSlim _place = new(1);

    /// <summary>Runs the work of a suspect when no other one runs.</summary>
    /// <exception cref="OperationCanceledException">The token fired while it waited; the work has not begun.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await _place.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await work(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _place.Release();
        }
    }

    /// <summary>Frees the gate; nobody waits any more.</summary>
    public void Dispose() => _place.Dispose();
}
