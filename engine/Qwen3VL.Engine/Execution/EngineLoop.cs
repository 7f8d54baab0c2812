using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Qwen3VL.Engine.Diagnostics;

namespace Qwen3VL.Engine.Execution;

/// <summary>
/// The engine thread: carries out commands between steps and steps while there is work. It is the only thread that touches the core.
/// </summary>
/// <remarks>
/// The queue has no bound of its own: it holds at most one submission for each place the door hands out, one abort for each open request, and
/// one stop. So posting never blocks, which an abort relies on.
/// </remarks>
internal sealed class EngineLoop
{
    private readonly EngineCore _core;
    private readonly GuardedEngineLog _log;
    private readonly BlockingCollection<EngineCommand> _commands = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private EngineInvariantException? _failure;
    private bool _isClosed;

    /// <summary>Starts the thread over a core that it owns.</summary>
    public EngineLoop(EngineCore core, IEngineLog log)
    {
        _core = core;
        _log = new GuardedEngineLog(log);
        new Thread(Run) { IsBackground = true, Name = "qwen3vl-engine" }.Start();
    }

    /// <summary>Completes when the thread has ended and the core is disposed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Posts a command; false when the loop takes none any more.</summary>
    /// <exception cref="EngineInvariantException">The engine has failed.</exception>
    public bool TryPost(EngineCommand command)
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                throw new EngineInvariantException("the engine must be running; it has stopped on a failure", _failure);
            }

            if (_isClosed)
            {
                return false;
            }

            _isClosed = command.Kind == EngineCommandKind.Stop;
            _commands.Add(command);
            return true;
        }
    }

    /// <summary>Throws when the engine has failed.</summary>
    public void ThrowIfFailed()
    {
        lock (_gate)
        {
            if (_failure is not null)
            {
                throw new EngineInvariantException("the engine must be running; it has stopped on a failure", _failure);
            }
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The engine loop is one of the three edges: whatever breaks a step faults every open request and stops the engine.")]
    private void Run()
    {
        try
        {
            while (ExecuteCommands())
            {
                _core.Step();
            }

            _core.AbortAll();
        }
        catch (Exception exception)
        {
            Fail(exception);
        }
        finally
        {
            EndDevice();
        }
    }

    /// <summary>Carries out what was posted, waiting for a command when there is nothing to step; false on stop.</summary>
    private bool ExecuteCommands()
    {
        while (_core.NumActive == 0 || _commands.Count > 0)
        {
            EngineCommand command = _commands.Take();
            switch (command.Kind)
            {
                case EngineCommandKind.Submit when command.Generation is not null:
                    _core.Add(command.Generation);
                    break;
                case EngineCommandKind.Abort:
                    _core.Abort(command.RequestId);
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private void Fail(Exception exception)
    {
        EngineInvariantException failure = exception as EngineInvariantException
            ?? new EngineInvariantException($"a step must not fail; got {exception.GetType().Name}", exception);
        lock (_gate)
        {
            _failure = failure;
        }

        // Nothing is posted from here on: what is in the queue is all there is.
        _core.FailAll(failure);
        while (_commands.TryTake(out EngineCommand command))
        {
            command.Generation?.Fail(failure);
        }

        _log.Failed(failure);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The end of the thread is reported through the task, with its failure.")]
    private void EndDevice()
    {
        try
        {
            _core.Dispose();
            _ended.TrySetResult();
        }
        catch (Exception exception)
        {
            _ended.TrySetException(exception);
        }
    }
}
