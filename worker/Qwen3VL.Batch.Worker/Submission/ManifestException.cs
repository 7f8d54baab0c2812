namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>Lines of a manifest are wrong; nothing was sent.</summary>
internal sealed class ManifestException : Exception
{
    /// <summary>Creates one from all problems, a line each, with file name and line number.</summary>
    public ManifestException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>The problems.</summary>
    public IReadOnlyList<string> Problems { get; }
}
