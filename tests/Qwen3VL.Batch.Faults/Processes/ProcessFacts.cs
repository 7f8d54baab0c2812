using System.Globalization;

namespace Qwen3VL.Batch.Faults.Processes;

/// <summary>What the kernel says about a process. Source: proc(5).</summary>
internal static class ProcessFacts
{
    /// <summary>State letter: R, S, D, T (stopped), Z (ended, not yet waited for); null when there is no such process.</summary>
    public static char? State(int processId)
    {
        string? stat = Read(processId, "stat");

        // The name in parentheses may hold anything; the state follows the last one.
        int end = stat?.LastIndexOf(')') ?? -1;
        return end >= 0 && stat is not null ? stat[end + 2] : null;
    }

    /// <summary>Whether SIGSTOP has stopped it.</summary>
    public static bool IsStopped(int processId) => State(processId) == 'T';

    /// <summary>Resident memory in bytes; 0 when there is no such process.</summary>
    public static long ResidentBytes(int processId) => 1024 * Number(processId, "VmRSS:");

    /// <summary>Threads; 0 when there is no such process.</summary>
    public static long Threads(int processId) => Number(processId, "Threads:");

    /// <summary>Open files; 0 when there is no such process, or it is just ending: then the kernel shows them to root only.</summary>
    public static int OpenFiles(int processId)
    {
        string folder = Folder(processId, "fd");
        try
        {
            return Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder).Length : 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Files that it may open (soft limit); 0 when there is no such process.</summary>
    public static long OpenFilesAllowed(int processId)
    {
        const string name = "Max open files";
        string? line = Read(processId, "limits")?.Split('\n').FirstOrDefault(text => text.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture);
    }

    /// <summary>Processes that it started and that live.</summary>
    public static IReadOnlyList<int> Children(int processId)
    {
        try
        {
            // Each thread has the list of those that it started.
            IEnumerable<string> lists = Directory.EnumerateDirectories(Folder(processId, "task")).Select(task => Read(processId, Path.Combine("task", Path.GetFileName(task), "children")) ?? "");
            return [.. lists.SelectMany(list => list.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>
    /// Processes that live in one of these process groups, or whose command line or environment names a text, such as the folder of a run: those
    /// that left the group for a session of their own are found by it.
    /// </summary>
    public static IReadOnlyList<int> Belonging(IReadOnlyCollection<int> groups, string text)
    {
        IEnumerable<int> all = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Where(name => name is not null && name.All(char.IsAsciiDigit)).Select(name => int.Parse(name ?? "", CultureInfo.InvariantCulture));
        return [.. all.Where(id => id != Environment.ProcessId && State(id) is not (null or 'Z' or 'X') && (groups.Contains(Group(id)) || Names(id, text)))];
    }

    private static bool Names(int processId, string text) => ((string[])["cmdline", "environ"]).Any(file => Read(processId, file)?.Contains(text, StringComparison.Ordinal) == true);

    // After the name in parentheses: state, parent, group.
    private static int Group(int processId)
    {
        string stat = Read(processId, "stat") ?? "";
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > 2 ? int.Parse(fields[2], CultureInfo.InvariantCulture) : 0;
    }

    private static long Number(int processId, string name)
    {
        string? line = Read(processId, "status")?.Split('\n').FirstOrDefault(text => text.StartsWith(name, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }

    private static string? Read(int processId, string file)
    {
        try
        {
            return File.ReadAllText(Folder(processId, file));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is somebody else's.
            return null;
        }
    }

    private static string Folder(int processId, string file) => string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/{file}");
}
