using System.Reflection;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Contract;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Models;
using Xunit;

namespace Qwen3VL.Engine.Tests.Cpu;

/// <summary>
/// The kernel contract and a golden case as a program: runs them on the best level that this process sees and prints that level. Tests start
/// it with processor features switched off in the environment, which only a new process can do.
/// </summary>
public static class KernelCheck
{
    private const double MaxLogitDifference = 1e-4;

    /// <summary>Runs all tests; 0 when they pass, 1 with the failures on the error stream.</summary>
    public static int Main()
    {
        Console.WriteLine(CpuFeatures.Best);
        int failures = 0;
        foreach (MethodInfo test in typeof(BestLevel).GetMethods().Where(method => method.GetCustomAttribute<FactAttribute>() is not null))
        {
            try
            {
                using var suite = new BestLevel();
                test.Invoke(suite, null);
            }
            catch (TargetInvocationException exception)
            {
                Console.Error.WriteLine($"{test.Name}: {exception.InnerException?.Message}");
                failures++;
            }
        }

        failures += CheckModel();
        return failures == 0 ? 0 : 1;
    }

    // One whole prompt with pictures and a clip through a real model.
    private static int CheckModel()
    {
        GoldenCase golden = GoldenCase.Read("dense-tied", "mixed");
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = GuardedBackend.Threads, GuardMemory = true });
        using Qwen3VLModel model = Qwen3VLModel.Load(golden.Folder, golden.Config, backend, CancellationToken.None);
        using var driver = new ModelDriver(model, golden);
        float[] logits = driver.Prefill(golden.InputIds.Length);
        float[] expected = golden.Floats("logits_last");
        double worst = logits.TakeLast(expected.Length).Zip(expected, (a, b) => Math.Abs((double)a - b)).Max();
        if (worst <= MaxLogitDifference)
        {
            return 0;
        }

        Console.Error.WriteLine($"logits of dense-tied/mixed must be within {MaxLogitDifference} of the reference; got {worst}");
        return 1;
    }

    // Not public: the test runner does not run it a second time.
    private sealed class BestLevel : KernelContract
    {
        protected override IBackend CreateBackend() =>
            new CpuBackend(new CpuBackendOptions { Threads = GuardedBackend.Threads, GuardMemory = true });
    }
}
