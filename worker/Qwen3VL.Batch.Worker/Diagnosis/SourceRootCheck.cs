using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Whether the source root can be listed.</summary>
internal sealed class SourceRootCheck : ICheck
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        string root = settings.Media.SourceRoot;
        if (root.Length == 0)
        {
            // Validation lets this pass only where sources are URLs.
            return Task.FromResult<IReadOnlyList<CheckResult>>([new CheckResult("source root", CheckLevel.Ok, "none; sources are URLs")]);
        }

        CheckResult result;
        try
        {
            bool empty = !Directory.EnumerateFileSystemEntries(root).Any();
            result = empty
                ? new CheckResult(
                    "source root",
                    CheckLevel.Warn,
                    $"{root} is empty",
                    "put documents and videos below it, or give another --source-root")
                : new CheckResult("source root", CheckLevel.Ok, root);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            result = new CheckResult("source root", CheckLevel.Fail, $"{root} cannot be listed", "make the folder readable for this user");
        }

        return Task.FromResult<IReadOnlyList<CheckResult>>([result]);
    }
}
