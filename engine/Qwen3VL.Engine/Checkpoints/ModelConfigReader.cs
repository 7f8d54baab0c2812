using System.Globalization;
using Qwen3VL.Engine.Backends;

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

    // Far beyond every released model, and small enough that widths, heads x head size and values of a patch stay in 32 bits.
    private const int MaxWidth = 1 << 17;
    private const int MaxLayers = 1 << 10;
    private const int MaxHeads = 1 << 10;
    private const int MaxHeadDim = 1 << 10;
    private const int MaxPatchSide = 1 << 7;
    private const int MaxTableRows = 1 << 22;

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

        int headDim = text.PositiveInt32("head_dim", MaxHeadDim);
        if (headDim % 2 != 0)
        {
            throw text.Wrong("head_dim", "even, for it turns in pairs", headDim.ToString(CultureInfo.InvariantCulture));
        }

        ConfigSection? scaling = text.TrySection("rope_scaling");
        ConfigSection? parameters = text.TrySection("rope_parameters");
        ConfigSection rope = parameters ?? scaling ?? throw text.Wrong("rope_scaling", "an object (or rope_parameters)", "nothing");
        return new TextConfig
        {
            HiddenSize = text.PositiveInt32("hidden_size", MaxWidth),
            NumLayers = text.PositiveInt32("num_hidden_layers", MaxLayers),
            NumHeads = text.PositiveInt32("num_attention_heads", MaxHeads),
            NumKvHeads = text.PositiveInt32("num_key_value_heads", MaxHeads),
            HeadDim = headDim,
            IntermediateSize = text.PositiveInt32("intermediate_size", MaxWidth),
            VocabularySize = text.PositiveInt32("vocab_size", MaxTableRows),
            MaxPositions = text.PositiveInt32("max_position_embeddings", int.MaxValue),
            RmsNormEpsilon = (float)text.PositiveDouble("rms_norm_eps"),
            RopeTheta = parameters is not null && parameters.Has("rope_theta") ? parameters.PositiveDouble("rope_theta") : text.PositiveDouble("rope_theta"),
            MropeSection = ReadMropeSection(rope, headDim),
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
        if (section.Count != 3 || section.Any(count => count < 0) || section.Sum(count => (long)count) != headDim / 2)
        {
            throw rope.Wrong("mrope_section", $"three counts that sum to head_dim / 2 = {headDim / 2}", string.Join(", ", section));
        }

        return section;
    }

    private static VisionConfig ReadVision(ConfigSection vision)
    {
        RequireIfPresent(vision, "hidden_act", "gelu_pytorch_tanh");
        if (vision.PositiveInt32("in_channels", MaxPatchSide) != 3)
        {
            throw vision.Wrong("in_channels", "3", vision.Int32("in_channels").ToString(CultureInfo.InvariantCulture));
        }

        var config = new VisionConfig
        {
            Depth = vision.PositiveInt32("depth", MaxLayers),
            HiddenSize = vision.PositiveInt32("hidden_size", MaxWidth),
            IntermediateSize = vision.PositiveInt32("intermediate_size", MaxWidth),
            NumHeads = vision.PositiveInt32("num_heads", MaxHeads),
            OutHiddenSize = vision.PositiveInt32("out_hidden_size", MaxWidth),
            PatchSize = vision.PositiveInt32("patch_size", MaxPatchSide),
            TemporalPatchSize = vision.PositiveInt32("temporal_patch_size", MaxPatchSide),
            SpatialMergeSize = vision.PositiveInt32("spatial_merge_size", MaxPatchSide),
            NumPositionEmbeddings = vision.PositiveInt32("num_position_embeddings", MaxTableRows),
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

        int maxHeads = Math.Min(MaxHeads, config.Text.NumKvHeads * KvCacheShape.MaxQueryGroup);
        if (config.Text.NumHeads % config.Text.NumKvHeads != 0 || config.Text.NumHeads > maxHeads)
        {
            throw root.Wrong("text_config.num_attention_heads", $"a multiple of num_key_value_heads = {config.Text.NumKvHeads} and at most {maxHeads}",
                config.Text.NumHeads.ToString(CultureInfo.InvariantCulture));
        }

        CheckTokenId(root, "image_token_id", config.ImageTokenId, config.Text.VocabularySize);
        CheckTokenId(root, "video_token_id", config.VideoTokenId, config.Text.VocabularySize);
        CheckTokenId(root, "vision_start_token_id", config.VisionStartTokenId, config.Text.VocabularySize);
        CheckTokenId(root, "vision_end_token_id", config.VisionEndTokenId, config.Text.VocabularySize);
        if (config.Vision.DeepStackIndexes.Count > config.Text.NumLayers)
        {
            throw root.Wrong("vision_config.deepstack_visual_indexes", $"at most num_hidden_layers = {config.Text.NumLayers} taps",
                config.Vision.DeepStackIndexes.Count.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void CheckTokenId(ConfigSection root, string key, int tokenId, int vocabularySize)
    {
        if ((uint)tokenId >= (uint)vocabularySize)
        {
            throw root.Wrong(key, $"an id below text_config.vocab_size = {vocabularySize}", tokenId.ToString(CultureInfo.InvariantCulture));
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
