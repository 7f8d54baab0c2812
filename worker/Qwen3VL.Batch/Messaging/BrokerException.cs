namespace Qwen3VL.Batch.Messaging;

/// <summary>The broker cannot be used: not reachable, credentials refused, or a message was not taken. The message says what to check.</summary>
internal sealed class BrokerException : Exception
{
    /// <summary>Creates one.</summary>
    public BrokerException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one that keeps its cause.</summary>
    public BrokerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
