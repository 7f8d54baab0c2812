using System.Globalization;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// Reads <c>config.json</c> of a model folder. Accepts the spellings of transformers 4 (<c>rope_scaling</c> beside <c>rope_theta</c>) and 5
/// (<c>rope_parameters</c> holding both, huggingface/transformers, configuration_qwen3_vl.py). Nothing is filled in: the class defaults of
/// the reference describe no released model.
/// </summary>
internal static class ModelConfigReader
{
    /// <summary>Name of the file inside the folder.</summary>
    internal const string FileName = "config.json";

    private static readonly int[] DefaultMropeSection = [24, 20, 20];

    /// <summary>Reads and checks the configuration.</summary>
    /// <exception cref="CheckpointException">A key is missing, wrong, or asks for something that this engine does not run.</exception>
    internal static ModelConfig Read(string folder)
    {
        ConfigSection root = ConfigSection.ReadFile(Path.Combine(folder, FileName));
        RefuseUnsupported(root);
        var config = new ModelConfig
        {
            Text = ReadText(root.Section("text_config")),
            Vision = ReadVision(root.Section("vision_config")),
            ImageTokenId = root.Int32("image_token_id"),
            VideoTokenId = root.Int32("video_token_id"),
            VisionStartTokenId = root.Int32("vision_start_token_id"),
            VisionEndTokenId = root.Int32("vision_end_token_id"),
            TieWordEmbeddings = root.Boolean("tie_word_embeddings"),
        };
        CheckAgreement(root, config);
        return config;
    }

    private static void RefuseUnsupported(ConfigSection root)
    {
        string modelType = root.TryString("model_type") ?? throw root.Wrong("model_type", "qwen3_vl", "nothing");
        if (modelType != "qwen3_vl")
        {
            throw root.Wrong("model_type", "qwen3_vl (mixture of experts is not supported yet)", modelType);
        }

        if (root.Has("quantization_config"))
        {
            throw root.Wrong("quantization_config", "absent (quantised checkpoints are not supported yet)", "a value");
        }
    }

    private static TextConfig ReadText(ConfigSection text)
    {
        RequireIfPresent(text, "hidden_act", "silu");
        if (text.Has("attention_bias") && text.Boolean("attention_bias"))
        {
            throw text.Wrong("attention_bias", "false", "true");
        }

        if (text.Has("num_experts") || text.Has("num_local_experts"))
        {
            throw text.Wrong("num_experts", "absent (mixture of experts is not supported yet)", "a value");
        }

        ConfigSection? scaling = text.TrySection("rope_scaling");
        ConfigSection? parameters = text.TrySection("rope_parameters");
        ConfigSection rope = parameters ?? scaling ?? throw text.Wrong("rope_scaling", "an object (or rope_parameters)", "nothing");
        return new TextConfig
        {
            HiddenSize = text.PositiveInt32("hidden_size"),
            NumLayers = text.PositiveInt32("num_hidden_layers"),
            NumHeads = text.PositiveInt32("num_attention_heads"),
            NumKvHeads = text.PositiveInt32("num_key_value_heads"),
            HeadDim = text.PositiveInt32("head_dim"),
            IntermediateSize = text.PositiveInt32("intermediate_size"),
            VocabularySize = text.PositiveInt32("vocab_size"),
            MaxPositions = text.PositiveInt32("max_position_embeddings"),
            RmsNormEpsilon = (float)text.PositiveDouble("rms_norm_eps"),
            RopeTheta = parameters is not null && parameters.Has("rope_theta") ? parameters.PositiveDouble("rope_theta") : text.PositiveDouble("rope_theta"),
            MropeSection = ReadMropeSection(rope, text.PositiveInt32("head_dim")),
        };
    }

