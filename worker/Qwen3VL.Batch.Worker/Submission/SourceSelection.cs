using Microsoft.Extensions.FileSystemGlobbing;
using Microsoft.Extensions.FileSystemGlobbing.Abstractions;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Worker.Commands;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>
/// Turns what a person typed into files below the source root: a file, a folder (all files in it that can be read, at any depth) or a
/// pattern with <c>*</c>, <c>**</c> or <c>?</c>. Relative names are looked up below the source root first, then in the current folder.
/// An http or https URL stays as it is: the workers fetch it.
/// </summary>
internal sealed class SourceSelection
{
    private readonly string _currentFolder;
    private readonly string? _root;

    /// <summary>Creates one.</summary>
    /// <param name="sourceRoot">The folder below which sources lie; exists, or is empty where all sources are URLs.</param>
    /// <param name="currentFolder">The caller's current folder.</param>
    public SourceSelection(string sourceRoot, string currentFolder)
    {
        _root = sourceRoot.Length == 0 ? null : Path.TrimEndingDirectorySeparator(Path.GetFullPath(sourceRoot));
        _currentFolder = currentFolder;
    }

    /// <summary>All files, each once, in the order given; files of a folder or pattern by name.</summary>
    /// <exception cref="CommandException">A name leads nowhere or out of the root.</exception>
    public IReadOnlyList<SelectedSource> Select(IReadOnlyList<string> names)
    {
        List<SelectedSource> selected = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (SourceUrl.IsUrl(name))
            {
                if (seen.Add(name))
                {
                    selected.Add(new SelectedSource(name, Path: null));
                }

                continue;
            }

            string root = _root ?? throw new CommandException(ExitCodes.Usage, $"'{name}' must be a URL, because there is no source root; set Media:SourceRoot");
            selected.AddRange(Expand(name, root).Where(seen.Add).Select(path => new SelectedSource(RelativeTo(root, path), path)));
        }

        return selected;
    }

    private List<string> Expand(string name, string root)
    {
        if (name.StartsWith("file:", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(name, UriKind.Absolute, out Uri? uri))
        {
            name = uri.LocalPath;
        }

        foreach (string folder in new[] { root, _currentFolder })
        {
            string path = Path.GetFullPath(name, folder);
            if (File.Exists(path))
            {
                return [path];
            }

            if (Directory.Exists(path))
            {
                return InFolder(path, name);
            }

            if (IsPattern(name) && Matching(name, folder) is { Count: > 0 } found)
            {
                return found;
            }
        }

        throw new CommandException(
            ExitCodes.Usage,
            IsPattern(name)
                ? $"the pattern '{name}' must match a file below the source root or the current folder; it matches none"
                : $"'{name}' must be a file, a folder or a pattern below the source root ({root}); there is none");
    }

    private static List<string> InFolder(string folder, string name)
    {
        List<string> files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => MediaKinds.OfExtension(path) is not null)
            .Order(StringComparer.Ordinal)];
        return files.Count > 0
            ? files
            : throw new CommandException(ExitCodes.Usage, $"the folder '{name}' must hold a PDF, picture or video; it holds none");
    }

    private static List<string> Matching(string pattern, string folder)
    {
        string start = folder;
        if (Path.IsPathRooted(pattern))
        {
            // The library matches below a folder: everything before the first part with a wildcard.
            string[] parts = pattern.Split('/');
            int fixedParts = Array.FindIndex(parts, IsPattern);
            start = "/" + string.Join('/', parts[..fixedParts]);
            pattern = string.Join('/', parts[fixedParts..]);
        }

        if (!Directory.Exists(start))
        {
            return [];
        }

        Matcher matcher = new(StringComparison.Ordinal);
        matcher.AddInclude(pattern);
        return [.. matcher.Execute(new DirectoryInfoWrapper(new DirectoryInfo(start))).Files
            .Select(file => Path.GetFullPath(file.Path, start))
            .Order(StringComparer.Ordinal)];
    }

    private static string RelativeTo(string root, string path)
    {
        string relative = Path.GetRelativePath(root, path);
        if (Path.IsPathRooted(relative) || relative == ".." || relative.StartsWith("../", StringComparison.Ordinal))
        {
            throw new CommandException(
                ExitCodes.Usage,
                $"'{path}' must lie below the source root ({root}); move it there or give another --source-root to client and workers");
        }

        return relative.Replace(Path.DirectorySeparatorChar, '/');
    }

    private static bool IsPattern(string name) => name.AsSpan().IndexOfAny('*', '?') >= 0;
}
