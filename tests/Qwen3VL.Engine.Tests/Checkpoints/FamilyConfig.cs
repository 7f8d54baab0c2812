using System.Text.Json.Nodes;

namespace Qwen3VL.Engine.Tests.Checkpoints;

/// <summary>Configurations of the released sizes, written from the table of values (spec 1.5).</summary>
internal static class FamilyConfig
{
    /// <summary>The whole <c>config.json</c> of a size, for example <c>2B</c>.</summary>
    internal static JsonObject Of(string size)
    {
        FamilySize values = Sizes[size];
        bool hasExperts = values.ExpertWidth > 0;
        string kind = hasExperts ? "qwen3_vl_moe" : "qwen3_vl";
        return new JsonObject
        {
            ["architectures"] = new JsonArray(hasExperts ? "Qwen3VLMoeForConditionalGeneration" : "Qwen3VLForConditionalGeneration"),
            ["model_type"] = kind,
            ["image_token_id"] = 151655,
            ["video_token_id"] = 151656,
            ["vision_start_token_id"] = 151652,
            ["vision_end_token_id"] = 151653,
            ["tie_word_embeddings"] = values.IsTied,
            ["transformers_version"] = "4.57.0.dev0",
            ["text_config"] = Text(values, kind),
            ["vision_config"] = Vision(values, kind),
        };
    }

    private static Dictionary<string, FamilySize> Sizes { get; } = new()
    {
        ["2B"] = new FamilySize(2048, 28, (16, 8), 6144, 0, 24, true),
        ["4B"] = new FamilySize(2560, 36, (32, 8), 9728, 0, 24, true),
        ["8B"] = new FamilySize(4096, 36, (32, 8), 12288, 0, 27, false),
        ["32B"] = new FamilySize(5120, 64, (64, 8), 25600, 0, 27, false),
        ["30B-A3B"] = new FamilySize(2048, 48, (32, 4), 6144, 768, 27, false),
        ["235B-A22B"] = new FamilySize(4096, 94, (64, 4), 12288, 1536, 27, false),
    };

    private static JsonObject Text(FamilySize values, string kind)
    {
        var text = new JsonObject
        {
            ["attention_bias"] = false,
            ["attention_dropout"] = 0.0,
            ["bos_token_id"] = 151643,
            ["eos_token_id"] = 151645,
            ["dtype"] = "bfloat16",
            ["head_dim"] = 128,
            ["hidden_act"] = "silu",
            ["hidden_size"] = values.Hidden,
            ["initializer_range"] = 0.02,
            ["intermediate_size"] = values.Intermediate,
            ["max_position_embeddings"] = 262144,
            ["model_type"] = kind + "_text",
            ["num_attention_heads"] = values.Heads.Query,
            ["num_hidden_layers"] = values.Layers,
            ["num_key_value_heads"] = values.Heads.Key,
            ["rms_norm_eps"] = 1e-6,
            ["rope_scaling"] = new JsonObject { ["mrope_interleaved"] = true, ["mrope_section"] = new JsonArray(24, 20, 20), ["rope_type"] = "default" },
            ["rope_theta"] = 5000000,
            ["use_cache"] = true,
            ["vocab_size"] = 151936,
        };
        if (values.ExpertWidth > 0)
        {
            text["decoder_sparse_step"] = 1;
            text["mlp_only_layers"] = new JsonArray();
            text["moe_intermediate_size"] = values.ExpertWidth;
            text["norm_topk_prob"] = true;
            text["num_experts"] = 128;
            text["num_experts_per_tok"] = 8;
        }

        return text;
    }

    private static JsonObject Vision(FamilySize values, string kind)
    {
        bool isSmall = values.Depth == 24;
        return new JsonObject
        {
            ["deepstack_visual_indexes"] = isSmall ? new JsonArray(5, 11, 17) : new JsonArray(8, 16, 24),
            ["depth"] = values.Depth,
            ["hidden_act"] = "gelu_pytorch_tanh",
            ["hidden_size"] = isSmall ? 1024 : 1152,
            ["in_channels"] = 3,
            ["initializer_range"] = 0.02,
            ["intermediate_size"] = isSmall ? 4096 : 4304,
            ["model_type"] = kind,
            ["num_heads"] = 16,
            ["num_position_embeddings"] = 2304,
            ["out_hidden_size"] = values.Hidden,
            ["patch_size"] = 16,
            ["spatial_merge_size"] = 2,
            ["temporal_patch_size"] = 2,
        };
    }

    private sealed record FamilySize(int Hidden, int Layers, (int Query, int Key) Heads, int Intermediate, int ExpertWidth, int Depth, bool IsTied);
}
