using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Processing;
using Qwen3VL.Engine.Sampling;

namespace Qwen3VL.Engine.Scheduling;

/// <summary>One request inside the engine, as counts and tokens. Owned by the engine thread; changed by the scheduler and the core only.</summary>
/// <remarks>
/// <code>
/// |------------- prompt -------------|---- output ----|
/// |------------------------ known --------------------|
/// |---- cached ----|                                       found in the prefix cache at the first admission; cached &lt;= known - 1
/// |------------ computed -----------|-- scheduled --|      computed + scheduled &lt;= known
/// </code>
/// Computed starts at cached and falls to 0 at a preemption, so it may lie below cached later.
/// A sequence whose computed tokens reach the known ones gets logits and one more output token. There is no prefill and no decode phase.
/// </remarks>
internal sealed class SequenceState
{
    private readonly int[] _tokenIds;
    private readonly bool[] _holdsMedia;

    /// <summary>Creates a waiting sequence.</summary>
    /// <param name="id">Unique within the engine's life.</param>
    /// <param name="prompt">The request as the model reads it; borrowed and never changed.</param>
    /// <param name="maxOutputTokens">Room for output tokens; at least 1.</param>
    /// <param name="root">Parent of its first block: hash of model and dtype.</param>
    public SequenceState(long id, ProcessedPrompt prompt, int maxOutputTokens, BlockHash root)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(prompt.TokenIds.Length, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxOutputTokens, 1);
        Id = id;
        Prompt = prompt;
        MaxOutputTokens = maxOutputTokens;
        NumKnownTokens = prompt.TokenIds.Length;
        _tokenIds = new int[checked(prompt.TokenIds.Length + maxOutputTokens)];
        prompt.TokenIds.CopyTo(_tokenIds, 0);
        _holdsMedia = new bool[prompt.Media.Count];
        Media = new MediaItem[prompt.Media.Count];
        var runs = new MediaRun[prompt.Spans.Count];
        for (int i = 0; i < Media.Length; i++)
        {
            ReadOnlyMemory<byte> content = prompt.FindPruned(i)?.EncoderHash ?? prompt.Media[i].ContentHash;
            Media[i] = new MediaItem(ContentHash.From(content.Span), prompt.NumRows(i), prompt.Media[i].Grid.NumRows, 0);
        }

        for (int i = 0; i < runs.Length; i++)
        {
            MediaSpan span = prompt.Spans[i];
            ContentHash content = prompt.FindPruned(span.MediaIndex) is { } clip ? ContentHash.From(clip.LayoutHash.Span) : Media[span.MediaIndex].Content;
            runs[i] = new MediaRun(content, span.Offset, span.Length, span.FirstRow);
            Media[span.MediaIndex] = Media[span.MediaIndex] with { EndToken = span.Offset + span.Length };
        }

