namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>A command cannot go on. The message goes to stderr as it is: it says what must be otherwise and holds no secret.</summary>
internal sealed class CommandException : Exception
{
    /// <summary>Creates one.</summary>
    /// <param name="exitCode">One of <see cref="ExitCodes"/>.</param>
    /// <param name="message">What was wrong and what it must be.</param>
    public CommandException(int exitCode, string message)
        : base(message) => ExitCode = exitCode;

    /// <summary>Creates one that keeps its cause for <c>--verbose</c>.</summary>
    public CommandException(int exitCode, string message, Exception innerException)
        : base(message, innerException) => ExitCode = exitCode;

    /// <summary>What the process returns.</summary>
    public int ExitCode { get; }
}
