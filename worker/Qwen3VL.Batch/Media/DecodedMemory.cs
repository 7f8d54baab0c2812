using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media;

/// <summary>
/// Bounds the bytes of decoded pages and windows that live at the same time, over everything that one decoder decodes. Room is given by
/// order of arrival, so that a large window is not passed by small ones for ever. Thread-safe.
/// </summary>
/// <remarks>Nobody may wait for room while holding some that they would give back only afterwards.</remarks>
internal sealed class DecodedMemory
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Given)> _waiting = new();
    private readonly int _maxMiB;
    private long _freeBytes;

    /// <summary>Creates one with all its room free.</summary>
    /// <param name="maxMiB">The bound, in MiB.</param>
    public DecodedMemory(int maxMiB)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxMiB, 1);
        _maxMiB = maxMiB;
        _freeBytes = (long)maxMiB << 20;
    }

    /// <summary>Bytes that nobody holds.</summary>
    public long FreeBytes
    {
        get
        {
            lock (_gate)
            {
                return _freeBytes;
            }
        }
    }

    /// <summary>Takes room, waiting until there is some; disposing what it returns gives it back.</summary>
    /// <param name="bytes">Bytes of the pixels that will be held.</param>
    /// <param name="what">What is decoded, for the error.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="ContentException">limit_exceeded: it would not fit even alone.</exception>
    public async Task<DecodedRoom> TakeAsync(long bytes, string what, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        cancellationToken.ThrowIfCancellationRequested();
        if (bytes > (long)_maxMiB << 20)
        {
            throw new ContentException(
                ErrorCodes.LimitExceeded, $"decoded pixels must take at most {_maxMiB} MiB (Media:MaxDecodedMiB); {what} would take {(bytes >> 20) + 1}")
            {
                MaySucceedSmaller = true,
            };
        }

        LinkedListNode<(long Bytes, TaskCompletionSource Given)> node;
        lock (_gate)
        {
            node = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
            Give();
        }

        using CancellationTokenRegistration cancellation = cancellationToken.Register(() => GiveUp(node, cancellationToken));
        await node.Value.Given.Task.ConfigureAwait(false);
        return new DecodedRoom(() => Return(bytes));
    }

    private void Return(long bytes)
    {
        lock (_gate)
        {
            _freeBytes += bytes;
            Give();
        }
    }

    private void GiveUp(LinkedListNode<(long Bytes, TaskCompletionSource Given)> node, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (node.List is null)
            {
                // It has its room; whoever cancels now gives it back as usual.
                return;
            }

            _waiting.Remove(node);
            Give();
        }

        node.Value.Given.TrySetCanceled(cancellationToken);
    }

    /// <summary>Gives room from the front as long as there is enough. The gate is held.</summary>
    private void Give()
    {
        while (_waiting.First is { } first && first.Value.Bytes <= _freeBytes)
        {
            _waiting.RemoveFirst();
            _freeBytes -= first.Value.Bytes;
            first.Value.Given.TrySetResult();
        }
    }
}
