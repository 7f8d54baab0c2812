using System.ComponentModel;
using System.Diagnostics;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Whether the programs that read media are there and start.</summary>
internal sealed class ProgramsCheck : ICheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly (string Program, string VersionArgument, string Package, string Use)[] Programs =
    [
        ("ffmpeg", "-version", "ffmpeg", "pictures and video frames"),
        ("ffprobe", "-version", "ffmpeg", "times and sizes of media"),
        ("pdftoppm", "-v", "poppler-utils", "pages of PDFs"),
        ("pdfinfo", "-v", "poppler-utils", "number and sizes of pages"),
        ("prlimit", "--version", "util-linux", "limits on decoders"),
        ("setsid", "--version", "util-linux", "decoders apart from the terminal's signals"),
    ];

    private readonly TimeProvider _timeProvider;

    /// <summary>Creates one.</summary>
    public ProgramsCheck(TimeProvider timeProvider) => _timeProvider = timeProvider;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        List<CheckResult> results = [];
        foreach ((string program, string versionArgument, string package, string use) in Programs)
        {
            string? version = await VersionAsync(program, versionArgument, cancellationToken).ConfigureAwait(false);
            results.Add(version is not null
                ? new CheckResult(program, CheckLevel.Ok, version)
                : new CheckResult(
                    program,
                    CheckLevel.Fail,
                    $"cannot be started; needed for {use}",
                    $"install the package {package} (ops/setup does)"));
        }

        return results;
    }

    private async Task<string?> VersionAsync(string program, string versionArgument, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(Patience, _timeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using Process process = new();
        process.StartInfo = new ProcessStartInfo(program, [versionArgument]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            process.Start();
            // poppler writes its version to stderr, ffmpeg to stdout; both are a few lines, so neither can fill a pipe.
            string output = await process.StandardOutput.ReadToEndAsync(either.Token).ConfigureAwait(false);
            string error = await process.StandardError.ReadToEndAsync(either.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);
            string first = (output.Length > 0 ? output : error).Split('\n')[0].Trim();
            int copyright = first.IndexOf(" Copyright", StringComparison.Ordinal);
            return copyright > 0 ? first[..copyright] : first;
        }
        catch (Win32Exception)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return null;
        }
    }
}
