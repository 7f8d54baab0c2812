using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media.Processes;

/// <summary>
/// Runs the programs that parse untrusted bytes: in a session of their own, so that a signal to the worker's group (Ctrl+C) does not end them
/// and look like a broken file; without a shell, without the worker's environment, with a memory limit, with a time limit that
/// kills the whole process tree, with limits on processor time, files and open files, and with bounded capture of what they write. Thread-safe.
/// </summary>
internal sealed class DecoderProcess
{
    /// <summary>Kept of standard error: enough for the frame lines of the largest window; the rest is read and dropped.</summary>
    private const int MaxErrorBytes = 1 << 20;

    /// <summary>
    /// Read and dropped of output that nobody asked for. A decoder is told how much to write; one that goes on was talked into it by its file.
    /// </summary>
    private const int MaxLeftoverBytes = 1 << 20;

    // Decoders write to pipes. What else a program may write, for example a cache of fonts, is small.
    private const int MaxFileBytes = 16 << 20;

    private const int MaxOpenFiles = 256;

    // Between the signal that a program may catch and the one that it cannot.
    private const long CpuReserveSeconds = 5;

    // A program whose output has ended is gone in this time; one that still writes is not waited for.
    private static readonly TimeSpan ExitWait = TimeSpan.FromMilliseconds(200);

    // What ffmpeg, poppler and the C++ library say when an allocation fails, and the loader when not even the program's libraries fit.
    private static readonly string[] MemoryErrors = ["Cannot allocate memory", "Out of memory", "bad_alloc", "failed to map segment"];

    private readonly TimeSpan _timeout;
    private readonly long _memoryBytes;
    private readonly long _cpuSeconds;
    private readonly TimeProvider _time;
    private readonly string _path;
    private readonly string? _setsid;
    private readonly string? _prlimit;

    /// <summary>Creates a runner with the limits of <paramref name="options"/>.</summary>
    /// <param name="options">Section <c>Media</c>.</param>
    /// <param name="time">Clock of the time limit.</param>
    /// <param name="path">Folders of programs; null: the worker's own.</param>
    public DecoderProcess(MediaOptions options, TimeProvider time, string? path = null)
    {
        _path = path ?? Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin";
        _timeout = TimeSpan.FromSeconds(options.ProcessTimeoutSeconds);
        _memoryBytes = (long)options.ProcessMemoryMiB << 20;

        // All processors for the whole time: the clock on the wall ends a program before that, except one whose worker was killed.
        _cpuSeconds = (long)Math.Ceiling(options.ProcessTimeoutSeconds * Environment.ProcessorCount);
        _time = time;
        _setsid = FindOnPath("setsid");
        _prlimit = FindOnPath("prlimit");
    }

    /// <summary>Runs a program to its end.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="readOutput">
    /// Reads standard output while the program runs. It may stop early or throw; the program is killed then if it has not ended.
    /// </param>
    /// <param name="cancellationToken">Kills the program and everything it started.</param>
    /// <exception cref="ContentException">decode_timeout, limit_exceeded (no memory), or what <paramref name="readOutput"/> throws.</exception>
    /// <exception cref="DecoderInterruptedException">The program was ended by a signal from outside.</exception>
    /// <exception cref="InvalidOperationException">The program is not installed, or on Linux <c>prlimit</c> is not.</exception>
    public async Task<DecoderExit> RunAsync(
        DecoderCommand command, Func<Stream, CancellationToken, Task> readOutput, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var timeout = new CancellationTokenSource(_timeout, _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using Process process = Start(command);
        try
        {
            process.StandardInput.Close();
            Task<string> errors = ReadErrorsAsync(process.StandardError.BaseStream, stop.Token);
            try
            {
                await readOutput(process.StandardOutput.BaseStream, stop.Token).ConfigureAwait(false);
            }
            catch (ContentException) when (!stop.IsCancellationRequested)
            {
                // What was read may be wrong only because it was cut when the program was ended from outside, or had no memory.
                if (await EndsAtOnceAsync(process).ConfigureAwait(false))
                {
                    ThrowIfCut(command.Program, process.ExitCode, await errors.ConfigureAwait(false));
                }

                throw;
            }

            await DropLeftoverAsync(command, process.StandardOutput.BaseStream, stop.Token).ConfigureAwait(false);
            string captured = await errors.ConfigureAwait(false);
            await process.WaitForExitAsync(stop.Token).ConfigureAwait(false);
            ThrowIfCut(command.Program, process.ExitCode, captured);
            return new DecoderExit(process.ExitCode, captured);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ContentException(
                ErrorCodes.DecodeTimeout,
                string.Create(CultureInfo.InvariantCulture, $"decoding must end within {_timeout.TotalSeconds} s; {command.Program} was stopped"));
        }
        finally
        {
            Kill(process);
        }
    }

    /// <summary>Runs a program whose output is short text.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="maxBytes">More output than this is decode_failed.</param>
    /// <param name="cancellationToken">Kills the program.</param>
    public async Task<(DecoderExit Exit, string Output)> RunTextAsync(DecoderCommand command, int maxBytes, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[maxBytes + 1];
        int length = 0;
        DecoderExit exit = await RunAsync(
            command,
            async (output, token) =>
            {
                length = await output.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, token).ConfigureAwait(false);
                if (length > maxBytes)
                {
                    throw new ContentException(ErrorCodes.DecodeFailed, $"the description of the file must be at most {maxBytes} bytes; got more");
                }
            },
            cancellationToken).ConfigureAwait(false);
        return (exit, Encoding.UTF8.GetString(buffer, 0, length));
    }

