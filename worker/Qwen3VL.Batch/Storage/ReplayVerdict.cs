namespace Qwen3VL.Batch.Storage;

/// <summary>What became of one dead letter in a replay.</summary>
internal enum ReplayVerdict
{
    /// <summary>Done: a follow-up job or a message is on its way.</summary>
    Replayed,

    /// <summary>A dry run: it would be replayed.</summary>
    WouldReplay,

    /// <summary>It is not open: replayed or discarded already, perhaps a moment ago by somebody else.</summary>
    NotOpen,

    /// <summary>It was replayed too often.</summary>
    TooOften,

    /// <summary>Its job has not ended, so that what the replay builds on may be missing.</summary>
    JobOpen,

    /// <summary>Its job, or one that the job itself replays, is no longer stored, or is being deleted.</summary>
    JobGone,

    /// <summary>Its body is not one that can be sent: not JSON, cut, or of no command.</summary>
    NotReplayable,

    /// <summary>The changed options do not fit the job.</summary>
    InvalidChanges,

    /// <summary>This replay has made a follow-up job of its job before.</summary>
    AlreadyReplayed,
}
