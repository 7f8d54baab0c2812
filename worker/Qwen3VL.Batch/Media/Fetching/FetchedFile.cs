namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>A file that was fetched and is kept. Owned by <see cref="FetchCache"/>; <see cref="Holds"/> is changed under its lock.</summary>
/// <param name="Url">The whole URL: who knows it may have the file again.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Content">What it is.</param>
internal sealed record FetchedFile(string Url, string Path, FetchedContent Content)
{
    /// <summary>Users; with none it may be thrown away.</summary>
    public int Holds { get; set; }
}
