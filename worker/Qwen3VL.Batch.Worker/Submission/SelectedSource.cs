namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>A file or URL to submit.</summary>
/// <param name="Uri">What goes into the command: a file's path below the source root, with <c>/</c>, or a URL.</param>
/// <param name="Path">Absolute path on this machine; null for a URL, which only workers fetch.</param>
internal sealed record SelectedSource(string Uri, string? Path);
