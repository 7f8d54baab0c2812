using System.ComponentModel;

namespace Qwen3VL.Batch;

/// <summary>
/// Tells whether the system had no room for what was asked: files that a process or the machine may have open, processes and threads. It has
/// nothing to do with the work that was under way, and passes. Numbers: errno(3) of Linux.
/// </summary>
internal static class MachineShortage
{
    private const int NoMoreProcesses = 11;
    private const int TooManyFilesOfTheMachine = 23;
    private const int TooManyFilesOfTheProcess = 24;

    /// <summary>Whether a shortage is why a file was not opened or a process not started.</summary>
    public static bool IsCause(Exception exception) => exception switch
    {
        IOException io => io.HResult is TooManyFilesOfTheMachine or TooManyFilesOfTheProcess,
        Win32Exception started => started.NativeErrorCode is NoMoreProcesses or TooManyFilesOfTheMachine or TooManyFilesOfTheProcess,
        _ => false,
    };
}
