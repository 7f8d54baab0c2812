using System.Security.Cryptography;
using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Conformance.Folders;

/// <summary>Compares the patch rows of one image or clip with what a golden says of them.</summary>
internal static class PatchRows
{
    private const int SampledRows = 16;

    /// <summary>Grid, shape, sampled sums, ends and hash of all bytes, the most telling first.</summary>
    public static void Check(CaseCheck check, ProcessedMedia media, int[] gridThw, int[] rows, string sha256, int[]? rowSums)
    {
        check.EqualIntegers("grid_thw", [media.Grid.Time, media.Grid.Height, media.Grid.Width], gridThw);
        check.EqualIntegers("rows", [media.Grid.NumPatches, media.Patches.Length / Math.Max(1, media.Grid.NumPatches)], rows);
        if (rowSums is not null && check.HasPassed)
        {
            check.EqualIntegers("row_sums", Sums(media), rowSums);
        }

        check.Equal("sha256_u8", Convert.ToHexStringLower(SHA256.HashData(media.Patches.Span)), sha256.ToLowerInvariant());
    }

    /// <summary>Compares bytes from the start or the end of the patch rows.</summary>
    public static void CheckEnd(CaseCheck check, string what, ReadOnlySpan<byte> actual, int[] expected)
    {
        int[] values = new int[actual.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = actual[i];
        }

        check.EqualIntegers(what, values, expected);
    }

    /// <summary>Sums of the rows <c>0, step, 2 step, ...</c> with <c>step = rows / 16</c>: 16 of them, or more where 16 does not divide the rows.</summary>
    private static int[] Sums(ProcessedMedia media)
    {
        int numRows = media.Grid.NumPatches;
        int rowBytes = media.Patches.Length / numRows;
        int step = Math.Max(1, numRows / SampledRows);
        int[] sums = new int[(numRows + step - 1) / step];
        for (int i = 0; i < sums.Length; i++)
        {
            foreach (byte value in media.Patches.Span.Slice(i * step * rowBytes, rowBytes))
            {
                sums[i] += value;
            }
        }

        return sums;
    }
}
