namespace Qwen3VL.Batch.Media;

/// <summary>A file that has passed the source rules: below the root, a regular file, within the size limit.</summary>
/// <param name="Path">Absolute path; never logged or stored.</param>
/// <param name="DisplayName">What people may see: the path as the client gave it.</param>
/// <param name="Sha256">Lower-case hex SHA-256 of the content.</param>
/// <param name="SizeBytes">Bytes.</param>
internal sealed record SourceFile(string Path, string DisplayName, string Sha256, long SizeBytes);
