namespace Qwen3VL.Batch.Contracts.V1;

/// <summary>One task of a job.</summary>
public sealed record JobTask
{
    /// <summary>What is asked.</summary>
    public required JobTaskKind Kind { get; init; }

    /// <summary>For <see cref="JobTaskKind.Grounding"/>: what to find, 1 to 32 names. Otherwise empty.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}
