using Qwen3VL.Engine.Caching;

namespace Qwen3VL.Engine.Scheduling;

/// <summary>What one step does. Owned by the scheduler and valid until the next step is scheduled.</summary>
internal sealed class SchedulerOutput
{
    /// <summary>Sequences with tokens in this step, oldest first.</summary>
    public List<ScheduledSequence> Sequences { get; } = [];

    /// <summary>Media items to encode, in this order.</summary>
    public List<ScheduledMedia> MediaToEncode { get; } = [];

    /// <summary>Media items whose outputs must be dropped before anything is encoded.</summary>
    public List<ContentHash> EvictedMedia { get; } = [];

    /// <summary>Sequences that lost their blocks while this step was made.</summary>
    public List<SequenceState> Preempted { get; } = [];

    /// <summary>Sequences that were admitted for the first time.</summary>
    public List<SequenceState> Admitted { get; } = [];

    /// <summary>Whether a running sequence got no token because its next media item has no encoder room in this step; then nobody is admitted.</summary>
    public bool IsShortOfEncoderRoom { get; internal set; }

    /// <summary>Tokens of the step.</summary>
    public int NumTokens { get; internal set; }

    /// <summary>Empties it for the next step.</summary>
    internal void Clear()
    {
        Sequences.Clear();
        MediaToEncode.Clear();
        EvictedMedia.Clear();
        Preempted.Clear();
        Admitted.Clear();
        IsShortOfEncoderRoom = false;
        NumTokens = 0;
    }
}
