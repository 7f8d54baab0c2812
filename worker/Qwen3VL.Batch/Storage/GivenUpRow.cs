namespace Qwen3VL.Batch.Storage;

/// <summary>A chunk that has just been given up, as Dapper fills it.</summary>
internal sealed record GivenUpRow
{
    /// <summary>Executions that were begun.</summary>
    public int Attempts { get; init; }

    /// <summary>Whose job it is.</summary>
    public long TenantId { get; init; }

    /// <summary>One of <see cref="Jobs.ErrorCodes"/>.</summary>
    public string ErrorCode { get; init; } = "";

    /// <summary>Why, for people.</summary>
    public string? ErrorText { get; init; }

    /// <summary>Whether somebody has cancelled the job.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>How often the work of its job was replayed before, the job itself being the last of those replays; 0 for a job that is none.</summary>
    public int Replays { get; init; }

    /// <summary>The database's time, UTC.</summary>
    public DateTime At { get; init; }
}
