using System.Globalization;
using System.Runtime.Intrinsics.X86;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Processor and memory against what the model needs.</summary>
internal sealed class MachineCheck : ICheck
{
    private const long MiB = 1 << 20;

    // bf16 weights become f32 in memory; activations, encoder outputs and the runtime need about this much beside them.
    private const int WeightGrowth = 2;
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
        long needed = (weights * WeightGrowth) + (settings.Engine.KvMemoryMiB * MiB) + RuntimeBytes;
        string message = string.Create(
            CultureInfo.InvariantCulture,
            $"{available / MiB} MiB usable; the model needs about {needed / MiB} MiB ({weights / MiB} MiB of weights as f32, {settings.Engine.KvMemoryMiB} MiB of keys and values)");
        return needed <= available
            ? new CheckResult("memory", CheckLevel.Ok, message)
            : new CheckResult(
                "memory",
                CheckLevel.Fail,
                message,
                "use a smaller checkpoint, lower Engine:KvMemoryMiB, or a machine with more memory");
    }
}
