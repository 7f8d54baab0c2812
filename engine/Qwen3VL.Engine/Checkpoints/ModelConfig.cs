namespace Qwen3VL.Engine.Checkpoints;

/// <summary>The <c>config.json</c> of a checkpoint (spec 1.2).</summary>
public sealed record ModelConfig
{
    /// <summary><c>text_config</c>.</summary>
    public required TextConfig Text { get; init; }

    /// <summary><c>vision_config</c>.</summary>
    public required VisionConfig Vision { get; init; }

    /// <summary><c>image_token_id</c>.</summary>
    public required int ImageTokenId { get; init; }

    /// <summary><c>video_token_id</c>.</summary>
    public required int VideoTokenId { get; init; }

    /// <summary><c>vision_start_token_id</c>.</summary>
    public required int VisionStartTokenId { get; init; }

    /// <summary><c>vision_end_token_id</c>.</summary>
    public required int VisionEndTokenId { get; init; }

    /// <summary>Top-level <c>tie_word_embeddings</c>: whether the embedding table is the output head.</summary>
    public required bool TieWordEmbeddings { get; init; }

    /// <summary><c>quantization_config</c>; null for weights that are not quantised.</summary>
    public QuantizationConfig? Quantization { get; init; }

    /// <summary>Keys of the file that this engine does not know, as paths safe to show; at most <see cref="MaxUnknownKeys"/> of them.</summary>
    public IReadOnlyList<string> UnknownKeys { get; init; } = [];

    /// <summary>The most unknown keys that are listed.</summary>
    public const int MaxUnknownKeys = 20;

    /// <summary>Reads and checks <c>config.json</c> of a model folder.</summary>
    /// <exception cref="CheckpointException">A key is missing or wrong, or the model is of a kind that is not supported; names file and key.</exception>
    public static ModelConfig Load(string folder) => ModelConfigReader.Read(folder);
}
