using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Results;

/// <summary>An answer that was not, or not wholly, of the form asked for.</summary>
/// <param name="Unit">Page number, or start of the window in milliseconds.</param>
/// <param name="Task">Which task.</param>
/// <param name="Code">One of <see cref="Jobs.ErrorCodes"/>.</param>
/// <param name="Message">What was wrong, without model text.</param>
/// <param name="RawText">The whole answer, for the database only.</param>
internal sealed record ParseIssue(int Unit, JobTaskKind Task, string Code, string Message, string RawText);
