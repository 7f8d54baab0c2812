using Qwen3VL.TestKit;

namespace Qwen3VL.Batch.Faults.Processes;

/// <summary>Where the built programs are: beside this one, of the same configuration.</summary>
internal static class WorkerPrograms
{
    /// <summary>Program and arguments of a kind.</summary>
    /// <exception cref="FileNotFoundException">It is not built.</exception>
    public static IReadOnlyList<string> Command(WorkerKind kind) => kind == WorkerKind.Product
        ? [Product, "worker"]
        : [Built("Qwen3VL.Batch.FaultWorker", "Qwen3VL.Batch.FaultWorker")];

    /// <summary>The product's program.</summary>
    /// <exception cref="FileNotFoundException">It is not built.</exception>
    public static string Product => Built("Qwen3VL.Batch.Worker", "qwen3vl-batch");

    /// <summary>The bundled model.</summary>
    public static string Model => RepositoryPaths.TinyModel;

    // The output folder of every project ends in its configuration.
    private static string Built(string project, string program)
    {
        string configuration = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)).Name;
        string path = Path.Combine(RepositoryPaths.Root, "artifacts", "bin", project, configuration, program);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{project} must be built in configuration {configuration}; got no {program}");
    }
}
