using System.Globalization;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Room for what decoders write: pages and frames go through files.</summary>
internal sealed class DiskCheck : ICheck
{
    private const long MiB = 1 << 20;
    private const long LeastMiB = 256;
    private const long ComfortMiB = 2_048;

    /// <inheritdoc/>
    public Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        string folder = Path.GetTempPath();
        return Task.FromResult<IReadOnlyList<CheckResult>>([Judge(folder, new DriveInfo(folder).AvailableFreeSpace / MiB)]);
    }

    /// <summary>Judges the room in a folder.</summary>
    internal static CheckResult Judge(string folder, long freeMiB)
    {
        string message = string.Create(CultureInfo.InvariantCulture, $"{freeMiB} MiB free in {folder}");
        return freeMiB >= ComfortMiB
            ? new CheckResult("disk", CheckLevel.Ok, message)
            : new CheckResult("disk", freeMiB >= LeastMiB ? CheckLevel.Warn : CheckLevel.Fail, message, "make room, or set TMPDIR to a larger file system");
    }
}
