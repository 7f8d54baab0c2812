namespace Qwen3VL.Engine;

/// <summary>What an engine has loaded: identity for provenance, limits for planning.</summary>
/// <param name="ModelId">Name of the model folder or of the served model.</param>
/// <param name="ModelSha256">Lower-case hex SHA-256 over config, tokenizer and weights, and the pruning rate when clips are pruned, or of the served identity; part of every stored result's provenance.</param>
/// <param name="Backend">Where it runs, for people: for example <c>cpu f32 AVX-512</c>.</param>
/// <param name="MaxSequenceTokens">Longest prompt plus output of one request, in tokens.</param>
/// <param name="MaxSequences">Requests that run at the same time.</param>
/// <param name="Image">Pixel bounds of one image.</param>
/// <param name="Video">Pixel and frame bounds of one video window.</param>
public sealed record EngineDescription(
    string ModelId,
    string ModelSha256,
    string Backend,
    int MaxSequenceTokens,
    int MaxSequences,
    ImageBounds Image,
    VideoBounds Video)
{
    /// <summary>Share of a clip's vision tokens that the engine drops; 0 when it keeps all. Part of <see cref="ModelSha256"/> when it is above 0.</summary>
    public double VideoPruningRate { get; init; }

    /// <summary>How the model's publisher samples (<c>generation_config.json</c>): for callers that do not choose themselves. The engine itself never fills it in.</summary>
    public SamplingParameters DefaultSampling { get; init; } = SamplingParameters.Greedy;
}
