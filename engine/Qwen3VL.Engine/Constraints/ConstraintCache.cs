using Qwen3VL.Engine.Tokenization;

namespace Qwen3VL.Engine.Constraints;

/// <summary>
/// Compiled constraints by schema, the least recently used dropped, and the tree of tokens that all of them walk, built when the first one
/// comes. Thread-safe; what it hands out belongs to the engine thread.
/// </summary>
/// <param name="tokenizer">The checkpoint's tokenizer.</param>
/// <param name="endTokenIds">Ids that end a turn.</param>
/// <param name="followsReasoning">Whether answers stand behind a reasoning block.</param>
internal sealed class ConstraintCache(ITokenizer tokenizer, int[] endTokenIds, bool followsReasoning)
{
    // Each may grow to some megabytes of states and masks.
    private const int MaxEntries = 8;

    private readonly Lock _gate = new();
    private readonly LinkedList<(string Schema, ConstraintAutomaton Automaton)> _recent = new();
    private readonly Lazy<TokenTrie> _trie = new(() => new TokenTrie(tokenizer));

    /// <summary>The automaton of a constraint.</summary>
    /// <exception cref="InvalidRequestException">The constraint is wrong or cannot be enforced.</exception>
    public ConstraintAutomaton Get(OutputConstraint constraint)
    {
        if (constraint is not JsonSchemaConstraint { Schema: { } schema })
        {
            throw new InvalidRequestException($"a constraint must be a JSON schema; got {constraint.GetType().Name}");
        }

        if (Find(schema) is { } known)
        {
            return known;
        }

        var automaton = new ConstraintAutomaton(SchemaCompiler.Compile(schema, followsReasoning), _trie.Value, endTokenIds);
        lock (_gate)
        {
            // Another caller may have been quicker; sharing one saves its states and masks.
            if (Find(schema) is { } added)
            {
                return added;
            }

            _recent.AddFirst((schema, automaton));
            while (_recent.Count > MaxEntries)
            {
                _recent.RemoveLast();
            }
        }

        return automaton;
    }

    private ConstraintAutomaton? Find(string schema)
    {
        lock (_gate)
        {
            for (LinkedListNode<(string Schema, ConstraintAutomaton Automaton)>? node = _recent.First; node is not null; node = node.Next)
            {
                if (string.Equals(node.Value.Schema, schema, StringComparison.Ordinal))
                {
                    _recent.Remove(node);
                    _recent.AddFirst(node);
                    return node.Value.Automaton;
                }
            }

            return null;
        }
    }
}
