using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Whether the programs that read media are there and start.</summary>
internal sealed class ProgramsCheck : ICheck
{
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
        if (await ProgramOutput.ReadAsync(program, [versionArgument], _timeProvider, cancellationToken).ConfigureAwait(false) is not { } output)
        {
            return null;
        }

        string first = output.Split('\n')[0].Trim();
        int copyright = first.IndexOf(" Copyright", StringComparison.Ordinal);
        return copyright > 0 ? first[..copyright] : first;
    }
}
