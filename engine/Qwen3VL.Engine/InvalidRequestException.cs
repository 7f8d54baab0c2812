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
}
