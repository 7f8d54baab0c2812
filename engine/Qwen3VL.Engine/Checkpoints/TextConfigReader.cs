namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// Reads the <c>text_config</c> of a <c>config.json</c> in the spellings of transformers 4 (<c>num_experts</c>) and 5
/// (<c>num_local_experts</c>; huggingface/transformers, configuration_qwen3_vl_moe.py).
/// </summary>
internal static class TextConfigReader
{
    /// <summary>Reads and checks the section.</summary>
    /// <param name="text">The section.</param>
    /// <param name="hasExperts">Whether the model type says mixture of experts.</param>
    /// <exception cref="CheckpointException">A key is missing, wrong, or asks for something that this engine does not run.</exception>
    internal static TextConfig Read(ConfigSection text, bool hasExperts)
    {
        text.Know(
            "model_type", "attention_dropout", "bos_token_id", "eos_token_id", "pad_token_id", "dtype", "torch_dtype", "initializer_range", "use_cache",
            "tie_word_embeddings", "router_aux_loss_coef", "output_router_logits");
        ConfigLimits.RequireIfPresent(text, "hidden_act", "silu");
        RefuseIfTrue(text, "attention_bias");
        RefuseIfTrue(text, "use_sliding_window");
        int headDim = text.PositiveInt32("head_dim", ConfigLimits.HeadDim);
        if (headDim % 2 != 0)
        {
            throw text.Wrong("head_dim", "even, for it turns in pairs", headDim);
        }

        int numLayers = text.PositiveInt32("num_hidden_layers", ConfigLimits.Layers);
        int maxPositions = text.PositiveInt32("max_position_embeddings", int.MaxValue);
        (double theta, IReadOnlyList<int> section, YarnScaling? yarn) = RopeConfigReader.Read(text, headDim, maxPositions);
        var config = new TextConfig
        {
            HiddenSize = text.PositiveInt32("hidden_size", ConfigLimits.Width),
            NumLayers = numLayers,
            NumHeads = text.PositiveInt32("num_attention_heads", ConfigLimits.Heads),
            NumKvHeads = text.PositiveInt32("num_key_value_heads", ConfigLimits.Heads),
            HeadDim = headDim,
            IntermediateSize = text.PositiveInt32Or("intermediate_size", ConfigLimits.Width, 0),
            VocabularySize = text.PositiveInt32("vocab_size", ConfigLimits.TableRows),
            MaxPositions = maxPositions,
            RmsNormEpsilon = (float)text.PositiveDouble("rms_norm_eps"),
            RopeTheta = theta,
            MropeSection = section,
            Yarn = yarn,
            Experts = hasExperts ? ReadExperts(text, numLayers) : null,
        };
        Check(text, config);
        return config;
    }

    private static void Check(ConfigSection text, TextConfig config)
    {
        if (config.NumHeads % config.NumKvHeads != 0)
        {
            throw text.Wrong("num_attention_heads", $"a multiple of num_key_value_heads = {config.NumKvHeads}", config.NumHeads);
        }

        // Where every layer has experts the key describes nothing, and files may leave it out.
        if (config.IntermediateSize == 0 && Enumerable.Range(0, config.NumLayers).Any(layer => !config.IsSparse(layer)))
        {
            text.PositiveInt32("intermediate_size", ConfigLimits.Width);
        }

        if (config.Experts is null && (text.Has("num_experts") || text.Has("num_local_experts")))
        {
            throw text.Wrong("num_experts", "absent, as model_type says that the model is dense", "a value");
        }
    }

    private static ExpertConfig ReadExperts(ConfigSection text, int numLayers)
    {
        string countKey = text.Has("num_experts") ? "num_experts" : text.Has("num_local_experts") ? "num_local_experts" : "num_experts";
        int numExperts = text.PositiveInt32(countKey, ConfigLimits.Experts);
        if (text.Has("num_local_experts") && text.PositiveInt32("num_local_experts", ConfigLimits.Experts) != numExperts)
        {
            throw text.Wrong("num_local_experts", $"num_experts = {numExperts}", text.Int32("num_local_experts"));
        }

        int topK = text.PositiveInt32("num_experts_per_tok", ConfigLimits.Experts);
        if (topK > numExperts)
        {
            throw text.Wrong("num_experts_per_tok", $"at most {countKey} = {numExperts}", topK);
        }

        // Read to refuse what is no boolean; see ExpertConfig for why the value changes nothing.
        text.BooleanOr("norm_topk_prob", true);
        IReadOnlyList<int> denseLayers = text.Has("mlp_only_layers") ? text.Int32List("mlp_only_layers") : [];
        if (denseLayers.Any(layer => layer < 0 || layer >= numLayers))
        {
            throw text.Wrong("mlp_only_layers", $"layer indices below num_hidden_layers = {numLayers}", string.Join(", ", denseLayers));
        }

        return new ExpertConfig
        {
            NumExperts = numExperts,
            NumExpertsPerToken = topK,
            IntermediateSize = text.PositiveInt32("moe_intermediate_size", ConfigLimits.Width),
            SparseStep = text.PositiveInt32Or("decoder_sparse_step", ConfigLimits.Layers, 1),
            DenseLayers = denseLayers,
        };
    }

    private static void RefuseIfTrue(ConfigSection text, string key)
    {
        if (text.BooleanOr(key, false))
        {
            throw text.Wrong(key, "false", "true");
        }
    }
}
