using System.Text;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media.Processes;

public sealed class DecoderProcessTests
{
    private static readonly MediaOptions Options = new() { ProcessTimeoutSeconds = 60, ProcessMemoryMiB = 256 };

    [Fact]
    public async Task RunText_Arguments_ReachTheProgramUnread()
    {
        (DecoderExit exit, string output) = await RunAsync(Options, "printf", "%s|", "a b", "$HOME", "*", "'\"");

        exit.ExitCode.ShouldBe(0);
        output.ShouldBe("a b|$HOME|*|'\"|");
    }

    [Fact]
    public async Task RunText_Environment_IsMinimal()
    {
        Environment.SetEnvironmentVariable("QWEN3VL_TEST_SECRET", "secret");

        (_, string output) = await RunAsync(Options, "env");

        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=')[0]).Order().ShouldBe(["HOME", "LC_ALL", "PATH"]);
    }

    [Fact]
    public async Task RunText_MemoryLimit_IsSet()
    {
        (_, string output) = await RunAsync(Options, "sh", "-c", "ulimit -v");

        output.Trim().ShouldBe($"{256 * 1024}");
    }

    [Fact]
    public async Task RunText_OtherLimits_AreSet()
    {
        // Processor time in seconds, core file and written files in blocks of 512 bytes, open files.
        (_, string output) = await RunAsync(Options, "sh", "-c", "ulimit -St; ulimit -Ht; ulimit -c; ulimit -f; ulimit -n");

        int seconds = 60 * Environment.ProcessorCount;
        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe([$"{seconds}", $"{seconds + 5}", "0", "32768", "256"]);
    }

    [Fact]
    public async Task RunText_ProcessorTimeUsedUp_IsTheFilesFault()
    {
        // The limit that a program sets itself is one of the kernel, as ours is: a clock on the wall would not see an orphan.
        (DecoderExit exit, _) = await RunAsync(Options, "sh", "-c", "ulimit -St 1; while :; do :; done");

        exit.ExitCode.ShouldBe(128 + 24);
    }

