namespace Qwen3VL.Batch.Jobs;

/// <summary>What probing found out about a source; stored with the job so that every chunk reads the same file.</summary>
/// <param name="Sha256">Lower-case hex SHA-256 of the file.</param>
/// <param name="SizeBytes">Its size.</param>
/// <param name="MediaType">For example <c>application/pdf</c>, <c>image/png</c>, <c>video/mp4</c>.</param>
/// <param name="PageCount">Pages of a document; 1 for a picture, 0 for a video.</param>
/// <param name="DurationMs">Length of a video; 0 for a document.</param>
internal sealed record SourceFacts(string Sha256, long SizeBytes, string MediaType, int PageCount, long DurationMs);
