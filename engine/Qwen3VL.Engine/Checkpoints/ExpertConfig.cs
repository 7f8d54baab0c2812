namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// The mixture-of-experts keys of a <c>text_config</c> (spec 1.3). The chosen experts' weights always sum to one: the reference normalises
/// whatever <c>norm_topk_prob</c> says (huggingface/transformers v4.57.6, modeling_qwen3_vl_moe.py, Qwen3VLMoeTextSparseMoeBlock).
/// </summary>
public sealed record ExpertConfig
{
    /// <summary><c>num_experts</c>, in newer files <c>num_local_experts</c>.</summary>
    public required int NumExperts { get; init; }

    /// <summary><c>num_experts_per_tok</c>: experts chosen for each token.</summary>
    public required int NumExpertsPerToken { get; init; }

    /// <summary><c>moe_intermediate_size</c>: width of each expert.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary><c>decoder_sparse_step</c>: layer i can have experts when i + 1 is a multiple of it.</summary>
    public required int SparseStep { get; init; }

    /// <summary><c>mlp_only_layers</c>: layers that are dense in any case.</summary>
    public required IReadOnlyList<int> DenseLayers { get; init; }
}
