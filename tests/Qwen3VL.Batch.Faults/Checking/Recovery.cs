namespace Qwen3VL.Batch.Faults.Checking;

/// <summary>How long something took to be right again.</summary>
/// <param name="Name">What, for example <c>worker kill</c>.</param>
/// <param name="Took">Measured.</param>
/// <param name="Bound">Longest that is right.</param>
internal sealed record Recovery(string Name, TimeSpan Took, TimeSpan Bound);
