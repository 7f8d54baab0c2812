using System.Diagnostics;
using Qwen3VL.Engine.Cpu;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Cpu;

public sealed class CpuFeatureTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData("DOTNET_EnableAVX512", CpuFeatureLevel.Avx2)]
    [InlineData("DOTNET_EnableAVX2", CpuFeatureLevel.Scalar)]
    [InlineData("DOTNET_EnableHWIntrinsic", CpuFeatureLevel.Scalar)]
    public async Task KernelsAndModel_WithFeaturesSwitchedOff_EqualContractAndGolden(string variable, CpuFeatureLevel highest)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath ?? "dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(typeof(KernelCheck).Assembly.Location);
        start.Environment[variable] = "0";
        using var timeout = new CancellationTokenSource(Limit);
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("a child process must start; got none");
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(timeout.Token);
            string output = await process.StandardOutput.ReadToEndAsync(timeout.Token);
            await process.WaitForExitAsync(timeout.Token);
            process.ExitCode.ShouldBe(0, await errors);
            ((int)Enum.Parse<CpuFeatureLevel>(output.Trim())).ShouldBeLessThanOrEqualTo((int)highest);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    [Fact]
    public void CpuBackend_Name_SaysLevelAndThreads()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 2, FeatureLevel = CpuFeatureLevel.Scalar });
        backend.Name.ShouldBe("cpu f32 scalar 2 threads");
        using var single = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        single.FeatureLevel.ShouldBe(CpuFeatures.Best);
        Should.Throw<ArgumentException>(() => new CpuBackend(new CpuBackendOptions { Threads = -1 }));
    }
}
