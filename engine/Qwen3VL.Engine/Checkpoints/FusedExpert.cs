using System.Runtime.InteropServices;
using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>One expert of a fused tensor in memory, which <see cref="FusedExperts"/> owns and uses again for the next.</summary>
/// <param name="Description">The whole matrix, output-major.</param>
/// <param name="Stored">Its bytes as stored.</param>
/// <param name="IsInputMajor">Whether they are <c>[inputs, outputs]</c>.</param>
internal sealed record FusedExpert(WeightDescription Description, byte[] Stored, bool IsInputMajor)
{
    /// <summary>Rows <c>[first, first + count)</c> of the output-major matrix as a weight of their own.</summary>
    internal StoredWeight Rows(int first, int count)
    {
        WeightScales? scales = Description.Scales is { } all ? all with { FirstRow = first } : null;
        return new StoredWeight(
            Description with { Rows = count, Scales = scales },
            (firstRow, destination) => Read(first + firstRow, destination));
    }

    private void Read(int firstRow, Span<byte> destination)
    {
        if (!IsInputMajor)
        {
            Stored.AsSpan(checked((int)(firstRow * Description.RowBytes)), destination.Length).CopyTo(destination);
            return;
        }

        switch (Description.ElementBytes)
        {
            case sizeof(float): Turn<uint>(firstRow, destination); break;
            case sizeof(ushort): Turn<ushort>(firstRow, destination); break;
            default: Turn<byte>(firstRow, destination); break;
        }
    }

    private void Turn<T>(int firstRow, Span<byte> destination)
        where T : struct
    {
        ReadOnlySpan<T> source = MemoryMarshal.Cast<byte, T>(Stored);
        Span<T> rows = MemoryMarshal.Cast<byte, T>(destination);
        int inputs = Description.Columns;
        int count = rows.Length / inputs;
        for (int input = 0; input < inputs; input++)
        {
            ReadOnlySpan<T> outputs = source.Slice(input * Description.Rows + firstRow, count);
            for (int row = 0; row < outputs.Length; row++)
            {
                rows[row * inputs + input] = outputs[row];
            }
        }
    }
}
