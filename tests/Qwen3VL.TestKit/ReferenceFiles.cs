namespace Qwen3VL.TestKit;

/// <summary>
/// Side files of released checkpoints, which are too large or not ours to keep in the repository. They are looked for in the folder that the
/// environment variable <c>QWEN3VL_REFERENCE</c> names, then in <c>../shared/reference</c> beside the repository.
/// </summary>
public static class ReferenceFiles
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string Variable = "QWEN3VL_REFERENCE";

    /// <summary>The full path of a file given relative to the reference folder; null when this machine has none.</summary>
    public static string? Find(string relativePath)
    {
        string?[] folders = [Environment.GetEnvironmentVariable(Variable), Path.Combine(RepositoryPaths.Root, "..", "shared", "reference")];
        return folders
            .Where(folder => !string.IsNullOrEmpty(folder))
            .Select(folder => Path.GetFullPath(Path.Combine(folder ?? "", relativePath)))
            .FirstOrDefault(File.Exists);
    }
}
