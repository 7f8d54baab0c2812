using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Tests.Checkpoints;

/// <summary>Name and stored shape of every tensor that a checkpoint of a configuration holds in the released layout (spec 2.1, 2.2).</summary>
internal static class TensorPlan
{
    internal static IReadOnlyList<(string Name, long[] Shape)> Of(ModelConfig config)
    {
        var plan = new List<(string, long[])>();
        TextConfig text = config.Text;
        plan.Add(("model.language_model.embed_tokens.weight", [text.VocabularySize, text.HiddenSize]));
        plan.Add(("model.language_model.norm.weight", [text.HiddenSize]));
        if (!config.TieWordEmbeddings)
        {
            plan.Add(("lm_head.weight", [text.VocabularySize, text.HiddenSize]));
        }

        for (int layer = 0; layer < text.NumLayers; layer++)
        {
            AddDecoderLayer(plan, text, layer);
        }

        AddVision(plan, config.Vision);
        return plan;
    }

    private static void AddDecoderLayer(List<(string, long[])> plan, TextConfig text, int layer)
    {
        string prefix = $"model.language_model.layers.{layer}.";
        int hidden = text.HiddenSize;
        plan.Add((prefix + "input_layernorm.weight", [hidden]));
        plan.Add((prefix + "post_attention_layernorm.weight", [hidden]));
        plan.Add((prefix + "self_attn.q_proj.weight", [text.NumHeads * text.HeadDim, hidden]));
        plan.Add((prefix + "self_attn.k_proj.weight", [text.NumKvHeads * text.HeadDim, hidden]));
        plan.Add((prefix + "self_attn.v_proj.weight", [text.NumKvHeads * text.HeadDim, hidden]));
        plan.Add((prefix + "self_attn.o_proj.weight", [hidden, text.NumHeads * text.HeadDim]));
        plan.Add((prefix + "self_attn.q_norm.weight", [text.HeadDim]));
        plan.Add((prefix + "self_attn.k_norm.weight", [text.HeadDim]));
        if (text.IsSparse(layer) && text.Experts is { } experts)
        {
            plan.Add((prefix + "mlp.gate.weight", [experts.NumExperts, hidden]));
            plan.Add((prefix + "mlp.experts.gate_up_proj", [experts.NumExperts, hidden, 2 * experts.IntermediateSize]));
            plan.Add((prefix + "mlp.experts.down_proj", [experts.NumExperts, experts.IntermediateSize, hidden]));
            return;
        }

        plan.Add((prefix + "mlp.gate_proj.weight", [text.IntermediateSize, hidden]));
        plan.Add((prefix + "mlp.up_proj.weight", [text.IntermediateSize, hidden]));
        plan.Add((prefix + "mlp.down_proj.weight", [hidden, text.IntermediateSize]));
    }

    private static void AddVision(List<(string, long[])> plan, VisionConfig vision)
    {
        int hidden = vision.HiddenSize;
        plan.Add(("model.visual.patch_embed.proj.weight", [hidden, 3, vision.TemporalPatchSize, vision.PatchSize, vision.PatchSize]));
        plan.Add(("model.visual.patch_embed.proj.bias", [hidden]));
        plan.Add(("model.visual.pos_embed.weight", [vision.NumPositionEmbeddings, hidden]));
        for (int block = 0; block < vision.Depth; block++)
        {
            string prefix = $"model.visual.blocks.{block}.";
            Add(plan, prefix + "norm1", [hidden]);
            Add(plan, prefix + "norm2", [hidden]);
            Add(plan, prefix + "attn.qkv", [3 * hidden, hidden]);
            Add(plan, prefix + "attn.proj", [hidden, hidden]);
            Add(plan, prefix + "mlp.linear_fc1", [vision.IntermediateSize, hidden]);
            Add(plan, prefix + "mlp.linear_fc2", [hidden, vision.IntermediateSize]);
        }

        AddMerger(plan, vision, "model.visual.merger.", hidden);
        for (int tap = 0; tap < vision.DeepStackIndexes.Count; tap++)
        {
            AddMerger(plan, vision, $"model.visual.deepstack_merger_list.{tap}.", 4 * hidden);
        }
    }

    private static void AddMerger(List<(string, long[])> plan, VisionConfig vision, string prefix, int normed)
    {
        int merged = 4 * vision.HiddenSize;
        Add(plan, prefix + "norm", [normed]);
        Add(plan, prefix + "linear_fc1", [merged, merged]);
        Add(plan, prefix + "linear_fc2", [vision.OutHiddenSize, merged]);
    }

    // A weight and its bias.
    private static void Add(List<(string, long[])> plan, string module, long[] shape)
    {
        plan.Add((module + ".weight", shape));
        plan.Add((module + ".bias", [shape[0]]));
    }
}
