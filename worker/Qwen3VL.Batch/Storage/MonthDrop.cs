namespace Qwen3VL.Batch.Storage;

/// <summary>How dropping a month ended.</summary>
internal enum MonthDrop
{
    /// <summary>All tables of the month are gone.</summary>
    Dropped,

    /// <summary>A job of the month has not ended, or has groups left. Nothing was changed.</summary>
    HasOpenWork,

    /// <summary>The month is not over. Nothing was changed.</summary>
    NotOver,
}
