namespace Qwen3VL.Batch.Faults.Scenarios;

/// <summary>How much is done.</summary>
internal enum Tier
{
    /// <summary>Small: a few minutes in all, part of every merge.</summary>
    Fast,

    /// <summary>Everything that a machine of two cores can show in 40 minutes.</summary>
    Full,
}
