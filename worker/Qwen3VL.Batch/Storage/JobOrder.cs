namespace Qwen3VL.Batch.Storage;

/// <summary>Which jobs of a list come first.</summary>
internal enum JobOrder
{
    /// <summary>The newest.</summary>
    Newest,

    /// <summary>The oldest.</summary>
    Oldest,

    /// <summary>Those that took longest, or have taken so far.</summary>
    Longest,
}
