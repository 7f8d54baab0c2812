using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Models;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine;

/// <summary>What an engine takes beside its weights when it is full: an estimate from its options and the model's small files, before anything is loaded.</summary>
/// <param name="KvBytes">Keys and values.</param>
/// <param name="EncoderCacheBytes">A full encoder cache: main and DeepStack vectors of each row.</param>
/// <param name="VisionBytes">The vision tower's tensors while the largest image or clip is encoded, and what pruning clips takes on the host.</param>
public sealed record EngineMemory(long KvBytes, long EncoderCacheBytes, long VisionBytes)
{
    /// <summary>Tensors of <c>[patches, vision hidden]</c> that a vision block holds at once: input, norm, q, k, v, their rotation, attention, sum.</summary>
    private const int VisionTensors = 8;

    private const int PatchPixels = PatchExtractor.PatchSize * PatchExtractor.PatchSize;

    /// <summary>All of it.</summary>
    public long TotalBytes => KvBytes + EncoderCacheBytes + VisionBytes;

    /// <summary>Estimates.</summary>
    /// <exception cref="CheckpointException">The folder has no readable configuration.</exception>
    public static EngineMemory Estimate(EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ModelConfig config = ModelConfig.Load(options.ModelFolder);
        ProcessorConfig processor = ProcessorConfig.Load(options.ModelFolder);

        // The bound of a clip counts both frames of a pair; they share their patches.
        long patches = Math.Max(processor.Image.MaxPixels / PatchPixels, processor.Video.MaxPixels / (PatchPixels * PatchExtractor.FramesPerPatch));
        return new EngineMemory(
            (long)options.KvMemoryMiB << 20,
            (long)options.EncoderCacheRows * config.Text.HiddenSize * (1 + config.Vision.NumTaps) * sizeof(float),
            VisionTensors * patches * config.Vision.HiddenSize * sizeof(float) + (options.VideoPruningRate > 0 ? EncoderPruning.HostBytes : 0));
    }
}
