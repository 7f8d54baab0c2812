namespace Qwen3VL.Engine.Constraints;

/// <summary>States are equal when their readings are.</summary>
internal sealed class ParserStateComparer : IEqualityComparer<ParserState>
{
    /// <inheritdoc/>
    public bool Equals(ParserState? x, ParserState? y) =>
        ReferenceEquals(x, y)
        || (x is not null && y is not null && x.IsComplete == y.IsComplete && x.Configurations.AsSpan().SequenceEqual(y.Configurations));

    /// <inheritdoc/>
    public int GetHashCode(ParserState obj)
    {
        var hash = new HashCode();
        hash.Add(obj.IsComplete);
        foreach (Configuration configuration in obj.Configurations)
        {
            hash.Add(configuration);
        }

        return hash.ToHashCode();
    }
}
