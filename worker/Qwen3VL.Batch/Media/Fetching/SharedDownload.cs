namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>One download that several callers wait for. Its properties are changed under the lock of <see cref="SharedDownloads"/>, its owner.</summary>
internal sealed class SharedDownload : IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Starts it.</summary>
    /// <param name="run">The download; must yield before it uses what it is given.</param>
    public SharedDownload(Func<SharedDownload, Task<FetchedFile>> run) => Result = run(this);

    /// <summary>Its end.</summary>
    public Task<FetchedFile> Result { get; }

    /// <summary>Callers that have not left yet.</summary>
    public int Waiters { get; set; }

    /// <summary>Whether it has ended, well or not.</summary>
    public bool HasEnded { get; set; }

    /// <summary>What it brought, with one hold that is released when the last caller has left; null before, and after a failure.</summary>
    public FetchedFile? File { get; set; }

    /// <summary>Fires when nobody waits any more.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Ends the download.</summary>
    public async Task StopAsync()
    {
        try
        {
            await _stop.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself meanwhile.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stop.Dispose();
}
