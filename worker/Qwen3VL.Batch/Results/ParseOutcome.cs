namespace Qwen3VL.Batch.Results;

/// <summary>What reading an answer gave: a value, a failure, or both when only a part could be read.</summary>
/// <typeparam name="T">What was asked for.</typeparam>
/// <param name="Value">What could be read; null when nothing could.</param>
/// <param name="Failure">What could not; null when everything could.</param>
internal sealed record ParseOutcome<T>(T? Value, ParseFailure? Failure)
    where T : class;
