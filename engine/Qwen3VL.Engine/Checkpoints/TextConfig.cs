namespace Qwen3VL.Engine.Checkpoints;

/// <summary>The <c>text_config</c> of a checkpoint (spec 1.3). Nothing has a default: a missing key is an error.</summary>
public sealed record TextConfig
{
    /// <summary><c>hidden_size</c>.</summary>
    public required int HiddenSize { get; init; }

    /// <summary><c>num_hidden_layers</c>.</summary>
    public required int NumLayers { get; init; }

    /// <summary><c>num_attention_heads</c>.</summary>
    public required int NumHeads { get; init; }

    /// <summary><c>num_key_value_heads</c>.</summary>
    public required int NumKvHeads { get; init; }

    /// <summary><c>head_dim</c>; not hidden_size / heads.</summary>
    public required int HeadDim { get; init; }

    /// <summary><c>intermediate_size</c> of the dense feed-forward block; 0 when the file has none and no layer needs it.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary><c>vocab_size</c>: rows of the embedding table.</summary>
    public required int VocabularySize { get; init; }

    /// <summary><c>max_position_embeddings</c>.</summary>
    public required int MaxPositions { get; init; }

    /// <summary><c>rms_norm_eps</c>.</summary>
    public required float RmsNormEpsilon { get; init; }

    /// <summary><c>rope_theta</c>.</summary>
    public required double RopeTheta { get; init; }

    /// <summary><c>mrope_section</c>: frequencies of T, H and W.</summary>
    public required IReadOnlyList<int> MropeSection { get; init; }

    /// <summary>Scaling of the rotary frequencies; null for plain ones.</summary>
    public YarnScaling? Yarn { get; init; }

    /// <summary>Mixture of experts; null for a dense model.</summary>
    public ExpertConfig? Experts { get; init; }

    /// <summary>
    /// Whether a layer's feed-forward block is a mixture of experts (huggingface/transformers v4.57.6, modeling_qwen3_vl_moe.py,
    /// Qwen3VLMoeTextDecoderLayer).
    /// </summary>
    public bool IsSparse(int layer) =>
        Experts is { } experts && (layer + 1) % experts.SparseStep == 0 && !experts.DenseLayers.Contains(layer);
}
