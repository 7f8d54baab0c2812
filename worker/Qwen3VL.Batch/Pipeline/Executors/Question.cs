using Qwen3VL.Batch.Contracts.V1;

namespace Qwen3VL.Batch.Pipeline.Executors;

/// <summary>One prompt and the task that it is for.</summary>
/// <param name="Task">The task; of two tasks that one answer serves, the first.</param>
/// <param name="Prompt">What is asked.</param>
internal sealed record Question(JobTaskKind Task, string Prompt);
