using System.Diagnostics;
using System.Globalization;

namespace Qwen3VL.TestKit.Servers;

/// <summary>
/// One server in a process group of its own, and a guard that ends the group when the test process dies without saying goodbye. Signals go
/// to the group by the id that was started, never by name. Owner: the fixture that started it.
/// </summary>
/// <remarks>
/// As commands: <c>setsid sh -c 'exec "$@" &gt;&gt;log' server ...</c> keeps the id of the first process through every exec, so the id is also
/// the group. The guard is <c>sh -c 'cat; kill -KILL -group'</c> with its input held open by this process: the end of input is our death.
/// </remarks>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(25);

    private readonly Process _server;
    private readonly Process _guard;
    private readonly string _logFile;

    private ServerProcess(Process server, Process guard, string logFile)
    {
        _server = server;
        _guard = guard;
        _logFile = logFile;
    }

    /// <summary>The process, which is also the process group.</summary>
    public int Id => _server.Id;

    /// <summary>It ended.</summary>
    public bool HasExited => _server.HasExited;

    /// <summary>What it ended with; 128 + n after signal n.</summary>
    /// <exception cref="InvalidOperationException">It has not ended.</exception>
    public int ExitCode => _server.ExitCode;

    /// <summary>Everything it printed so far.</summary>
    public string Log => File.Exists(_logFile) ? File.ReadAllText(_logFile) : "";

    /// <summary>Completes when it has ended.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _server.WaitForExitAsync(cancellationToken);

    /// <summary>Starts the command; returns at once.</summary>
    public static ServerProcess Start(ServerLaunch launch)
    {
        var info = new ProcessStartInfo("setsid") { UseShellExecute = false, WorkingDirectory = "/" };
        foreach (string argument in (string[])["sh", "-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", launch.LogFile, .. launch.Command])
        {
            info.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in launch.Environment)
        {
            info.Environment[name] = value;
        }

        Process server = Process.Start(info) ?? throw new InvalidOperationException("setsid must start; got no process");
        string group = "-" + server.Id.ToString(CultureInfo.InvariantCulture);
        var guardInfo = new ProcessStartInfo("setsid") { UseShellExecute = false, WorkingDirectory = "/", RedirectStandardInput = true };
        foreach (string argument in (string[])["sh", "-c", "cat >/dev/null; kill -KILL \"$0\" 2>/dev/null", group])
        {
            guardInfo.ArgumentList.Add(argument);
        }

        Process guard = Process.Start(guardInfo) ?? throw new InvalidOperationException("setsid must start; got no process");
        return new ServerProcess(server, guard, launch.LogFile);
    }

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="InvalidOperationException">It did not end with 0; the message carries what it printed.</exception>
    public static Task RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) =>
        RunAsync(command, new Dictionary<string, string>(), cancellationToken);

    /// <summary>Runs a command to its end with variables beside those of this process.</summary>
    /// <exception cref="InvalidOperationException">It did not end with 0; the message carries what it printed.</exception>
    public static async Task RunAsync(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var info = new ProcessStartInfo(command[0])
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in command.Skip(1))
        {
            info.ArgumentList.Add(argument);
        }

        foreach ((string name, string value) in environment)
        {
            info.Environment[name] = value;
        }

        using Process process = Process.Start(info) ?? throw new InvalidOperationException($"{command[0]} must start; got no process");
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command[0]} must end with 0; got {process.ExitCode}: {await output}{await errors}");
        }
    }

    /// <summary>Waits until <paramref name="answers"/> says that the server is up.</summary>
    /// <exception cref="InvalidOperationException">The server ended.</exception>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public async Task WaitUntilAsync(Func<CancellationToken, Task<bool>> answers, TimeSpan limit, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        while (!await answers(cancellationToken))
        {
            if (HasExited)
            {
                throw new InvalidOperationException($"server must stay up; it ended: {LogTail()}");
            }

            if (watch.Elapsed > limit)
            {
                throw new TimeoutException($"server must answer within {limit}; got nothing: {LogTail()}");
            }

            await Task.Delay(Poll, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Sends a signal (<c>TERM</c>, <c>INT</c>, <c>STOP</c>, <c>CONT</c>, <c>KILL</c>) to the whole group; nothing when the server has ended.</summary>
    public async Task SignalAsync(string signal, CancellationToken cancellationToken)
    {
        if (HasExited)
        {
            return;
        }

        try
        {
            await RunAsync(["sh", "-c", "kill -\"$0\" \"$1\"", signal, $"-{Id}"], cancellationToken);
        }
        catch (InvalidOperationException) when (HasExited)
        {
            // It ended between the look and the signal.
        }
    }

    /// <summary>Asks the group to end with <paramref name="signal"/>; kills what is left after <paramref name="grace"/>.</summary>
    public async Task EndAsync(string signal, TimeSpan grace, CancellationToken cancellationToken)
    {
        await SignalAsync(signal, cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(grace);
        try
        {
            await _server.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await SignalAsync("KILL", cancellationToken);
            await _server.WaitForExitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync("KILL", TimeSpan.FromSeconds(10), CancellationToken.None);

        // The guard's own kill finds an empty group: the id cannot be reused while this object holds the ended process.
        _guard.StandardInput.Close();
        await _guard.WaitForExitAsync();
        _guard.Dispose();
        _server.Dispose();
    }

    private string LogTail()
    {
        string text = Log;
        return text.Length > 2_000 ? text[^2_000..] : text;
    }
}
