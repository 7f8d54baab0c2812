namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>Where a job's file is.</summary>
public sealed record JobSource
{
    /// <summary>
    /// A path below the workers' configured source root (<c>invoices/2026/03.pdf</c>), or a <c>file:</c> URL below it; or an <c>https:</c> or
    /// <c>http:</c> URL without user, password and fragment, where the workers are configured to fetch from its host. A presigned URL must stay
    /// valid until the job has ended, and is stored with the job. 1..4096 characters.
    /// </summary>
    public required string Uri { get; init; }

    /// <summary>Lower-case hex SHA-256 of the file. When given, a worker refuses a file with another content: of a URL, whatever its server sends.</summary>
    public string? Sha256 { get; init; }
}
