using Qwen3VL.Engine.Caching;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine.Scheduling;

/// <summary>
/// Decides how far a sequence may go before it meets a media row that is not encoded, and what is encoded in this step so that it goes
/// further. Planning changes nothing; <see cref="Commit"/> books what was planned. Owned by the scheduler.
/// </summary>
/// <remarks>
/// <code>
/// window of a chunk        c                                   c + n
///                          |  text  |  image A  |  text  |  image B  |
/// A held or cached: go on. B absent: encode it now if the step's rows and the cache have room, else
/// the chunk ends here                                    ^  (0 tokens when c lies inside B: wait)
/// </code>
/// </remarks>
internal sealed class EncoderPlanner
{
    private readonly EncoderCache _cache;
    private readonly int _stepRowBudget;
    private readonly List<int> _planned = [];
    private int _remainingRows;
    private bool _encodesAny;

    /// <summary>Creates a planner over a cache.</summary>
    public EncoderPlanner(EncoderCache cache, int stepRowBudget)
    {
        _cache = cache;
        _stepRowBudget = stepRowBudget;
    }

    /// <summary>Starts a step with the whole row budget.</summary>
    public void BeginStep()
    {
        _remainingRows = _stepRowBudget;
        _encodesAny = false;
        _planned.Clear();
    }

    /// <summary>
    /// Plans the window of <paramref name="numTokens"/> tokens from <paramref name="firstToken"/>; returns how many of them may run.
    /// </summary>
    public int Plan(SequenceState sequence, int firstToken, int numTokens)
    {
        _planned.Clear();
        int remainingRows = _remainingRows;
        bool encodesAny = _encodesAny;
        int pendingRows = 0;
        IReadOnlyList<MediaSpan> spans = sequence.Prompt.Spans;
        for (int i = sequence.FirstSpanEndingAfter(firstToken); i < spans.Count && spans[i].Offset < firstToken + numTokens; i++)
        {
            int mediaIndex = spans[i].MediaIndex;
            MediaItem item = sequence.Media[mediaIndex];
            if (sequence.HoldsMedia(mediaIndex) || _planned.Contains(mediaIndex))
            {
                continue;
            }

            // Whoever is used already, or planned already, takes no further room.
            bool takesRoom = !IsPlanned(sequence, item.Content) && !_cache.IsUsed(item.Content);
            bool needsEncoding = takesRoom && !_cache.Contains(item.Content);
            bool fitsStep = !needsEncoding || item.NumEncodedRows <= remainingRows || !encodesAny;
            if (!fitsStep || (takesRoom && !_cache.HasRoom(item.NumRows, pendingRows)))
            {
                return Math.Max(0, spans[i].Offset - firstToken);
            }

            pendingRows += takesRoom ? item.NumRows : 0;
            remainingRows -= needsEncoding ? item.NumEncodedRows : 0;
            encodesAny |= needsEncoding;
            _planned.Add(mediaIndex);
        }

        return numTokens;
    }

    /// <summary>Books the last plan: the sequence holds every planned item, absent ones are added to the step's work.</summary>
    public void Commit(SequenceState sequence, SchedulerOutput output)
    {
        // Items that are held already come first: a reservation may evict freeable items, and must not evict one of these.
        foreach (int mediaIndex in _planned)
        {
            if (_cache.Contains(sequence.Media[mediaIndex].Content))
            {
                _cache.Acquire(sequence.Media[mediaIndex].Content);
                sequence.SetHoldsMedia(mediaIndex, true);
            }
        }

        foreach (int mediaIndex in _planned)
        {
            if (sequence.HoldsMedia(mediaIndex))
            {
                continue;
            }

            MediaItem item = sequence.Media[mediaIndex];
            if (_cache.Contains(item.Content))
            {
                _cache.Acquire(item.Content);
            }
            else
            {
                _cache.Reserve(item.Content, item.NumRows, output.EvictedMedia);
                output.MediaToEncode.Add(new ScheduledMedia(sequence, mediaIndex, item.Content));
                _remainingRows -= item.NumEncodedRows;
                _encodesAny = true;
            }

            sequence.SetHoldsMedia(mediaIndex, true);
        }

        _planned.Clear();
    }

    /// <summary>Drops the items that lie wholly below the computed tokens: their effect is in the keys and values.</summary>
    public void ReleaseComputed(SequenceState sequence) => Release(sequence, sequence.NumComputedTokens);

    /// <summary>Drops every item.</summary>
    public void ReleaseAll(SequenceState sequence) => Release(sequence, int.MaxValue);

    private void Release(SequenceState sequence, int endToken)
    {
        for (int mediaIndex = 0; mediaIndex < sequence.Media.Length; mediaIndex++)
        {
            if (sequence.HoldsMedia(mediaIndex) && sequence.Media[mediaIndex].EndToken <= endToken)
            {
                _cache.Release(sequence.Media[mediaIndex].Content);
                sequence.SetHoldsMedia(mediaIndex, false);
            }
        }
    }

    private bool IsPlanned(SequenceState sequence, ContentHash content)
    {
        foreach (int mediaIndex in _planned)
        {
            if (sequence.Media[mediaIndex].Content == content)
            {
                return true;
            }
        }

        return false;
    }
}
