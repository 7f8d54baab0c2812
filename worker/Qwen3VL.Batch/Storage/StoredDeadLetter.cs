namespace Qwen3VL.Batch.Storage;

/// <summary>A row of <c>vq.dead_letters</c> as Dapper fills it. Texts come from messages, documents and errors: shown only through SafeText.</summary>
internal sealed record StoredDeadLetter
{
    /// <summary>UUIDv7.</summary>
    public Guid Id { get; init; }

    /// <summary><c>chunk</c>, <c>message</c> or <c>outbox</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>Whose it is.</summary>
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

    /// <summary>JSON.</summary>
    public string? Body { get; init; }

    /// <summary>The body, or its beginning, when it is not JSON.</summary>
    public byte[]? BodyRaw { get; init; }

    /// <summary>Why, for programs.</summary>
    public string ErrorCode { get; init; } = "";

    /// <summary>Why, for people.</summary>
    public string? ErrorText { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>How often it was recorded.</summary>
    public int Occurrences { get; init; }

    /// <summary>First recording, UTC.</summary>
    public DateTime FirstAt { get; init; }

    /// <summary>Last recording, UTC.</summary>
    public DateTime LastAt { get; init; }

    /// <summary><c>open</c>, <c>replaying</c>, <c>replayed</c> or <c>discarded</c>.</summary>
    public string Status { get; init; } = "";

    /// <summary>Since when, UTC.</summary>
    public DateTime StatusAt { get; init; }

    /// <summary>By whom.</summary>
    public string? StatusBy { get; init; }

    /// <summary>How often it was replayed.</summary>
    public int ReplayCount { get; init; }

    /// <summary>The follow-up job of the last replay.</summary>
    public Guid? ReplayJobId { get; init; }

    /// <summary>What makes it the same one.</summary>
    public string DedupKey { get; init; } = "";
}
