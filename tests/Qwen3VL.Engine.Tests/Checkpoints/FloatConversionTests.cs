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