        Hashes = new BlockHashChain(root, runs);
    }

    /// <summary>Unique within the engine's life.</summary>
    public long Id { get; }

    /// <summary>The request as the model reads it.</summary>
    public ProcessedPrompt Prompt { get; }

    /// <summary>Most output tokens.</summary>
    public int MaxOutputTokens { get; }

    /// <summary>Order of arrival: smaller is older. Set when the scheduler takes it.</summary>
    public long Arrival { get; internal set; }

    /// <summary>Where it is.</summary>
    public SequenceStatus Status { get; internal set; }

    /// <summary>Prompt tokens.</summary>
    public int NumPromptTokens => Prompt.TokenIds.Length;

    /// <summary>Prompt and output tokens.</summary>
    public int NumKnownTokens { get; private set; }

    /// <summary>Output tokens.</summary>
    public int NumOutputTokens => NumKnownTokens - NumPromptTokens;

    /// <summary>Tokens whose keys and values are written.</summary>
    public int NumComputedTokens { get; internal set; }

    /// <summary>Tokens of the step in progress; 0 between steps.</summary>
    public int NumScheduledTokens { get; internal set; }

    /// <summary>Computed tokens that were found in the prefix cache at the first admission; -1 before it.</summary>
    public int NumCachedTokens { get; internal set; } = -1;

    /// <summary>Log-probabilities of its prompt; null when nobody asked for them.</summary>
    public PromptScores? PromptScores { get; init; }

    /// <summary>Whether computed tokens may come from the prefix cache: a prompt that is to be scored must be computed.</summary>
    public bool ReadsPrefixCache => PromptScores is null or { IsComplete: true };

    /// <summary>Its blocks.</summary>
    public BlockTable Table { get; } = new();

    /// <summary>Hashes of its full blocks.</summary>
    public BlockHashChain Hashes { get; }

    /// <summary>Its media items in prompt order.</summary>
    public MediaItem[] Media { get; }

    /// <summary>All known tokens. In the range of a pruned clip they are the provisional ones, which name its content for the prefix cache.</summary>
    public ReadOnlySpan<int> KnownTokenIds => _tokenIds.AsSpan(0, NumKnownTokens);

    /// <summary>The generated tokens.</summary>
    public ReadOnlySpan<int> OutputTokenIds => _tokenIds.AsSpan(NumPromptTokens, NumOutputTokens);

    /// <summary>Whether it holds a reference to the encoder output of a media item.</summary>
    public bool HoldsMedia(int mediaIndex) => _holdsMedia[mediaIndex];

    /// <summary>Whether it holds a reference to the encoder output of a content.</summary>
    public bool Holds(ContentHash content)
    {
        for (int mediaIndex = 0; mediaIndex < Media.Length; mediaIndex++)
        {
            if (_holdsMedia[mediaIndex] && Media[mediaIndex].Content == content)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Appends a generated token.</summary>
    public void Append(int tokenId)
    {
        if (NumOutputTokens >= MaxOutputTokens)
        {
            throw new EngineInvariantException($"output tokens must be at most {MaxOutputTokens}; got one more (sequence {Id})");
        }

        _tokenIds[NumKnownTokens++] = tokenId;
    }

    /// <summary>Index of the first placeholder span that ends behind a token; the number of spans when there is none.</summary>
    public int FirstSpanEndingAfter(int tokenIndex)
    {
        int low = 0;
        int high = Prompt.Spans.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            MediaSpan span = Prompt.Spans[middle];
            if (span.Offset + span.Length <= tokenIndex)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <summary>Notes whether it holds a media item.</summary>
    internal void SetHoldsMedia(int mediaIndex, bool holds) => _holdsMedia[mediaIndex] = holds;

    /// <summary>Checks the counts, the room of the table and that a sequence outside the running set holds nothing.</summary>
    public void CheckInvariants()
    {
        bool holdsNothing = Table.Count == 0 && Array.TrueForAll(_holdsMedia, holds => !holds);
        bool countsAgree = NumComputedTokens >= 0 && NumScheduledTokens >= 0
            && NumComputedTokens + NumScheduledTokens <= NumKnownTokens
            && NumCachedTokens <= NumKnownTokens - 1
            && Table.NumSlots >= NumComputedTokens + NumScheduledTokens;
        bool restIsClean = Status == SequenceStatus.Running || (holdsNothing && NumScheduledTokens == 0);
        bool waitingIsReset = Status != SequenceStatus.Waiting || NumComputedTokens == 0;
        bool hasWork = Status != SequenceStatus.Running || NumKnownTokens - NumComputedTokens >= 1;
        if (!countsAgree || !restIsClean || !waitingIsReset || !hasWork)
        {
            throw new EngineInvariantException(
                $"a sequence's counts must satisfy computed + scheduled <= known and cached <= known - 1 and fit its blocks, and only a running one holds anything; "
                + $"got sequence {Id} {Status}, prompt {NumPromptTokens}, known {NumKnownTokens}, computed {NumComputedTokens}, "
                + $"scheduled {NumScheduledTokens}, cached {NumCachedTokens}, blocks {Table.Count}");
        }
    }
}
