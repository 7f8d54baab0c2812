using System.Threading.Channels;

namespace Qwen3VL.Batch.Messaging;

/// <summary>
/// Hints that wait to be sent to all workers. Bounded: while the broker is away the oldest are dropped, for every heartbeat finds what a hint
/// says. Safe from any thread, never blocks; one reader.
/// </summary>
internal sealed class ControlHints
{
    private const int Capacity = 256;

    private readonly Channel<CancelRequested> _hints = Channel.CreateBounded<CancelRequested>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>What is to be sent.</summary>
    public ChannelReader<CancelRequested> Reader => _hints.Reader;

    /// <summary>A cancel was recorded.</summary>
    public void CancelRecorded(Guid jobId) => _hints.Writer.TryWrite(new CancelRequested(jobId));
}
