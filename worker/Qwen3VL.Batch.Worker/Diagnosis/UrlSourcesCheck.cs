using System.Globalization;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Fetching;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Which URLs are fetched, and whether there is room for the files. No host is asked.</summary>
internal sealed class UrlSourcesCheck : ICheck
{
    private const string Name = "URL sources";

    /// <inheritdoc/>
    public Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<CheckResult>>([.. Check(settings.Media)]);

    private static IEnumerable<CheckResult> Check(MediaOptions media)
    {
        if (media.AllowedHosts.Count == 0)
        {
            yield return new CheckResult(Name, CheckLevel.Ok, "refused; Media:AllowedHosts names none");
            yield break;
        }

        yield return new CheckResult(Name, CheckLevel.Ok, $"{string.Join(", ", media.EffectiveSchemes)} from {string.Join(", ", media.AllowedHosts)}");
        if (media.AllowPrivateAddresses)
        {
            yield return new CheckResult(
                Name, CheckLevel.Warn, "allowed hosts may have private addresses", "leave Media:AllowPrivateAddresses off unless the store is inside your network");
        }

        if (media.EffectiveSchemes.Contains(Uri.UriSchemeHttp))
        {
            yield return new CheckResult(Name, CheckLevel.Warn, "http is not encrypted: files can be read and exchanged on the way", "leave http out of Media:AllowedSchemes");
        }

        yield return Room(media);
    }

    private static CheckResult Room(MediaOptions media)
    {
        try
        {
            using FetchFolder folder = FetchFolder.Open(media.FetchFolder);
            long freeMiB = new DriveInfo(folder.Path).AvailableFreeSpace >> 20;
            string message = string.Create(CultureInfo.InvariantCulture, $"{freeMiB} MiB free for up to {media.FetchCacheMiB} MiB of fetched files a process");
            return freeMiB >= media.FetchCacheMiB
                ? new CheckResult(Name, CheckLevel.Ok, message)
                : new CheckResult(Name, CheckLevel.Warn, message, "name a folder of a larger disk in Media:FetchFolder, or lower Media:FetchCacheMiB");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new CheckResult(Name, CheckLevel.Fail, "the folder for fetched files cannot be made", "name one that this user may write in Media:FetchFolder");
        }
    }
}
