using System.Buffers;

namespace Qwen3VL.Engine.Tokenization;

/// <summary>Finds added tokens in text: the leftmost, and of those at one place the longest. Immutable.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<char, AddedToken[]> _byFirstCharacter;
    private readonly SearchValues<char> _firstCharacters;

    /// <summary>Indexes the tokens.</summary>
    public AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        _byFirstCharacter = tokens
            .GroupBy(token => token.Content[0])
            .ToDictionary(group => group.Key, group => group.OrderByDescending(token => token.Content.Length).ToArray());
        _firstCharacters = SearchValues.Create([.. _byFirstCharacter.Keys]);
    }

    /// <summary>Finds the first added token that lies wholly inside <paramref name="text"/>.</summary>
    public bool TryFind(ReadOnlySpan<char> text, out int start, out AddedToken token)
    {
        for (start = 0; ; start++)
        {
            int offset = text[start..].IndexOfAny(_firstCharacters);
            if (offset < 0)
            {
                token = default;
                return false;
            }

            start += offset;
            foreach (AddedToken candidate in _byFirstCharacter[text[start]])
            {
                if (text[start..].StartsWith(candidate.Content, StringComparison.Ordinal))
                {
                    token = candidate;
                    return true;
                }
            }
        }
    }
}