    private static IReadOnlyList<int> ReadMropeSection(ConfigSection rope, int headDim)
    {
        string ropeType = rope.TryString("rope_type") ?? rope.TryString("type") ?? throw rope.Wrong("rope_type", "default", "nothing");
        if (ropeType != "default")
        {
            throw rope.Wrong("rope_type", "default (scaled rotary embeddings are not supported yet)", ropeType);
        }

        if (rope.Has("mrope_interleaved") && !rope.Boolean("mrope_interleaved"))
        {
            throw rope.Wrong("mrope_interleaved", "true", "false");
        }

        IReadOnlyList<int> section = rope.Has("mrope_section") ? rope.Int32List("mrope_section") : DefaultMropeSection;
        if (section.Count != 3 || section.Any(count => count < 0) || section.Sum() != headDim / 2)
        {
            throw rope.Wrong("mrope_section", $"three counts that sum to head_dim / 2 = {headDim / 2}", string.Join(", ", section));
        }

        return section;
    }

    private static VisionConfig ReadVision(ConfigSection vision)
    {
        RequireIfPresent(vision, "hidden_act", "gelu_pytorch_tanh");
        if (vision.PositiveInt32("in_channels") != 3)
        {
            throw vision.Wrong("in_channels", "3", vision.Int32("in_channels").ToString(CultureInfo.InvariantCulture));
        }

        var config = new VisionConfig
        {
            Depth = vision.PositiveInt32("depth"),
            HiddenSize = vision.PositiveInt32("hidden_size"),
            IntermediateSize = vision.PositiveInt32("intermediate_size"),
            NumHeads = vision.PositiveInt32("num_heads"),
            OutHiddenSize = vision.PositiveInt32("out_hidden_size"),
            PatchSize = vision.PositiveInt32("patch_size"),
            TemporalPatchSize = vision.PositiveInt32("temporal_patch_size"),
            SpatialMergeSize = vision.PositiveInt32("spatial_merge_size"),
            NumPositionEmbeddings = vision.PositiveInt32("num_position_embeddings"),
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
            throw vision.Wrong("num_position_embeddings", "a square number", config.NumPositionEmbeddings.ToString(CultureInfo.InvariantCulture));
        }

        // A quarter of the head turns with the row and a quarter with the column, in pairs.
        if (config.HiddenSize % (config.NumHeads * 4) != 0)
        {
            throw vision.Wrong("hidden_size", $"a multiple of 4 x num_heads = {config.NumHeads * 4}", config.HiddenSize.ToString(CultureInfo.InvariantCulture));
        }

        if (config.SpatialMergeSize != 2)
        {
            throw vision.Wrong("spatial_merge_size", "2", config.SpatialMergeSize.ToString(CultureInfo.InvariantCulture));
        }

        if (config.DeepStackIndexes.Any(index => index < 0 || index >= config.Depth)
            || config.DeepStackIndexes.Distinct().Count() != config.DeepStackIndexes.Count)
        {
            throw vision.Wrong("deepstack_visual_indexes", $"distinct block indices below depth = {config.Depth}", string.Join(", ", config.DeepStackIndexes));
        }
    }

    private static void CheckAgreement(ConfigSection root, ModelConfig config)
    {
        if (config.Vision.OutHiddenSize != config.Text.HiddenSize)
        {
            throw root.Wrong("vision_config.out_hidden_size", $"text_config.hidden_size = {config.Text.HiddenSize}",
                config.Vision.OutHiddenSize.ToString(CultureInfo.InvariantCulture));
        }

        if (config.Text.NumHeads % config.Text.NumKvHeads != 0)
        {
            throw root.Wrong("text_config.num_attention_heads", $"a multiple of num_key_value_heads = {config.Text.NumKvHeads}",
                config.Text.NumHeads.ToString(CultureInfo.InvariantCulture));
        }

        if (config.Vision.DeepStackIndexes.Count > config.Text.NumLayers)
        {
            throw root.Wrong("vision_config.deepstack_visual_indexes", $"at most num_hidden_layers = {config.Text.NumLayers} taps",
                config.Vision.DeepStackIndexes.Count.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void RequireIfPresent(ConfigSection section, string key, string value)
    {
        if (section.TryString(key) is { } actual && actual != value)
        {
            throw section.Wrong(key, value, actual);
        }
    }
}
