namespace Qwen3VL.Batch.Messaging;

/// <summary>Hint between workers: look for work. Losing it costs a poll interval.</summary>
/// <param name="Worker">Who says so, for people who read the wire.</param>
internal sealed record WorkAvailable(string Worker);
