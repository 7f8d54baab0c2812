using System.Reflection;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Contract;
using Qwen3VL.Engine.Cpu;
using Xunit;

namespace Qwen3VL.Engine.Tests.Cpu;

/// <summary>
/// The kernel contract as a program: runs every test of it on the best level that this process sees and prints that level. Tests start it
/// with processor features switched off in the environment, which only a new process can do.
/// </summary>
public static class KernelCheck
{
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

        return failures == 0 ? 0 : 1;
    }

    // Not public: the test runner does not run it a second time.
    private sealed class BestLevel : KernelContract
    {
        protected override IBackend CreateBackend() =>
            new CpuBackend(new CpuBackendOptions { Threads = GuardedBackend.Threads, GuardMemory = true });
    }
}
