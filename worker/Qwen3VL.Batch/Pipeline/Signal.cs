using System.Threading.Channels;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>
/// "Something changed, look again": any number of <see cref="Set"/> between two looks are one. Losing one costs a poll interval, never
/// work. Safe to set from any thread; one reader.
/// </summary>
internal sealed class Signal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Asks the reader to look again. Never blocks.</summary>
    public void Set() => _channel.Writer.TryWrite(true);

    /// <summary>Waits for a signal or for the time to pass, whichever is first.</summary>
    /// <returns>Whether there was a signal.</returns>
    /// <exception cref="OperationCanceledException">The caller's token fired.</exception>
    public async Task<bool> WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using var elapsed = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(elapsed.Token, cancellationToken);
        try
        {
            return await _channel.Reader.ReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
