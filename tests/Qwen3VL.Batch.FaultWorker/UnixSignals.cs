using System.Runtime.InteropServices;

namespace Qwen3VL.Batch.FaultWorker;

/// <summary>Signals of this process to itself. Numbers: signal(7) of Linux on all processors that .NET runs on.</summary>
internal static class UnixSignals
{
    private const int SigKill = 9;
    private const int SigStop = 19;

    /// <summary>Ends this process as a power cut would: nothing is unwound, flushed or said.</summary>
    public static void KillSelf() => _ = Send(Environment.ProcessId, SigKill);

    /// <summary>Stops this process until somebody sends SIGCONT; returns then.</summary>
    /// <remarks>
    /// The signal is for this thread, which then stops before it returns. One for the process may be taken by another thread, and this one goes on
    /// for a moment: far enough to begin a transaction and stop inside it.
    /// </remarks>
    public static void StopSelf() => _ = Raise(SigStop);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Send(int processId, int signal);

    [DllImport("libc", EntryPoint = "raise", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Raise(int signal);
}
