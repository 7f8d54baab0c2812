using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Checkpoints;

public sealed class FloatConversionTests
{
    private static readonly ushort[] All = Enumerable.Range(0, 65536).Select(bits => (ushort)bits).ToArray();

    [Fact]
    public void FromFloat16_EveryValue_EqualsTheScalarConversion()
    {
        float[] actual = new float[All.Length];
        FloatConversion.FromFloat16(All, actual);
        for (int i = 0; i < All.Length; i++)
        {
            float expected = (float)BitConverter.UInt16BitsToHalf(All[i]);
            (float.IsNaN(expected) ? float.IsNaN(actual[i]) : BitConverter.SingleToInt32Bits(actual[i]) == BitConverter.SingleToInt32Bits(expected))
                .ShouldBeTrue($"{i:x4}");
        }
    }

    [Fact]
    public void FromBFloat16_EveryValue_IsTheUpperHalf()
    {
        float[] actual = new float[All.Length];
        FloatConversion.FromBFloat16(All, actual);
        actual.Select(BitConverter.SingleToUInt32Bits).ShouldBe(All.Select(bits => (uint)bits << 16));
    }

    [Theory]
    [InlineData(0x00, 0f)]
    [InlineData(0x80, -0f)]
    [InlineData(0x01, 0.001953125f)]
    [InlineData(0x07, 0.013671875f)]
    [InlineData(0x87, -0.013671875f)]
    [InlineData(0x08, 0.015625f)]
    [InlineData(0x38, 1f)]
    [InlineData(0x3c, 1.5f)]
    [InlineData(0xb9, -1.125f)]
    [InlineData(0x77, 240f)]
    [InlineData(0x78, 256f)]
    [InlineData(0x7e, 448f)]
    [InlineData(0xfe, -448f)]
    [InlineData(0x7f, float.NaN)]
    [InlineData(0xff, float.NaN)]
    public void Widen_Float8Code_IsTheValueOfTheFormat(byte code, float expected)
    {
        // Once for the tail, once for whole vectors.
        foreach (int length in (int[])[1, 64])
        {
            float[] actual = new float[length];
            FloatConversion.Widen(WeightType.F8E4M3, Enumerable.Repeat(code, length).ToArray(), actual);
            actual.ShouldAllBe(value => float.IsNaN(expected) ? float.IsNaN(value) : BitConverter.SingleToInt32Bits(value) == BitConverter.SingleToInt32Bits(expected));
        }
    }

    [Fact]
    public void Conversions_EveryShortLength_CoverTheTail()
    {
        for (int length = 0; length < 70; length++)
        {
            float[] half = new float[length];
            float[] brain = new float[length];
            FloatConversion.FromFloat16(All.AsSpan(0x3c00, length), half);
            FloatConversion.FromBFloat16(All.AsSpan(0x3f80, length), brain);
            half.ShouldBe(Enumerable.Range(0x3c00, length).Select(bits => (float)BitConverter.UInt16BitsToHalf((ushort)bits)));
            brain.ShouldBe(Enumerable.Range(0x3f80, length).Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16)));
        }

        Should.Throw<ArgumentException>(() => FloatConversion.FromFloat16(All, new float[1]));
    }
}
