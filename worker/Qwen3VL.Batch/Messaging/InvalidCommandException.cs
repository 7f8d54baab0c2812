namespace Qwen3VL.Batch.Messaging;

/// <summary>A command is wrong: one that names no job or key to answer to becomes a dead letter, one that is too large is not even sent.</summary>
internal sealed class InvalidCommandException(string message) : Exception(message)
{
    /// <summary>For commands that nobody waits for an answer to: they are kept with the dead letters.</summary>
    /// <exception cref="InvalidCommandException">There is a problem; names all.</exception>
    public static void ThrowIfAny(IReadOnlyList<string> problems)
    {
        if (problems.Count > 0)
        {
            throw new InvalidCommandException(string.Join("; also: ", problems));
        }
    }
}
