using System.Text;
using Qwen3VL.Engine.Constraints;
using Qwen3VL.Engine.Sampling;
using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Engine.Tests.Constraints;

/// <summary>Runs a constraint without a model: draws tokens from its masks, or follows given ones.</summary>
internal sealed class ConstraintWalk(ITokenizer tokenizer, TokenTrie trie, int endTokenId, string schema, bool followsReasoning = false)
{
    private readonly ConstraintAutomaton _automaton = new(SchemaCompiler.Compile(schema, followsReasoning), trie, [endTokenId]);

    /// <summary>Draws until the end token or the limit; null when the limit was met, an exception when a mask is empty.</summary>
    /// <param name="random">Source of the draws.</param>
    /// <param name="maxTokens">Most tokens.</param>
    /// <param name="hurry">How much the draw prefers ends, quotation marks and brackets: 0 not at all, 1 always when there are any.</param>
    public string? Draw(Random random, int maxTokens, double hurry)
    {
        var state = new AnswerConstraint(_automaton, tokenizer, [endTokenId]);
        var text = new List<byte>();
        for (int i = 0; i < maxTokens; i++)
        {
            int tokenId = Pick(state.Mask(isInReasoning: false), random, random.NextDouble() < hurry, text.Count);
            if (tokenId == endTokenId)
            {
                return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. text]);
            }

            text.AddRange(tokenizer.TokenBytes(tokenId, skipSpecial: true));
            state.Accept(tokenId);
        }

        return null;
    }

    /// <summary>Whether tokens are in their masks one after the other and the answer may end behind them.</summary>
    public bool Accepts(params IEnumerable<int> tokenIds)
    {
        var state = new AnswerConstraint(_automaton, tokenizer, [endTokenId]);
        foreach (int tokenId in tokenIds)
        {
            if (!state.Mask(isInReasoning: false).Contains(tokenId))
            {
                return false;
            }

            state.Accept(tokenId);
        }

        return state.Mask(isInReasoning: false).Contains(endTokenId);
    }

    public bool AcceptsText(string text) => Accepts(tokenizer.Encode(text, allowSpecial: false));

    private int Pick(TokenMask mask, Random random, bool isInHurry, int length)
    {
        int[] allowed = [.. Enumerable.Range(0, mask.NumTokens).Where(mask.Contains)];
        if (allowed.Length == 0)
        {
            throw new InvalidOperationException($"every prefix must have a token to go on with; got none behind {length} bytes");
        }

        if (isInHurry && mask.Contains(endTokenId))
        {
            return endTokenId;
        }

        int[] closing = isInHurry ? [.. allowed.Where(Closes)] : [];
        int[] from = closing.Length > 0 ? closing : allowed;
        return from[random.Next(from.Length)];
    }

    private bool Closes(int tokenId) => tokenizer.TokenBytes(tokenId, skipSpecial: true) is [(byte)'"' or (byte)']' or (byte)'}' or (byte)'n'];
}
