using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Processor and memory against what the model needs.</summary>
internal sealed class MachineCheck : ICheck
{
    private const long MiB = 1 << 20;

    // The runtime and a step's activations.
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
        long weights = WeightBytes(settings.Engine);
        EngineMemory? engine = Estimate(settings);
        long pixels = (settings.Media.MaxDecodedMiB + settings.Engine.MaxWaitingMediaMiB) * MiB;
        long least = weights + settings.Engine.KvMemoryMiB * MiB + RuntimeBytes;
        long most = weights + (engine?.TotalBytes ?? settings.Engine.KvMemoryMiB * MiB) + pixels + RuntimeBytes;
        string parts = engine is null
            ? $"{settings.Engine.KvMemoryMiB} MiB of keys and values"
            : $"{engine.KvBytes / MiB} of keys and values, {engine.EncoderCacheBytes / MiB} of encoder outputs, {engine.VisionBytes / MiB} to encode the largest item";
        string message = string.Create(
            CultureInfo.InvariantCulture,
            $"{available / MiB} MiB usable; about {least / MiB} MiB are always needed, {most / MiB} when everything is full ({weights / MiB} of weights, {parts}, {pixels / MiB} of pixels decoded or waiting)");
        if (settings.Worker.Quarantine == QuarantineMode.Child)
        {
            message += string.Create(
                CultureInfo.InvariantCulture, $"; a quarantine worker beside this one takes about {least / MiB} MiB more while it runs (Worker:Quarantine)");
        }

        return most <= available
            ? new CheckResult("memory", CheckLevel.Ok, message)
            : new CheckResult(
                "memory",
                least <= available ? CheckLevel.Warn : CheckLevel.Fail,
                message,
                "use a smaller checkpoint, lower Engine:KvMemoryMiB, Engine:EncoderCacheRows, Engine:MaxWaitingMediaMiB or Media:MaxDecodedMiB, or a machine with more memory");
    }

    // Sixteen bits a value, as published; as 32-bit floats they take twice that.
    private static long WeightBytes(EngineOptions engine)
    {
        IEnumerable<string> folders = engine.AdapterFolder is { } adapter ? [engine.ModelFolder, adapter] : [engine.ModelFolder];
        long bytes = folders.Where(Directory.Exists).Sum(folder => new DirectoryInfo(folder).EnumerateFiles("*.safetensors").Sum(file => file.Length));
        return engine.WeightStorage == WeightStorage.F32 ? 2 * bytes : bytes;
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
