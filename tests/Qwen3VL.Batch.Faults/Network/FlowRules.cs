namespace Qwen3VL.Batch.Faults.Network;

/// <summary>What one direction of a link does to bytes, now and on connections that come. Set by the scenario at any time; safe from any thread.</summary>
internal sealed class FlowRules
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _held;

    /// <summary>Each piece waits this long.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Upper bound of the rate; 0 is none.</summary>
    public int BytesPerSecond { get; set; }

    /// <summary>Bytes after which a connection is reset, counted for each; null is never.</summary>
    public long? CutAfterBytes { get; set; }

    /// <summary>A reply that never arrives; null is none.</summary>
    public FlowFault? Fault { get; set; }

    /// <summary>Replacements in the stream.</summary>
    public IReadOnlyList<FlowRewrite> Rewrites { get; set; } = [];

    /// <summary>Whether nothing passes.</summary>
    public bool IsHeld
    {
        get
        {
            lock (_gate)
            {
                return _held is not null;
            }
        }
    }

    /// <summary>From now on nothing passes and nobody is told, as on a line that a firewall drops.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Lets everything pass that waited, and all that comes.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _held?.SetResult();
            _held = null;
        }
    }

    /// <summary>Waits while nothing passes.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task held;
            lock (_gate)
            {
                if (_held is null)
                {
                    return;
                }

                held = _held.Task;
            }

            await held.WaitAsync(cancellationToken);
        }
    }
}
