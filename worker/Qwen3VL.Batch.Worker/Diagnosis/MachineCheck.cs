using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Processor and memory against what the model needs.</summary>
internal sealed class MachineCheck : ICheck
{
    private const long MiB = 1 << 20;

    // The runtime, a step's activations and what waits between decoder and engine.
    private const long RuntimeBytes = 512 * MiB;

    /// <inheritdoc/>
    public Task<IReadOnlyList<CheckResult>> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        string vectors = Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "no AVX2";
        CheckResult processor = Avx2.IsSupported
            ? new CheckResult("processor", CheckLevel.Ok, $"{Environment.ProcessorCount} cores, {vectors}")
            : new CheckResult(
                "processor",
                CheckLevel.Warn,
                $"{Environment.ProcessorCount} cores, {vectors}",
                "use a processor with AVX2 or AVX-512; without it the model is several times slower");
        return Task.FromResult<IReadOnlyList<CheckResult>>([processor, Memory(settings)]);
    }

    private static CheckResult Memory(Settings settings)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        long weights = Directory.Exists(settings.Engine.ModelFolder)
            ? new DirectoryInfo(settings.Engine.ModelFolder).EnumerateFiles("*.safetensors").Sum(file => file.Length)
            : 0;
        EngineMemory? engine = Estimate(settings);
        long decoded = settings.Media.MaxDecodedMiB * MiB;
        long needed = weights + (engine?.TotalBytes ?? settings.Engine.KvMemoryMiB * MiB) + decoded + RuntimeBytes;
        string parts = engine is null
            ? $"{settings.Engine.KvMemoryMiB} MiB of keys and values"
            : $"{engine.KvBytes / MiB} of keys and values, {engine.EncoderCacheBytes / MiB} of encoder outputs, {engine.VisionBytes / MiB} to encode the largest item";
        string message = string.Create(
            CultureInfo.InvariantCulture,
            $"{available / MiB} MiB usable; at most about {needed / MiB} MiB are needed when everything is full ({weights / MiB} of weights, {parts}, {decoded / MiB} of decoded pixels)");
        return needed <= available
            ? new CheckResult("memory", CheckLevel.Ok, message)
            : new CheckResult(
                "memory",
                CheckLevel.Fail,
                message,
                "use a smaller checkpoint, lower Engine:KvMemoryMiB, Engine:EncoderCacheRows or Media:MaxDecodedMiB, or a machine with more memory");
    }

    /// <summary>Null when the model's files cannot be read: another check says why.</summary>
    private static EngineMemory? Estimate(Settings settings)
    {
        try
        {
            return EngineMemory.Estimate(settings.Engine);
        }
        catch (CheckpointException)
        {
            return null;
        }
    }
}
