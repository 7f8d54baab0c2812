namespace Qwen3VL.Batch.Results;

/// <summary>Why an answer, or a part of it, could not be read.</summary>
/// <param name="Code">One of <see cref="Jobs.ErrorCodes"/>.</param>
/// <param name="Message">What was wrong, without model text.</param>
internal sealed record ParseFailure(string Code, string Message);
