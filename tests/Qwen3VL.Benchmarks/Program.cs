using Qwen3VL.Benchmarks;
using Qwen3VL.Engine.Cpu;

// `load-2b`: how long 4.26 GB of weights take. `tokenizer [FOLDER]`: the tokenizer alone, FOLDER to write its texts to. `sampling`: samplers and constraints alone. Otherwise threads (0 = all) and feature level (Scalar, Avx2, Avx512);
// both optional.
if (args is ["tokenizer", ..])
{
    TokenizerBenchmarks.Run(args.ElementAtOrDefault(1));
    return;
}

if (args is ["sampling"])
{
    SamplingBenchmarks.Run();
    return;
}

if (args is ["load-2b", ..])
{
    using var loading = new CpuBackend(new CpuBackendOptions());
    LoadBenchmark.Run(loading);
    return;
}

int threads = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 0;
CpuFeatureLevel? level = args.Length > 1 ? Enum.Parse<CpuFeatureLevel>(args[1]) : null;
using var backend = new CpuBackend(new CpuBackendOptions { Threads = threads, FeatureLevel = level });
Console.WriteLine(backend.Name);
ModelBenchmarks.Run(backend);
KernelBenchmarks.Run(backend);
SamplingBenchmarks.Run();
