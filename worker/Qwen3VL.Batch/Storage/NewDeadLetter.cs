namespace Qwen3VL.Batch.Storage;

/// <summary>Something that was given up, to be recorded. Texts are cleaned and cut by whoever makes it (<see cref="StoredText"/>).</summary>
internal sealed record NewDeadLetter
{
    /// <summary><c>chunk</c>, <c>message</c> or <c>outbox</c>.</summary>
    public required string Source { get; init; }

    /// <summary>One open dead letter for each key; a repeat is counted on it.</summary>
    public required string DedupKey { get; init; }

    /// <summary>Whose it is; 0 when nobody can tell.</summary>
    public long TenantId { get; init; }

    /// <summary>The job, when it is about one.</summary>
    public Guid? JobId { get; init; }

    /// <summary>The chunk, when it is about one.</summary>
    public int? ChunkNo { get; init; }

    /// <summary>Queue or exchange.</summary>
    public string? Queue { get; init; }

    /// <summary>Value of the type header, or the contract's name.</summary>
    public string? MessageType { get; init; }

    /// <summary>JSON object of texts.</summary>
    public string? Headers { get; init; }

    /// <summary>The body when it is JSON that the database takes.</summary>
    public string? Body { get; init; }

    /// <summary>The body otherwise.</summary>
    public byte[]? BodyRaw { get; init; }

    /// <summary>One of <see cref="Jobs.ErrorCodes"/>.</summary>
    public required string ErrorCode { get; init; }

    /// <summary>Why, for people.</summary>
    public string? ErrorText { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>How often it was replayed before, under other dead letters: the limit is on the work, not on one record of it.</summary>
    public int Replays { get; init; }

    /// <summary>The dead letter that this message is the replay of.</summary>
    public Guid? ReplayOf { get; init; }

    /// <summary>Who records it, for the audit.</summary>
    public required string Actor { get; init; }
}
