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
    public static void StopSelf() => _ = Send(Environment.ProcessId, SigStop);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Send(int processId, int signal);
}
