using System.Runtime.InteropServices;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Cpu;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Cpu;

public sealed class CpuWeightTests
{
    // So wide that a piece is the least it can be, one panel of 32 rows.
    private const int Columns = 1 << 18;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void CreateWeight_ReadInPieces_EqualsOneCopyAndReadsEveryRowOnce(int threads)
    {
        const int Rows = 37;
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = threads });
        var pieces = new List<(int First, int Count)>();
        using Weight weight = backend.CreateWeight(new WeightDescription("w", Rows, Columns, WeightType.F32), (first, bytes) =>
        {
            Span<float> destination = MemoryMarshal.Cast<byte, float>(bytes);
            lock (pieces)
            {
                pieces.Add((first, destination.Length / Columns));
            }

            for (int i = 0; i < destination.Length; i++)
            {
                destination[i] = Value(first + i / Columns, i % Columns);
            }
        });
        pieces.Order().ShouldBe(new[] { (0, 32), (32, 5) });
        using ITensorScope scope = backend.OpenScope();
        foreach (int row in new[] { 0, 31, 32, 36 })
        {
            float[] values = new float[Columns];
            backend.Download(backend.Kernels.Embed(weight, [row]), values);
            values.AsSpan().SequenceEqual(Enumerable.Range(0, Columns).Select(column => Value(row, column)).ToArray()).ShouldBeTrue($"row {row}");
        }
    }

    [Fact]
    public void CreateWeight_ReadThatFails_LeavesNothing()
    {
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 1 });
        Should.Throw<CheckpointException>(() => backend.CreateWeight(
            new WeightDescription("w", 4, 4, WeightType.F32), (_, _) => throw new CheckpointException("unreadable")));
        backend.Statistics.ShouldBe(default);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3200)]
    [InlineData(4992)]
    public void CreateWeight_PieceThatFailsOnOneOfSeveralThreads_ThrowsItAndLeavesNothing(int badRow)
    {
        // Panels of 32 rows and 1 KiB: ten pieces of 512 rows.
        const int Rows = 5000;
        const int RowValues = 256;
        using var backend = new CpuBackend(new CpuBackendOptions { Threads = 3 });
        var description = new WeightDescription("w", Rows, RowValues, WeightType.F32);
        WeightRowReader failing = (first, bytes) =>
        {
            bytes.Clear();
            if (badRow >= first && badRow < first + bytes.Length / (sizeof(float) * RowValues))
            {
                throw new CheckpointException("unreadable");
            }
        };
        Should.Throw<CheckpointException>(() => backend.CreateWeight(description, failing)).Message.ShouldBe("unreadable");
        backend.Statistics.ShouldBe(default);

        // The threads have not gone with the failure.
        using Weight whole = backend.CreateWeight(description, (_, bytes) => bytes.Clear());
        backend.Statistics.WeightBytes.ShouldBeGreaterThan(0);
    }

    private static float Value(int row, int column) => row * 1000 + column % 997;
}
