using System.Runtime.InteropServices;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

public sealed class WeightConversionTests
{
    [Theory]
    [InlineData(0x00, 0f)]
    [InlineData(0x01, 0.001953125f)]
    [InlineData(0x07, 0.013671875f)]
    [InlineData(0x08, 0.015625f)]
    [InlineData(0x38, 1f)]
    [InlineData(0x3a, 1.25f)]
    [InlineData(0x7e, 448f)]
    [InlineData(0xb8, -1f)]
    [InlineData(0xfe, -448f)]
    [InlineData(0x7f, float.NaN)]
    [InlineData(0xff, float.NaN)]
    public void FromFloat8E4M3_Codes_AreTheNumbersOfTheFormat(byte code, float expected)
    {
        float[] value = new float[1];
        FloatConversion.FromFloat8E4M3([code], value);
        value[0].ShouldBe(expected);
    }

    [Theory]
    [InlineData(0x3f800000u, 0x3f80)]
    [InlineData(0x3f808000u, 0x3f80)]
    [InlineData(0x3f818000u, 0x3f82)]
    [InlineData(0x3f808001u, 0x3f81)]
    [InlineData(0x3f80ffffu, 0x3f81)]
    [InlineData(0x7f7fffffu, 0x7f80)]
    [InlineData(0xff800000u, 0xff80)]
    [InlineData(0x80000001u, 0x8000)]
    public void ToBFloat16_Values_AreRoundedToNearestEven(uint bits, ushort expected)
    {
        ushort[] actual = new ushort[1];
        FloatConversion.ToBFloat16([BitConverter.UInt32BitsToSingle(bits)], actual);
        actual[0].ShouldBe(expected);
        FloatConversion.ToBFloat16([BitConverter.UInt32BitsToSingle(0x7f800001u)], actual);
        float.IsNaN(BitConverter.UInt32BitsToSingle((uint)actual[0] << 16)).ShouldBeTrue();
    }

    [Fact]
    public void Convert_ScaledWeightOfManyPieces_IsTheScaledValuesInEachType()
    {
        // Rows of 100,000 bytes: every piece of a conversion is a few rows.
        const int Rows = 11;
        const int Columns = 100_000;
        byte[] stored = Enumerable.Range(0, Rows * Columns).Select(i => (byte)(i * 7 % 0x7f)).ToArray();
        var scales = new WeightScales(Enumerable.Range(0, 3 * 782).Select(i => 1e-3f * (i + 1)).ToArray(), 782, 4, 128);
        var weight = new StoredWeight(
            new WeightDescription("w", Rows, Columns, WeightType.F8E4M3) { Scales = scales },
            (firstRow, destination) => stored.AsSpan(firstRow * Columns, destination.Length).CopyTo(destination));
        float[] expected = new float[Rows * Columns];
        FloatConversion.FromFloat8E4M3(stored, expected);
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] *= scales.At(i / Columns, i % Columns);
        }

        StoredWeight wide = WeightConversion.Convert(weight, WeightStorage.F32);
        wide.Description.ShouldBe(new WeightDescription("w", Rows, Columns, WeightType.F32));
        float[] actual = new float[Rows * Columns];
        wide.Read(0, MemoryMarshal.AsBytes(actual.AsSpan()));
        actual.AsSpan().SequenceEqual(expected).ShouldBeTrue();

        StoredWeight rounded = WeightConversion.Convert(weight, WeightStorage.BF16);
        rounded.Description.ShouldBe(new WeightDescription("w", Rows, Columns, WeightType.BF16));
        ushort[] brain = new ushort[Rows * Columns];
        ushort[] expectedBrain = new ushort[Rows * Columns];
        rounded.Read(0, MemoryMarshal.AsBytes(brain.AsSpan()));
        FloatConversion.ToBFloat16(expected, expectedBrain);
        brain.AsSpan().SequenceEqual(expectedBrain).ShouldBeTrue();
        WeightConversion.Convert(weight, WeightStorage.Stored).ShouldBeSameAs(weight);
        WeightConversion.Convert(wide, WeightStorage.F32).ShouldBeSameAs(wide);
        WeightConversion.Convert(rounded, WeightStorage.BF16).ShouldBeSameAs(rounded);
    }

    [Fact]
    public void CheckCovers_GridThatIsTooSmall_Throws()
    {
        Should.NotThrow(() => new WeightScales(new float[6], 2, 4, 4).CheckCovers("w", 12, 8));
        Should.Throw<ArgumentException>(() => new WeightScales(new float[5], 2, 4, 4).CheckCovers("w", 12, 8));
        Should.Throw<ArgumentException>(() => new WeightScales(new float[6], 2, 4, 4, FirstRow: 1).CheckCovers("w", 12, 8));
        Should.Throw<ArgumentException>(() => new WeightScales(new float[6], 2, 4, 4).CheckCovers("w", 12, 9));
        Should.Throw<ArgumentException>(() => new WeightScales(new float[6], 2, 0, 4).CheckCovers("w", 12, 8));
    }
}
