namespace Qwen3VL.TestKit;

/// <summary>Where the repository is, for tests that read goldens, the bundled model or sources.</summary>
public static class RepositoryPaths
{
    /// <summary>The folder that holds the solution file, found upwards from the test's own assembly.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The reference outputs.</summary>
    public static string Goldens { get; } = Path.Combine(Root, "tests", "goldens");

    /// <summary>The bundled tiny checkpoint.</summary>
    public static string TinyModel { get; } = Path.Combine(Root, "engine", "models", "qwen3vl-tiny");

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Qwen3VL.Batch.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("the tests must run below the folder of Qwen3VL.Batch.sln");
    }
}
