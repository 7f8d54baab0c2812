namespace Qwen3VL.Batch.Storage;

/// <summary>A row of <see cref="JobInspectorSql.DeadLetters"/>.</summary>
internal sealed record DeadLetterCounts
{
    /// <summary>That wait for somebody.</summary>
    public int Open { get; init; }

    /// <summary>In all.</summary>
    public int Total { get; init; }
}
