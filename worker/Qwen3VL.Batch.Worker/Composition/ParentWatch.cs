namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>
/// Notices that the process that started this one is gone: its end of standard input closes with it, however it ends. Owner: the command.
/// </summary>
internal sealed class ParentWatch : IDisposable
{
    private readonly CancellationTokenSource _gone = new();
    private readonly Task _watching;

    private ParentWatch(Stream input)
    {
        Gone = _gone.Token;
        _watching = WatchAsync(input);
    }

    /// <summary>Fires when the input has ended.</summary>
    public CancellationToken Gone { get; }

    /// <summary>Begins to read the input, whose content does not matter.</summary>
    public static ParentWatch Start(Stream input) => new(input);

    /// <summary>Frees the token. A read of a pipe cannot be cancelled: one that still waits ends with the process.</summary>
    public void Dispose()
    {
        if (_watching.IsCompleted)
        {
            _gone.Dispose();
        }
    }

    private async Task WatchAsync(Stream input)
    {
        byte[] buffer = new byte[256];
        try
        {
            while (await input.ReadAsync(buffer, CancellationToken.None).ConfigureAwait(false) > 0)
            {
                // Nobody writes anything of meaning.
            }
        }
        catch (IOException)
        {
            // A pipe that breaks has ended too.
        }

        await _gone.CancelAsync().ConfigureAwait(false);
    }
}
