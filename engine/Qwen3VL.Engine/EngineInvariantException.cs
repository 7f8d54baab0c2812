namespace Qwen3VL.Engine;

/// <summary>An invariant of the engine is broken. The engine stops: it never goes on with a doubtful cache.</summary>
public sealed class EngineInvariantException : Exception
{
    /// <summary>Creates one; the message prints every number of the broken equation.</summary>
    public EngineInvariantException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one that keeps its cause.</summary>
    public EngineInvariantException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
