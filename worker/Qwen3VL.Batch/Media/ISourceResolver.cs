using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Media;

/// <summary>Turns what a client named into a file that may be read.</summary>
internal interface ISourceResolver
{
    /// <summary>
    /// Checks the name (syntax; root and links, or scheme, host and address), the size and, when given or <paramref name="expectedSha256"/>, the
    /// content. The caller disposes the file after use.
    /// </summary>
    /// <exception cref="ContentException">source_refused, source_not_found, source_changed or limit_exceeded.</exception>
    Task<SourceFile> ResolveAsync(JobSource source, string? expectedSha256, CancellationToken cancellationToken);
}
