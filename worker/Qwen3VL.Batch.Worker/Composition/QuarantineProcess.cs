using System.Diagnostics;
using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>
/// This program again, as a worker of the quarantine lane. Settings go over in the environment, which only this user can read, never on the
/// command line. The child holds the other end of a pipe to here: when this process is gone, however it went, the child drains and ends.
/// </summary>
internal sealed class QuarantineProcess(Settings settings, TimeProvider time, ILogger<QuarantineProcess> logger) : IQuarantineProcess
{
    /// <summary>Hidden option of the child's command line.</summary>
    public const string SupervisedOption = "--supervised";

    // After the child's own grace: its ledger calls and the end of its engine.
    private static readonly TimeSpan EndReserve = TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        using Process process = Process.Start(CreateStart(settings))
            ?? throw new InvalidOperationException("a quarantine worker must start; the system started none");
        logger.QuarantineStarted(process.Id);
        try
        {
            await process.WaitForExitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await EndAsync(process).ConfigureAwait(false);
        }

        return process.ExitCode;
    }

    /// <summary>How the child is started.</summary>
    internal static ProcessStartInfo CreateStart(Settings settings)
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("the program's path must be known; the system does not tell it");
        var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardInput = true };

        // Started as "dotnet program.dll", the program is an argument.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet" && Assembly.GetEntryAssembly()?.Location is { Length: > 0 } assembly)
        {
            start.ArgumentList.Add(assembly);
        }

        foreach (string argument in new[] { "worker", "--lanes", "quarantine", SupervisedOption })
        {
            start.ArgumentList.Add(argument);
        }

        foreach ((string key, string? value) in settings.Overrides.Where(pair => pair.Value is not null))
        {
            start.Environment[Variable(key)] = value;
        }

        // Also for a host that does not read the arguments: a child must never be a worker that starts children.
        start.Environment[Variable("Worker:Lanes")] = "quarantine";
        start.Environment[Variable("Worker:ReservedSlots")] = "0";
        start.Environment[Variable("Worker:HealthPort")] = "0";
        return start;
    }

    private static string Variable(string key) => Settings.EnvironmentPrefix + key.Replace(":", "__", StringComparison.Ordinal);

    private async Task EndAsync(Process process)
    {
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(settings.Worker.GraceSeconds) + EndReserve, time);
        try
        {
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            logger.QuarantineKilled(process.Id);
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }
}
