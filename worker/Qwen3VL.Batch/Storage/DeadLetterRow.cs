namespace Qwen3VL.Batch.Storage;

/// <summary>What recording the dead letter of a chunk returns, as Dapper fills it.</summary>
internal sealed record DeadLetterRow
{
    /// <summary>Executions of the chunk that were begun.</summary>
    public int Attempts { get; init; }

    /// <summary>Whose job it is.</summary>
    public long TenantId { get; init; }

    /// <summary>The database's time, UTC.</summary>
    public DateTime At { get; init; }
}
