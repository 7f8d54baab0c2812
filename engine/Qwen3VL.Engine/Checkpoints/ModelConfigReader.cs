namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// Reads <c>config.json</c> of a model folder: the whole, the vision tower, and what must agree between the parts. Little is filled in: the
/// class defaults of the reference describe no released model (spec 1.3).
/// </summary>
internal static class ModelConfigReader
{
    /// <summary>Name of the file inside the folder.</summary>
    internal const string FileName = "config.json";

    private const string DenseType = "qwen3_vl";
    private const string ExpertType = "qwen3_vl_moe";

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="CheckpointException">A key is missing, wrong, or asks for something that this engine does not run.</exception>
    internal static ModelConfig Read(string folder)
    {
        ConfigSection root = ConfigSection.ReadFile(Path.Combine(folder, FileName));
        root.Know("architectures", "transformers_version", "dtype", "torch_dtype", "_name_or_path", "bos_token_id", "eos_token_id", "pad_token_id", "use_cache");
        bool hasExperts = ReadKind(root);
        ConfigSection vision = root.Section("vision_config");
        var config = new ModelConfig
        {
            Text = TextConfigReader.Read(root.Section("text_config"), hasExperts),
            Vision = ReadVision(vision),
            ImageTokenId = root.Int32("image_token_id"),
            VideoTokenId = root.Int32("video_token_id"),
            VisionStartTokenId = root.Int32("vision_start_token_id"),
            VisionEndTokenId = root.Int32("vision_end_token_id"),
            TieWordEmbeddings = root.Boolean("tie_word_embeddings"),
            Quantization = ReadQuantization(root.TrySection("quantization_config")),
        };
        CheckAgreement(root, config);
        return config with { UnknownKeys = root.UnknownKeys().Take(ModelConfig.MaxUnknownKeys).ToArray() };
    }

    // Whether the model has experts; the parts may repeat its kind in any of the spellings that were ever saved (spec 1.3, 1.4).
    private static bool ReadKind(ConfigSection root)
    {
        string modelType = root.TryString("model_type") ?? throw root.Wrong("model_type", $"{DenseType} or {ExpertType}", "nothing");
        if (modelType is not (DenseType or ExpertType))
        {
            throw root.Wrong("model_type", $"{DenseType} or {ExpertType}", modelType);
        }

        CheckPartKind(root, "text_config", modelType, "text");
        CheckPartKind(root, "vision_config", modelType, "vision");
        return modelType == ExpertType;
    }

    private static void CheckPartKind(ConfigSection root, string section, string modelType, string part)
    {
        ConfigSection config = root.Section(section);
        if (config.TryString("model_type") is { } actual && actual != modelType && actual != $"{modelType}_{part}")
        {
            throw root.Wrong($"{section}.model_type", $"{modelType} or {modelType}_{part}, as the whole model is {modelType}", actual);
        }
    }

    private static QuantizationConfig? ReadQuantization(ConfigSection? quantization)
    {
        if (quantization is null)
        {
            return null;
        }

        ConfigLimits.RequireIfPresent(quantization, "quant_method", "fp8");
        ConfigLimits.RequireIfPresent(quantization, "fmt", "e4m3");
        ConfigLimits.RequireIfPresent(quantization, "activation_scheme", "dynamic");
        if (quantization.TryString("quant_method") is null)
        {
            throw quantization.Wrong("quant_method", "fp8", "nothing");
        }

        IReadOnlyList<int> block = quantization.Int32List("weight_block_size");
        if (block.Count != 2 || block.Any(size => size < 1 || size > ConfigLimits.Width))
        {
            throw quantization.Wrong("weight_block_size", $"two sizes of 1 to {ConfigLimits.Width}", string.Join(", ", block));
        }

        // The two names of one list; the first wins where both are given, as in vllm-project/vllm, fp8.py, Fp8Config.from_config.
        IReadOnlyList<string> ignored = quantization.StringListOrEmpty("ignored_layers");
        IReadOnlyList<string> notConverted = quantization.StringListOrEmpty("modules_to_not_convert");
        return new QuantizationConfig(block[0], block[1], ignored.Count > 0 ? ignored : notConverted);
    }

