namespace Qwen3VL.Engine;

/// <summary>The request can never run as it is. Permanent: retrying the same request fails the same way.</summary>
public sealed class InvalidRequestException : ArgumentException
{
    /// <summary>Creates one with a message of the form <c>thing must be rule; got value</c>, free of prompt text.</summary>
    public InvalidRequestException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one that keeps its cause.</summary>
    public InvalidRequestException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// Whether the request is too large for the context, the cache or the device's memory: one with fewer or smaller media may run. False for
    /// a request that is wrong at any size.
    /// </summary>
    public bool IsTooLarge { get; init; }
}
