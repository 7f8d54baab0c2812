using Qwen3VL.Engine.Models;

namespace Qwen3VL.Engine.Execution;

/// <summary>A run of batch rows that take consecutive rows of one encoder output.</summary>
/// <param name="Output">Encoder output of the media item; borrowed from the encoder cache for the step.</param>
/// <param name="FirstOutputRow">First row of the output.</param>
/// <param name="FirstBatchRow">First row of the flat batch.</param>
/// <param name="Count">Rows.</param>
public readonly record struct VisionRows(EncoderOutput Output, int FirstOutputRow, int FirstBatchRow, int Count);
