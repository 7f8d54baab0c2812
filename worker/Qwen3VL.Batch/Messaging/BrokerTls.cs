namespace Qwen3VL.Batch.Messaging;

/// <summary>Whether the connection to the broker is encrypted.</summary>
internal enum BrokerTls
{
    /// <summary>Plain AMQP; to another machine only when it is allowed by name.</summary>
    Off,

    /// <summary>TLS 1.2 or 1.3; the broker's certificate must be of <c>Broker:Host</c> and of a trusted authority.</summary>
    On,
}
