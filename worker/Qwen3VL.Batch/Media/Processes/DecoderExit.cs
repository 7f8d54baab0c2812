namespace Qwen3VL.Batch.Media.Processes;

/// <summary>How a decoder process ended.</summary>
/// <param name="ExitCode">0 for success.</param>
/// <param name="Errors">
/// The beginning of what it wrote to standard error. It may quote the file's content: classify it, never put it into a message or a log.
/// </param>
internal sealed record DecoderExit(int ExitCode, string Errors);