    /// <summary>
    /// Says so when a program ran out of memory. Ends with a failure are looked at already; this is for one that calls itself well and whose output is not
    /// what it was asked for (poppler writes a raster of one pixel then).
    /// </summary>
    /// <exception cref="ContentException">limit_exceeded.</exception>
    public void ThrowIfOutOfMemory(string program, string errors)
    {
        if (Array.Exists(MemoryErrors, error => errors.Contains(error, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ContentException(
                ErrorCodes.LimitExceeded,
                string.Create(CultureInfo.InvariantCulture, $"decoding must fit {_memoryBytes >> 20} MiB (Media:ProcessMemoryMiB); {program} ran out of memory"))
            {
                MaySucceedSmaller = true,
            };
        }
    }

    private Process Start(DecoderCommand command)
    {
        List<string> line = [];
        if (_setsid is not null)
        {
            line.AddRange([_setsid, "--wait"]);
        }

        if (_prlimit is null && OperatingSystem.IsLinux())
        {
            // A decoder without limits is one file away from taking the host's memory: none runs.
            throw Missing("prlimit", cause: null);
        }

        if (_prlimit is not null)
        {
            line.AddRange(
                [
                    _prlimit, $"--as={_memoryBytes}", "--core=0", $"--cpu={_cpuSeconds}:{_cpuSeconds + CpuReserveSeconds}", $"--fsize={MaxFileBytes}",
                    $"--nofile={MaxOpenFiles}", "--",
                ]);
        }

        line.Add(FindOnPath(command.Program) ?? throw Missing(command.Program, cause: null));
        ProcessStartInfo start = new(line[0])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in line.Skip(1).Concat(command.Arguments))
        {
            start.ArgumentList.Add(argument);
        }

        // Nothing of the worker's environment, which may hold passwords, reaches a parser of untrusted bytes.
        start.Environment.Clear();
        start.Environment["PATH"] = _path;
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["HOME"] = "/nonexistent";
        try
        {
            return Process.Start(start) ?? throw Missing(command.Program, cause: null);
        }
        catch (Win32Exception exception) when (!MachineShortage.IsCause(exception))
        {
            throw Missing(command.Program, exception);
        }
    }

    // 128 plus the signal: hang-up, interrupt, kill (also by the kernel when memory is short), termination. ffmpeg catches signals, says so and
    // exits with 255. Crashes on what a file holds (SIGSEGV, SIGABRT, SIGXCPU) are the file's fault.
    private static bool IsInterruption(int exitCode, string errors) =>
        exitCode is 129 or 130 or 137 or 143 || (exitCode == 255 && errors.Contains("received signal", StringComparison.Ordinal));

    private void ThrowIfCut(string program, int exitCode, string errors)
    {
        if (IsInterruption(exitCode, errors))
        {
            throw new DecoderInterruptedException(program, exitCode);
        }

        if (exitCode != 0)
        {
            ThrowIfOutOfMemory(program, errors);
        }
    }

    private async Task<bool> EndsAtOnceAsync(Process process)
    {
        try
        {
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(ExitWait, _time).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    // A program that still writes would wait for ever on a full pipe.
    private static async Task DropLeftoverAsync(DecoderCommand command, Stream output, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[1 << 14];
        long dropped = 0;
        while (await output.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var length and > 0)
        {
            dropped += length;
            if (dropped > MaxLeftoverBytes)
            {
                throw new ContentException(
                    ErrorCodes.DecodeFailed, $"a decoder must write what it is asked for; {command.Program} wrote more than {MaxLeftoverBytes} bytes beside it");
            }
        }
    }

    private static InvalidOperationException Missing(string program, Exception? cause) =>
        new($"{program} must be installed and on the path; it cannot be started", cause);

    private string? FindOnPath(string program) =>
        _path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    private static async Task<string> ReadErrorsAsync(Stream errors, CancellationToken cancellationToken)
    {
        byte[] kept = new byte[MaxErrorBytes];
        int length = await errors.ReadAtLeastAsync(kept, kept.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        await errors.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(kept, 0, length);
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already: nothing is left to kill.
        }
    }
}
