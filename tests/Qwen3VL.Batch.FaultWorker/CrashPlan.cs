using System.Globalization;
using Qwen3VL.Batch.Faults;
using Qwen3VL.Batch.Faults.Ledger;

namespace Qwen3VL.Batch.FaultWorker;

/// <summary>Where this process dies and where it stops. Safe from any thread; each happens once.</summary>
internal sealed class CrashPlan(LedgerFile ledger, string? crashAt, string? pauseAt) : ICrashPoints
{
    private readonly (string Point, int Count) _crash = Parse(crashAt);
    private readonly (string Point, int Count) _pause = Parse(pauseAt);
    private int _crashReached;
    private int _pauseReached;

    /// <inheritdoc/>
    public void Reach(string point)
    {
        if (point == _pause.Point && Interlocked.Increment(ref _pauseReached) == _pause.Count)
        {
            ledger.Append(new LedgerRecord(LedgerEvent.PointReached) { Key = point, Note = "pause" });
            UnixSignals.StopSelf();
        }

        if (point == _crash.Point && Interlocked.Increment(ref _crashReached) == _crash.Count)
        {
            ledger.Append(new LedgerRecord(LedgerEvent.PointReached) { Key = point, Note = "crash" });
            UnixSignals.KillSelf();

            // The kernel ends this thread at its next return from the kernel; nothing after this point may run meanwhile.
            Thread.CurrentThread.Join(Timeout.Infinite);
        }
    }

    private static (string Point, int Count) Parse(string? text)
    {
        string[] parts = (text ?? "").Split(':');
        return (parts[0], parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 1);
    }
}
