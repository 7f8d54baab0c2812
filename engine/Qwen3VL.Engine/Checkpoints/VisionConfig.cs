namespace Qwen3VL.Engine.Checkpoints;

/// <summary>The <c>vision_config</c> of a checkpoint (spec 1.4).</summary>
public sealed record VisionConfig
{
    /// <summary>Base of the tower's rotary frequencies, the same for every model of the family.</summary>
    public const double RopeTheta = 10000;

    /// <summary><c>depth</c>: blocks.</summary>
    public required int Depth { get; init; }

    /// <summary><c>hidden_size</c>.</summary>
    public required int HiddenSize { get; init; }

    /// <summary><c>intermediate_size</c>.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary><c>num_heads</c>.</summary>
    public required int NumHeads { get; init; }

    /// <summary><c>out_hidden_size</c>, equal to the text hidden size.</summary>
    public required int OutHiddenSize { get; init; }

    /// <summary><c>patch_size</c> in pixels (16).</summary>
    public required int PatchSize { get; init; }

    /// <summary><c>temporal_patch_size</c> in frames (2).</summary>
    public required int TemporalPatchSize { get; init; }

    /// <summary><c>spatial_merge_size</c> in patches (2).</summary>
    public required int SpatialMergeSize { get; init; }

    /// <summary><c>num_position_embeddings</c>: a square number of table rows.</summary>
    public required int NumPositionEmbeddings { get; init; }

    /// <summary>
    /// <c>deepstack_visual_indexes</c>: blocks after which a tap is taken, 0-based. The place of a block in this list is the merger of its tap;
    /// a block listed twice is tapped once, with the first merger.
    /// </summary>
    public required IReadOnlyList<int> DeepStackIndexes { get; init; }

    /// <summary>Taps that an encoded item has.</summary>
    public int NumTaps => DeepStackIndexes.Distinct().Count();
}
