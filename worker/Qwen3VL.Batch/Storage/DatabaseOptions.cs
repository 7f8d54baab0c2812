namespace Qwen3VL.Batch.Storage;

/// <summary>Section <c>Database</c>.</summary>
internal sealed record DatabaseOptions
{
    /// <summary>Npgsql connection string; no default.</summary>
    public string ConnectionString { get; init; } = "";
}
