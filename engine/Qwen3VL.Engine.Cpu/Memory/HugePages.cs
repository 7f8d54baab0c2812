using System.Runtime.InteropServices;

namespace Qwen3VL.Engine.Cpu.Memory;

/// <summary>
/// Asks the system for 2 MiB pages under large buffers: weights and caches are read from end to end, and with 4 KiB pages address
/// translation takes a good part of that time. A hint: where it is refused, the memory works as it is.
/// </summary>
internal static unsafe partial class HugePages
{
    /// <summary>Size and alignment of a huge page on x86-64 and on most ARM64 systems.</summary>
    internal const int SizeBytes = 2 * 1024 * 1024;

    // MADV_HUGEPAGE of linux/mman-common.h, madvise(2).
    private const int AdviseHugePage = 14;

    /// <summary>Gives the hint for whole pages inside a buffer aligned to <see cref="SizeBytes"/>.</summary>
    internal static void Advise(void* memory, long bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = MemoryAdvise(memory, (nuint)(bytes / SizeBytes * SizeBytes), AdviseHugePage);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MemoryAdvise(void* address, nuint length, int advice);
}
