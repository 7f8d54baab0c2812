using System.Diagnostics;
using Qwen3VL.TestKit;

namespace Qwen3VL.Batch.IntegrationTests.Commands;

/// <summary>The built program run to its end.</summary>
/// <param name="ExitCode">What it returned.</param>
/// <param name="Output">All that it wrote, stdout and stderr.</param>
internal sealed record ProgramRun(int ExitCode, string Output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Runs it with these settings and no others.</summary>
    public static async Task<ProgramRun> RunAsync(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        string configuration = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)).Name;
        var start = new ProcessStartInfo(
            Path.Combine(RepositoryPaths.Root, "artifacts", "bin", "Qwen3VL.Batch.Worker", configuration, "qwen3vl-batch"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string inherited in start.Environment.Keys.Where(key => key.StartsWith("QWEN3VL_", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(inherited);
        }

        foreach ((string key, string value) in environment)
        {
            start.Environment[key] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException("the program must start");
        using var limit = new CancellationTokenSource(Limit, TimeProvider.System);
        Task<string> output = process.StandardOutput.ReadToEndAsync(limit.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return new ProgramRun(process.ExitCode, await output + await error);
    }
}
