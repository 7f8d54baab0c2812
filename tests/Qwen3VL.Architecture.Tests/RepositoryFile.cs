using Qwen3VL.TestKit;

namespace Qwen3VL.Architecture.Tests;

/// <summary>One text file of the repository.</summary>
/// <param name="Path">Relative to the root, with forward slashes.</param>
/// <param name="Text">Its content.</param>
internal sealed record RepositoryFile(string Path, string Text)
{
    // What git itself and .gitignore keep out; nothing else may be skipped. In a linked work tree .git is a file.
    private static readonly string[] Ignored = [".git", "artifacts", ".run", ".vs", ".idea", "TestResults", "__pycache__", "bin", "obj"];

    /// <summary>The name without folder.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Every text file of the repository; a file with a zero byte is not text.</summary>
    public static IReadOnlyList<RepositoryFile> ReadAll()
    {
        var files = new List<RepositoryFile>();
        Collect(new DirectoryInfo(RepositoryPaths.Root), files);
        return files;
    }

    private static void Collect(DirectoryInfo folder, List<RepositoryFile> files)
    {
        foreach (FileInfo file in folder.EnumerateFiles().Where(file => !Ignored.Contains(file.Name)).OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            byte[] content = File.ReadAllBytes(file.FullName);
            if (!content.AsSpan().Contains((byte)0))
            {
                string path = System.IO.Path.GetRelativePath(RepositoryPaths.Root, file.FullName).Replace('\\', '/');
                files.Add(new RepositoryFile(path, System.Text.Encoding.UTF8.GetString(content)));
            }
        }

        foreach (DirectoryInfo child in folder.EnumerateDirectories().Where(child => !Ignored.Contains(child.Name)))
        {
            Collect(child, files);
        }
    }
}
