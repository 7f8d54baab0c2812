namespace Qwen3VL.Engine;

/// <summary>A model folder is missing a file, or a file in it is not what it must be. The message names the file and the key or tensor.</summary>
public sealed class CheckpointException : Exception
{
    /// <summary>Creates one.</summary>
    public CheckpointException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one that keeps its cause.</summary>
    public CheckpointException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
