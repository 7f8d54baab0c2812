namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>Why something failed: a stable code for programs and a message for people, free of document or model text.</summary>
/// <param name="Code">Lower-case words with underscores, for example <c>source_not_found</c>.</param>
/// <param name="Message">What was wrong and what it should have been; up to 2,000 characters.</param>
public sealed record JobError(string Code, string Message);
