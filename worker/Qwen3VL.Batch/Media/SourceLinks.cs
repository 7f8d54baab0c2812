namespace Qwen3VL.Batch.Media;

/// <summary>Follows symbolic links by hand, one name at a time, so that none can lead out of a folder.</summary>
internal static class SourceLinks
{
    /// <summary>Links followed in one path before it is taken for a circle: the limit of Linux.</summary>
    private const int MaxLinks = 40;

    /// <summary>
    /// The path without links of a file below <paramref name="root"/>, or null when a link on the way leads out of it. The last name need not exist.
    /// </summary>
    /// <param name="root">Absolute path; may itself be, or lie below, a link.</param>
    /// <param name="names">Names from the root down, without <c>.</c> and <c>..</c>.</param>
    public static string? Resolve(string root, IReadOnlyList<string> names)
    {
        string realRoot = Follow("/", Split(root), within: null)
            ?? throw new DirectoryNotFoundException("the source root must exist and not be a circle of links");
        return Follow(realRoot, names, within: realRoot);
    }

    private static string? Follow(string start, IEnumerable<string> names, string? within)
    {
        string current = start;
        Stack<string> left = new(names.Reverse());
        int links = 0;
        while (left.TryPop(out string? name))
        {
            if (name == ".")
            {
                continue;
            }

            if (name == "..")
            {
                current = Path.GetDirectoryName(current) ?? "/";
            }
            else
            {
                string next = Path.Combine(current, name);
                if (new FileInfo(next).LinkTarget is { } target)
                {
                    if (++links > MaxLinks)
                    {
                        return null;
                    }

                    // An absolute target starts anew at the top; a relative one stays in the link's folder.
                    current = Path.IsPathRooted(target) ? "/" : current;
                    foreach (string part in Split(target).Reverse())
                    {
                        left.Push(part);
                    }

                    continue;
                }

                current = next;
            }
        }

        return within is null || current.StartsWith(within == "/" ? within : within + "/", StringComparison.Ordinal) ? current : null;
    }

    private static string[] Split(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);
}
