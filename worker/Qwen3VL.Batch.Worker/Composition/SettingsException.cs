namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Configuration cannot work as it is. The message names every key with its rule; values of secrets are not in it.</summary>
internal sealed class SettingsException : Exception
{
    /// <summary>Creates one from all problems found.</summary>
    public SettingsException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    /// <summary>One line for each wrong key, of the form <c>key must be rule; got value</c>.</summary>
    public IReadOnlyList<string> Problems { get; }
}
