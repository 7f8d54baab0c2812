namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>Work that was asked for cannot be submitted; nothing was sent.</summary>
internal sealed class InvalidWorkException : Exception
{
    /// <summary>Creates one from all problems, a line each: source or manifest line, rule and value.</summary>
    public InvalidWorkException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>The problems.</summary>
    public IReadOnlyList<string> Problems { get; }
}
