using System.Runtime.InteropServices;

namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>Folders that only their user may enter.</summary>
internal static class PrivateFolder
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Everybody = OwnerOnly
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // statx(2), whose structure is the same on all processors: the call is made relative to the working directory, does not follow a link, asks for
    // the owner alone, and finds it at byte 20.
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint OwnerMask = 8;
    private const int StatusBytes = 256;
    private const int OwnerOffset = 20;

    /// <summary>Makes one.</summary>
    public static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            // Access lists are inherited there.
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
    }

    /// <summary>Whether a folder is one of this process's user; a link to one is not.</summary>
    public static bool IsOwn(string path)
    {
        try
        {
            DirectoryInfo folder = new(path);
            return folder.Exists && folder.LinkTarget is null
                && (OperatingSystem.IsWindows() || ((folder.UnixFileMode & Everybody) == OwnerOnly && (!OperatingSystem.IsLinux() || IsOwnedByThisUser(path))));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private static bool IsOwnedByThisUser(string path)
    {
        byte[] status = new byte[StatusBytes];
        return Statx(CurrentDirectory, path, NoFollow, OwnerMask, status) == 0
            && BitConverter.ToUInt32(status, OwnerOffset) == GetEffectiveUser();
    }

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] status);

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetEffectiveUser();
}
