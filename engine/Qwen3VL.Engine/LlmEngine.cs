using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Diagnostics;
using Qwen3VL.Engine.Execution;

namespace Qwen3VL.Engine;

/// <summary>
/// The engine in this process. One dedicated thread owns all engine state; requests are tokenised and their media cut on the caller's
/// thread, then wait in a bounded queue.
/// </summary>
/// <remarks>
/// <code>
/// caller: SubmitAsync -> measure -> a place in the queue (waits here when full) -> tokenise, resize, cut -> command
/// engine thread:        commands -> Step (schedule, run, update) -> commands -> ...  -> handle completes
/// </code>
/// A place, with room for the request's media, is held from submission until the sequence first runs or ends. A failure in a step faults every open request with
/// <see cref="EngineInvariantException"/> and stops the engine for good.
/// </remarks>
public sealed class LlmEngine : IInferenceEngine
{
    private readonly RequestAdmission _admission;
    private readonly EngineLoop _loop;
    private readonly SubmissionQueue _queue;
    private readonly Lock _gate = new();
    private TaskCompletionSource? _drained;
    private long _nextRequestId;
    private int _numOpen;
    private bool _isClosed;

    /// <summary>Starts the engine thread over loaded parts; the loader builds them.</summary>
    internal LlmEngine(EngineDescription description, RequestAdmission admission, EngineCore core, EngineMetrics metrics, SubmissionQueue queue, IEngineLog log)
    {
        Description = description;
        Metrics = metrics;
        _admission = admission;
        _queue = queue;
        _loop = new EngineLoop(core, log);
    }

    /// <summary>Reads a model folder onto a backend and starts the engine thread.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="backend">Where it runs; the engine owns and disposes it once this returns.</param>
    /// <param name="time">Clock of the usage times.</param>
    /// <param name="log">Where the engine reports; null reports nothing.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="ArgumentException">An option cannot work; names it.</exception>
    /// <exception cref="CheckpointException">The folder is not a model that this engine runs; names file and key or tensor.</exception>
    /// <exception cref="InsufficientMemoryException">The device has no room.</exception>
    public static LlmEngine Load(
        EngineOptions options, IBackend backend, TimeProvider time, IEngineLog? log = null, CancellationToken cancellationToken = default) =>
        EngineLoader.Load(options, backend, time, log ?? NoEngineLog.Instance, cancellationToken);

    /// <inheritdoc/>
    public EngineDescription Description { get; }

    /// <summary>Counters, readable from any thread.</summary>
    public EngineMetrics Metrics { get; }

    /// <inheritdoc/>
    public EngineProgress Progress
    {
        get
        {
            lock (_gate)
            {
                return new EngineProgress(Metrics.Steps + Metrics.Layers, _numOpen);
            }
        }
    }

    /// <inheritdoc/>
    /// <exception cref="EngineInvariantException">The engine has failed.</exception>
    /// <exception cref="ObjectDisposedException">The engine is draining, drained or disposed.</exception>
    public async ValueTask<IGeneration> SubmitAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        _loop.ThrowIfFailed();
        Enter();
        bool holdsPlace = false;
        bool isSubmitted = false;
        long mediaBytes = 0;
        try
        {
            var handle = new LocalGeneration(Interlocked.Increment(ref _nextRequestId), _admission.OutputLimit(request) + 1, PostAbort);
            try
            {
                mediaBytes = _admission.Measure(request).Bytes;
                await _queue.EnterAsync(mediaBytes, cancellationToken).ConfigureAwait(false);
                holdsPlace = true;
                ActiveGeneration generation = _admission.Prepare(request, handle, () => _queue.Leave(mediaBytes));
                isSubmitted = Post(generation);
            }
            catch (InvalidRequestException exception)
            {
                handle.Fail(exception);
            }

            return handle;
        }
        finally
        {
            if (!isSubmitted)
            {
                if (holdsPlace)
                {
                    _queue.Leave(mediaBytes);
                }

                Leave();
            }
        }
    }

    /// <inheritdoc/>
    public Task DrainAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _isClosed = true;
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_numOpen == 0)
            {
                _drained.TrySetResult();
            }

            return _drained.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Stops intake, aborts what runs and waits for the thread to free the device. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        try
        {
            _loop.TryPost(new EngineCommand(EngineCommandKind.Stop));
        }
        catch (EngineInvariantException)
        {
            // The thread has ended by itself; every caller has been told the failure.
        }

        await _loop.Ended.ConfigureAwait(false);
    }

    private bool Post(ActiveGeneration generation)
    {
        ObjectDisposedException.ThrowIf(!_loop.TryPost(new EngineCommand(EngineCommandKind.Submit, generation)), this);
        _ = LeaveWhenEndedAsync(generation.Handle);
        return true;
    }

    private void PostAbort(LocalGeneration handle)
    {
        try
        {
            _loop.TryPost(new EngineCommand(EngineCommandKind.Abort, RequestId: handle.RequestId));
        }
        catch (EngineInvariantException)
        {
            // The request has been failed with the engine: there is nothing to abort.
        }
    }

    private async Task LeaveWhenEndedAsync(LocalGeneration handle)
    {
        Task ended = handle.Completion;
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Leave();
    }

    private void Enter()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, this);
            _numOpen++;
        }
    }

    private void Leave()
    {
        lock (_gate)
        {
            _numOpen--;
            if (_numOpen == 0)
            {
                _drained?.TrySetResult();
            }
        }
    }
}