    private static VisionConfig ReadVision(ConfigSection vision)
    {
        vision.Know("model_type", "initializer_range", "dtype", "torch_dtype");
        ConfigLimits.RequireIfPresent(vision, "hidden_act", "gelu_pytorch_tanh");
        int channels = vision.PositiveInt32Or("in_channels", ConfigLimits.PatchSide, 3);
        if (channels != 3)
        {
            throw vision.Wrong("in_channels", "3", channels);
        }

        var config = new VisionConfig
        {
            Depth = vision.PositiveInt32("depth", ConfigLimits.Layers),
            HiddenSize = vision.PositiveInt32("hidden_size", ConfigLimits.Width),
            IntermediateSize = vision.PositiveInt32("intermediate_size", ConfigLimits.Width),
            NumHeads = vision.PositiveInt32("num_heads", ConfigLimits.Heads),
            OutHiddenSize = vision.PositiveInt32("out_hidden_size", ConfigLimits.Width),
            PatchSize = vision.PositiveInt32("patch_size", ConfigLimits.PatchSide),
            TemporalPatchSize = vision.PositiveInt32("temporal_patch_size", ConfigLimits.PatchSide),
            SpatialMergeSize = vision.PositiveInt32("spatial_merge_size", ConfigLimits.PatchSide),
            NumPositionEmbeddings = vision.PositiveInt32("num_position_embeddings", ConfigLimits.TableRows),
            DeepStackIndexes = vision.Int32List("deepstack_visual_indexes"),
        };
        CheckVision(vision, config);
        return config;
    }

    private static void CheckVision(ConfigSection vision, VisionConfig config)
    {
        int side = (int)Math.Round(Math.Sqrt(config.NumPositionEmbeddings));
        if (side * side != config.NumPositionEmbeddings)
        {
            throw vision.Wrong("num_position_embeddings", "a square number", config.NumPositionEmbeddings);
        }

        // A quarter of the head turns with the row and a quarter with the column, in pairs.
        if (config.HiddenSize % (config.NumHeads * 4) != 0)
        {
            throw vision.Wrong("hidden_size", $"a multiple of 4 x num_heads = {config.NumHeads * 4}", config.HiddenSize);
        }

        if (config.SpatialMergeSize != 2)
        {
            throw vision.Wrong("spatial_merge_size", "2", config.SpatialMergeSize);
        }

        if (config.DeepStackIndexes.Any(index => index < 0 || index >= config.Depth))
        {
            throw vision.Wrong("deepstack_visual_indexes", $"block indices below depth = {config.Depth}", string.Join(", ", config.DeepStackIndexes));
        }

        CheckVisionRotary(vision);
    }

    // transformers 5 writes the tower's one rotary kind out (spec 1.3).
    private static void CheckVisionRotary(ConfigSection vision)
    {
        if (vision.TrySection("rope_parameters") is not { } rope)
        {
            return;
        }

        string kind = rope.TryString("rope_type") ?? rope.TryString("type") ?? "axial";
        rope.Know("type");
        if (kind is not ("axial" or "default"))
        {
            throw rope.Wrong("rope_type", "axial", kind);
        }

        if (rope.DoubleOr("rope_theta", VisionConfig.RopeTheta) is var theta && theta != VisionConfig.RopeTheta)
        {
            throw rope.Wrong("rope_theta", $"{VisionConfig.RopeTheta}", FormattableString.Invariant($"{theta}"));
        }
    }

    private static void CheckAgreement(ConfigSection root, ModelConfig config)
    {
        if (config.Vision.OutHiddenSize != config.Text.HiddenSize)
        {
            throw root.Wrong("vision_config.out_hidden_size", $"text_config.hidden_size = {config.Text.HiddenSize}", config.Vision.OutHiddenSize);
        }

        CheckTokenId(root, "image_token_id", config.ImageTokenId, config.Text.VocabularySize);
        CheckTokenId(root, "video_token_id", config.VideoTokenId, config.Text.VocabularySize);
        CheckTokenId(root, "vision_start_token_id", config.VisionStartTokenId, config.Text.VocabularySize);
        CheckTokenId(root, "vision_end_token_id", config.VisionEndTokenId, config.Text.VocabularySize);
        if (config.ImageTokenId == config.VideoTokenId)
        {
            throw root.Wrong("video_token_id", "another id than image_token_id", config.VideoTokenId);
        }
    }

    private static void CheckTokenId(ConfigSection root, string key, int tokenId, int vocabularySize)
    {
        if ((uint)tokenId >= (uint)vocabularySize)
        {
            throw root.Wrong(key, $"an id below text_config.vocab_size = {vocabularySize}", tokenId);
        }
    }
}
