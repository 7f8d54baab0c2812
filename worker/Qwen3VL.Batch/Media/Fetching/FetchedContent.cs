namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>What came in.</summary>
/// <param name="Sha256">Lower-case hex SHA-256 of the received bytes.</param>
/// <param name="SizeBytes">How many.</param>
internal sealed record FetchedContent(string Sha256, long SizeBytes);
