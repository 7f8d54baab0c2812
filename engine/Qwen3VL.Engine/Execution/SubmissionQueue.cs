namespace Qwen3VL.Engine.Execution;

/// <summary>
/// Bounds what waits for its first admission: requests, and bytes of their media. Callers come in by order of arrival and wait outside while
/// there is no room. Thread-safe.
/// </summary>
/// <remarks>A request whose media alone exceed the bound comes in when no other media wait; one without media needs a place only.</remarks>
/// <param name="maxRequests">Places.</param>
/// <param name="maxMediaBytes">Bytes of media.</param>
internal sealed class SubmissionQueue(int maxRequests, long maxMediaBytes)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(long MediaBytes, TaskCompletionSource Entered)> _outside = new();
    private int _numRequests;
    private long _mediaBytes;

    /// <summary>Takes a place and room for media, waiting until there are both. Every entry needs one <see cref="Leave"/> with the same bytes.</summary>
    public async Task EnterAsync(long mediaBytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<(long MediaBytes, TaskCompletionSource Entered)> waiting;
        lock (_gate)
        {
            waiting = _outside.AddLast((mediaBytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
            LetIn();
        }

        using CancellationTokenRegistration cancellation = cancellationToken.Register(() => GiveUp(waiting, cancellationToken));
        await waiting.Value.Entered.Task.ConfigureAwait(false);
    }

    /// <summary>Gives a place and its room back.</summary>
    public void Leave(long mediaBytes)
    {
        lock (_gate)
        {
            _numRequests--;
            _mediaBytes -= mediaBytes;
            LetIn();
        }
    }

    private void GiveUp(LinkedListNode<(long MediaBytes, TaskCompletionSource Entered)> waiting, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (waiting.List is null)
            {
                // It has come in; whoever cancels now finds that out later.
                return;
            }

            _outside.Remove(waiting);
            LetIn();
        }

        waiting.Value.Entered.TrySetCanceled(cancellationToken);
    }

    /// <summary>Lets in whoever stands at the front as long as there is room. The gate is held.</summary>
    private void LetIn()
    {
        while (_outside.First is { } first && HasRoom(first.Value.MediaBytes))
        {
            _outside.RemoveFirst();
            _numRequests++;
            _mediaBytes += first.Value.MediaBytes;
            first.Value.Entered.TrySetResult();
        }
    }

    private bool HasRoom(long mediaBytes) =>
        _numRequests < maxRequests && (mediaBytes == 0 || _mediaBytes == 0 || mediaBytes <= maxMediaBytes - _mediaBytes);
}