    [Fact]
    public async Task RunText_FileWritten_IsCutAtTheLimit()
    {
        string path = Path.Combine(Path.GetTempPath(), "qwen3vl-written-" + Path.GetRandomFileName());
        try
        {
            (DecoderExit exit, _) = await RunAsync(Options, "sh", "-c", "head -c 40000000 /dev/zero > \"$0\"", path);

            exit.ExitCode.ShouldNotBe(0);
            new FileInfo(path).Length.ShouldBeLessThanOrEqualTo(16 << 20);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Run_OutputThatGoesOn_IsNotReadToItsEnd()
    {
        ContentException exception = await Should.ThrowAsync<ContentException>(() => new DecoderProcess(Options, TimeProvider.System).RunAsync(
            new DecoderCommand("yes", []), (output, token) => output.ReadExactlyAsync(new byte[10], token).AsTask(), default));

        exception.Code.ShouldBe(ErrorCodes.DecodeFailed);
    }

    [Fact]
    public async Task RunText_StandardInput_IsEmpty()
    {
        (DecoderExit exit, string output) = await RunAsync(Options, "cat");

        exit.ExitCode.ShouldBe(0);
        output.ShouldBeEmpty();
    }

    [Fact]
    public async Task RunText_NoMemory_MaySucceedSmaller()
    {
        ContentException exception = await Should.ThrowAsync<ContentException>(
            () => RunAsync(Options, "sh", "-c", "echo 'filter: Cannot allocate memory' >&2; exit 1"));

        exception.Code.ShouldBe(ErrorCodes.LimitExceeded);
        exception.MaySucceedSmaller.ShouldBeTrue();
        exception.Message.ShouldContain("Media:ProcessMemoryMiB");
    }

    [Fact]
    public async Task RunText_MoreOutputThanAllowed_Fails()
    {
        ContentException exception = await Should.ThrowAsync<ContentException>(() => RunAsync(Options, "yes"));

        exception.Code.ShouldBe(ErrorCodes.DecodeFailed);
    }

    [Fact]
    public async Task Run_FloodOfErrors_IsCutAndDoesNotBlock()
    {
        (DecoderExit exit, _) = await RunAsync(Options, "sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 7");

        exit.ExitCode.ShouldBe(7);
        exit.Errors.Length.ShouldBe(1 << 20);
    }

    [Fact]
    public async Task Run_OwnTimeout_IsDecodeTimeoutAndKillsTheTree()
    {
        using StringWriterStream pids = new();
        DecoderProcess process = new(Options with { ProcessTimeoutSeconds = 0.5 }, TimeProvider.System);

        // The shell prints its own id and its child's, then both would run for an hour.
        ContentException exception = await Should.ThrowAsync<ContentException>(() => process.RunAsync(
            new DecoderCommand("sh", ["-c", "sleep 3600 & echo $$ $!; wait"]),
            (output, token) => output.CopyToAsync(pids, token),
            default));

        exception.Code.ShouldBe(ErrorCodes.DecodeTimeout);
        foreach (string pid in pids.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            // The signal has been sent; on a busy machine the kernel takes a moment.
            await Eventually.TrueAsync(() => Task.FromResult(!IsRunning(pid.Trim())), TimeSpan.FromSeconds(30), $"the end of process {pid.Trim()}");
        }
    }

    [Fact]
    public async Task Run_Program_HasASessionOfItsOwn()
    {
        // Fields of stat after the name: state, parent, process group, session.
        (_, string output) = await RunAsync(Options, "sh", "-c", "cut -d' ' -f1,5,6 /proc/$$/stat");

        string[] ids = output.Trim().Split(' ');
        ids[1].ShouldBe(ids[0]);
        ids[2].ShouldBe(ids[0]);
    }

    [Theory]
    [InlineData("HUP")]
    [InlineData("INT")]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task Run_EndedBySignalFromOutside_IsAnInterruption(string signal)
    {
        // With the signals' own meaning: what runs the tests in the background may have left them ignored.
        DecoderInterruptedException exception = await Should.ThrowAsync<DecoderInterruptedException>(
            () => RunAsync(Options, "env", "--default-signal", "sh", "-c", $"kill -{signal} $$"));

        exception.Message.ShouldContain("env");
    }

    [Fact]
    public async Task Run_OutputCutBySignal_IsAnInterruptionAndNotTheFilesFault() =>
        await Should.ThrowAsync<DecoderInterruptedException>(() => new DecoderProcess(Options, TimeProvider.System).RunAsync(
            new DecoderCommand("sh", ["-c", "printf half; kill -TERM $$"]),
            async (output, token) =>
            {
                await output.CopyToAsync(Stream.Null, token);
                throw new ContentException(ErrorCodes.DecodeFailed, "output must be whole; got half");
            },
            default));

    [Fact]
    public async Task Run_Crash_IsTheFilesFault()
    {
        (DecoderExit exit, _) = await RunAsync(Options, "sh", "-c", "kill -SEGV $$");

        exit.ExitCode.ShouldBe(139);
    }

    [Fact]
    public async Task Run_CancelledByCaller_ThrowsCancellation()
    {
        using CancellationTokenSource source = new();
        DecoderProcess process = new(Options, TimeProvider.System);

        await Should.ThrowAsync<OperationCanceledException>(() => process.RunAsync(
            new DecoderCommand("sh", ["-c", "echo started; sleep 3600"]),
            async (output, token) =>
            {
                // Cancelled only once the program surely runs.
                await output.ReadExactlyAsync(new byte[7], token);
                await source.CancelAsync();
                await output.CopyToAsync(Stream.Null, token);
            },
            source.Token));
    }

    [Fact]
    public async Task Run_AlreadyCancelled_StartsNothing()
    {
        DecoderProcess process = new(Options, TimeProvider.System);

        await Should.ThrowAsync<OperationCanceledException>(
            () => process.RunTextAsync(new DecoderCommand("no-such-program", []), 10, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Run_MissingProgram_IsNotTheFilesFault()
    {
        InvalidOperationException exception = await Should.ThrowAsync<InvalidOperationException>(() => RunAsync(Options, "no-such-program"));

        exception.Message.ShouldContain("no-such-program");
    }

    [Fact]
    public async Task Run_WithoutTheProgramThatSetsLimits_StartsNothing()
    {
        string folder = Directory.CreateTempSubdirectory("qwen3vl-path-").FullName;
        try
        {
            File.CreateSymbolicLink(Path.Combine(folder, "true"), "/bin/true");
            DecoderProcess process = new(Options, TimeProvider.System, folder);

            InvalidOperationException exception = await Should.ThrowAsync<InvalidOperationException>(
                () => process.RunTextAsync(new DecoderCommand("true", []), 10, default));

            exception.Message.ShouldContain("prlimit must be installed");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<(DecoderExit Exit, string Output)> RunAsync(MediaOptions options, string program, params string[] arguments) =>
        new DecoderProcess(options, TimeProvider.System).RunTextAsync(new DecoderCommand(program, arguments), 10_000, default);

    /// <summary>A zombie that waits to be collected does not run any more.</summary>
    private static bool IsRunning(string pid)
    {
        string stat = $"/proc/{pid}/stat";
        return File.Exists(stat) && File.ReadAllText(stat).Split(") ")[1][0] != 'Z';
    }

    private sealed class StringWriterStream : MemoryStream
    {
        public string Text => Encoding.ASCII.GetString(ToArray());
    }
}
