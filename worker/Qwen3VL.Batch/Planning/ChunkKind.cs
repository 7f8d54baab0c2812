namespace Qwen3VL.Batch.Planning;

/// <summary>What a chunk does.</summary>
internal enum ChunkKind
{
    /// <summary>Reads pages first..last of a document.</summary>
    Pages,

    /// <summary>Watches first..last milliseconds of a video.</summary>
    Window,

    /// <summary>Joins the events of all windows into one global list; no model.</summary>
    Merge,

    /// <summary>Summarises the partial summaries first..last of the level below.</summary>
    Reduce,
}
