namespace Qwen3VL.Engine.Cpu.Threading;

/// <summary>Splits a count into equal parts, the same way every time.</summary>
internal static class Partition
{
    /// <summary>Range <c>[begin, end)</c> of one part; begins are multiples of <paramref name="grain"/>.</summary>
    internal static (long Begin, long End) Range(long count, int part, int parts, int grain = 1)
    {
        long grains = (count + grain - 1) / grain;
        return (Math.Min(count, grains * part / parts * grain), Math.Min(count, grains * (part + 1) / parts * grain));
    }
}
