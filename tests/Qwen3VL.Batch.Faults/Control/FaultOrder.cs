namespace Qwen3VL.Batch.Faults.Control;

/// <summary>One order to the deterministic engine: on which request, what.</summary>
/// <param name="Action">What to do.</param>
internal sealed record FaultOrder(FaultAction Action)
{
    /// <summary>Hash of the file it is about; null is any.</summary>
    public string? FileSha256 { get; init; }

    /// <summary>Page it is about; null is any.</summary>
    public int? PageNo { get; init; }

    /// <summary>First attempt at the page that it is about, from 1, counted over all processes.</summary>
    public int FromAttempt { get; init; } = 1;

    /// <summary>Last attempt that it is about.</summary>
    public int ToAttempt { get; init; } = int.MaxValue;

    /// <summary>Milliseconds or characters, see <see cref="FaultAction"/>.</summary>
    public long Value { get; init; }

    /// <summary>Name of the gate.</summary>
    public string Gate { get; init; } = "";

    /// <summary>Whether it is about this request.</summary>
    public bool Concerns(string? fileSha256, int pageNo, int attempt) =>
        (FileSha256 is null || FileSha256 == fileSha256)
        && (PageNo is null || PageNo == pageNo)
        && attempt >= FromAttempt
        && attempt <= ToAttempt;
}
