namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>A file to submit.</summary>
/// <param name="Uri">Its path below the source root, with <c>/</c>: what goes into the command.</param>
/// <param name="Path">Absolute path on this machine.</param>
internal sealed record SelectedSource(string Uri, string Path);
