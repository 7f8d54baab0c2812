namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>Where a job's file is.</summary>
public sealed record JobSource
{
    /// <summary>
    /// A path below the workers' configured source root (<c>invoices/2026/03.pdf</c>), or a <c>file:</c> URL below it. Other schemes are
    /// refused by workers that are not configured for them.
    /// </summary>
    public required string Uri { get; init; }

    /// <summary>Lower-case hex SHA-256 of the file. When given, a worker refuses a file with another content.</summary>
    public string? Sha256 { get; init; }
}
