using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Planning;

namespace Qwen3VL.Batch.Storage;

/// <summary>A row of <c>vq.chunks</c> as Dapper fills it.</summary>
internal sealed record ChunkRow
{
    /// <summary>Column <c>chunk_no</c>.</summary>
    public int ChunkNo { get; init; }

    /// <summary>Column <c>kind</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Column <c>stage</c>.</summary>
    public short Stage { get; init; }

    /// <summary>Column <c>first_unit</c>.</summary>
    public int FirstUnit { get; init; }

    /// <summary>Column <c>last_unit</c>.</summary>
    public int LastUnit { get; init; }

    /// <summary>Column <c>starts</c>.</summary>
    public short Starts { get; init; }

    /// <summary>Column <c>failures</c>.</summary>
    public short Failures { get; init; }

    /// <summary>Column <c>lost_starts</c>.</summary>
    public short LostStarts { get; init; }

    /// <summary>Column <c>degradation</c>.</summary>
    public short Degradation { get; init; }

    /// <summary>Whether column <c>not_before</c> has passed.</summary>
    public bool IsDue { get; init; }

    /// <summary>Column <c>error_code</c>: of a failed chunk, or of the last failure of an open one.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>Column <c>error_message</c>, of a failed chunk.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>The chunk.</summary>
    public PlannedChunk ToChunk() => new(ChunkNo, StoredWord.Parse<ChunkKind>(Kind), Stage, FirstUnit, LastUnit);

    /// <summary>The chunk with its history.</summary>
    public OpenChunk ToOpenChunk() => new(ToChunk(), new ChunkHistory(Starts, Failures, LostStarts, Degradation, ErrorCode), IsDue);

    /// <summary>The chunk with its error.</summary>
    public FailedChunk ToFailedChunk() => new(ToChunk(), new JobError(ErrorCode ?? "", ErrorMessage ?? ""));
}
