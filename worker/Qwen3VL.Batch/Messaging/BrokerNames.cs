namespace Qwen3VL.Batch.Messaging;

/// <summary>Names and arguments of everything on the broker: part of the product's contract with its clients. Never renamed.</summary>
internal static class BrokerNames
{
    /// <summary>Fanout exchange and quorum queue of commands.</summary>
    public const string Commands = "vq.commands";

    /// <summary>Topic exchange of events; subscribers bind queues of their own.</summary>
    public const string Events = "vq.events";

    /// <summary>Fanout exchange of hints that there is work.</summary>
    public const string Wake = "vq.wake";

    /// <summary>Fanout exchange of hints that a worker should look at its leases now.</summary>
    public const string Control = "vq.control";

    /// <summary>Fanout exchange and quorum queue of messages that could not be handled.</summary>
    public const string Dead = "vq.dead";

    /// <summary>Routing key that no queue has: what is sent to it through the default exchange goes nowhere.</summary>
    public const string Probe = "vq.nobody";

    /// <summary>Header that names the contract: <c>urn:message:Qwen3VL.Batch.Contracts.V1:SubmitJob</c>. MassTransit's name for it.</summary>
    public const string MessageTypeHeader = "MT-MessageType";

    /// <summary>Content type of every message: the contract's JSON without an envelope.</summary>
    public const string ContentType = "application/json";

    /// <summary>Header with an error code of this product, on a dead letter.</summary>
    public const string CodeHeader = "vq-code";

    /// <summary>Header with the type of what went wrong, on a dead letter.</summary>
    public const string ErrorHeader = "vq-error";

    /// <summary>Header with a short reason for people, on a dead letter.</summary>
    public const string ReasonHeader = "vq-reason";

    /// <summary>Header of a command that is sent again: the id of its dead letter.</summary>
    public const string ReplayOfHeader = "vq-replay-of";

    /// <summary>In the headers of a stored message: its content type, which is a property and not a header on the wire.</summary>
    public const string ContentTypeHeader = "content-type";

    /// <summary>Largest body of a command: what is bigger belongs into a file that the command names.</summary>
    public const int MaxCommandBytes = 64 * 1024;

    private const string ContractUrn = "urn:message:Qwen3VL.Batch.Contracts.V1:";

    // 20: a rolling restart returns messages too, and those must not count a good command out. Frozen once declared.
    private const int DeliveryLimit = 20;

    // Beyond a million waiting commands the publisher is told so instead of the broker running full.
    private const int MaxCommands = 1_000_000;

    /// <summary>Arguments of the command queue; the same wherever it is declared, or the broker refuses the second declaration.</summary>
    public static IReadOnlyDictionary<string, object?> CommandQueueArguments { get; } = new Dictionary<string, object?>
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = DeliveryLimit,
        ["x-dead-letter-exchange"] = Dead,
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-overflow"] = "reject-publish",
        ["x-max-length"] = MaxCommands,
    };

    /// <summary>Arguments of the dead-letter queue: no limit and no further dead-lettering, so that nothing leaves it by itself.</summary>
    public static IReadOnlyDictionary<string, object?> DeadQueueArguments { get; } = new Dictionary<string, object?>
    {
        ["x-queue-type"] = "quorum",
    };

    /// <summary>Value of the type header for a contract's name.</summary>
    public static string ContractType(string name) => ContractUrn + name;

    /// <summary>The contract's name in a value of the type header.</summary>
    public static string ContractName(string type) => type.StartsWith(ContractUrn, StringComparison.Ordinal) ? type[ContractUrn.Length..] : type;

    /// <summary>Routing key of an event: <c>JobSucceeded</c> is <c>job.succeeded</c>, <c>ChunkDeadLettered</c> is <c>chunk.deadlettered</c>.</summary>
    public static string RoutingKey(string eventName) =>
        eventName.StartsWith("Job", StringComparison.Ordinal) ? "job." + eventName[3..].ToLowerInvariant()
        : eventName.StartsWith("Chunk", StringComparison.Ordinal) ? "chunk." + eventName[5..].ToLowerInvariant()
        : eventName.ToLowerInvariant();

    /// <summary>Address of an exchange for MassTransit. Never <c>queue:</c>, which declares the queue again without its arguments.</summary>
    public static Uri Address(string exchange, string type = "fanout") => new($"exchange:{exchange}?type={type}");
}
