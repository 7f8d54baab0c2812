namespace Qwen3VL.Batch.Faults;

/// <summary>
/// Told when work reaches a place where dying matters and nobody outside can look: inside a transaction. The product registers none; the
/// fault suite ends or stops the process there.
/// </summary>
internal interface ICrashPoints
{
    /// <summary>Says that <paramref name="point"/>, one of <see cref="CrashPoint"/>, is reached. May not return.</summary>
    void Reach(string point);
}
