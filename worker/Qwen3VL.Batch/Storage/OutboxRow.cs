namespace Qwen3VL.Batch.Storage;

/// <summary>A row of <c>vq.outbox</c> that is given up, as Dapper fills it.</summary>
internal sealed record OutboxRow
{
    /// <summary>The message id.</summary>
    public Guid Id { get; init; }

    /// <summary>The job that it tells of.</summary>
    public Guid? JobId { get; init; }

    /// <summary>Name of the contract record.</summary>
    public string MessageType { get; init; } = "";

    /// <summary>JSON.</summary>
    public string Body { get; init; } = "";

    /// <summary>Sendings before the last one that the broker surely did not take.</summary>
    public int Tries { get; init; }

    /// <summary>Exchange.</summary>
    public string Destination { get; init; } = "";

    /// <summary>JSON object of texts.</summary>
    public string Headers { get; init; } = "{}";

    /// <summary>Whose it is, as the body says.</summary>
    public long TenantId { get; init; }
}
