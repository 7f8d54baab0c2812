using System.Globalization;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Servers;

namespace Qwen3VL.Batch.IntegrationTests.EndToEnd;

/// <summary>The built executable as a process of its own, configured by environment variables alone.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private WorkerProcess(ServerProcess process) => _process = process;

    public bool HasExited => _process.HasExited;

    public string Log => _process.Log;

    public static WorkerProcess Start(BrokerOptions broker, string database, string sourceRoot, string logFile, IReadOnlyDictionary<string, string>? settings = null)
    {
        var environment = new Dictionary<string, string>
        {
            ["QWEN3VL_Broker__Host"] = broker.Host,
            ["QWEN3VL_Broker__Port"] = broker.Port.ToString(CultureInfo.InvariantCulture),
            ["QWEN3VL_Broker__User"] = broker.User,
            ["QWEN3VL_Broker__Password"] = broker.Password,
            ["QWEN3VL_Database__ConnectionString"] = database,
            ["QWEN3VL_Media__SourceRoot"] = sourceRoot,
            ["QWEN3VL_Worker__LeaseSeconds"] = "6",
            ["QWEN3VL_Worker__PollSeconds"] = "0.2",
            ["QWEN3VL_Worker__GraceSeconds"] = "20",
            ["QWEN3VL_Logging__LogLevel__Default"] = "Information",
        };
        foreach ((string key, string value) in settings ?? new Dictionary<string, string>())
        {
            environment["QWEN3VL_" + key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        return new WorkerProcess(ServerProcess.Start(new ServerLaunch(logFile, [Executable(), "worker"]) { Environment = environment }));
    }

    /// <summary>kill -9, with everything it started: what a node that dies looks like.</summary>
    public async Task KillAsync()
    {
        await _process.SignalAsync("KILL", CancellationToken.None);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGTERM to the worker and to the decoders it runs, as a supervisor that ends a control group sends it. Does not wait.</summary>
    public Task TerminateAsync() => _process.SignalAsync("TERM", CancellationToken.None);

    /// <summary>Waits for the end; returns the exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan limit)
    {
        using var elapsed = new CancellationTokenSource(limit, TimeProvider.System);
        await _process.WaitForExitAsync(elapsed.Token);
        return _process.ExitCode;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    // The output folder of this test project ends in its configuration: the worker of the same build is two folders over.
    private static string Executable()
    {
        string configuration = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)).Name;
        return Path.Combine(RepositoryPaths.Root, "artifacts", "bin", "Qwen3VL.Batch.Worker", configuration, "qwen3vl-batch");
    }
}
