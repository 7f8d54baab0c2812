namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>What a job reads.</summary>
public enum JobKind
{
    /// <summary>A PDF, or a picture as a document of one page.</summary>
    Document,

    /// <summary>A film.</summary>
    Video,
}
