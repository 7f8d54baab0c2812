namespace Qwen3VL.Batch.Storage;

/// <summary>What was done to a dead letter.</summary>
internal sealed record DeadLetterAuditRow
{
    /// <summary>When, UTC.</summary>
    public DateTime At { get; init; }

    /// <summary><c>recorded</c>, <c>repeated</c>, <c>replaying</c>, <c>replayed</c>, <c>discarded</c> or <c>reopened</c>.</summary>
    public string Action { get; init; } = "";

    /// <summary>By whom.</summary>
    public string Actor { get; init; } = "";

    /// <summary>JSON.</summary>
    public string Detail { get; init; } = "";
}
