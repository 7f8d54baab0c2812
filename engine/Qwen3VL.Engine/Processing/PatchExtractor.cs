namespace Qwen3VL.Engine.Processing;

/// <summary>Cuts resized frames into the rows that the patch embedding reads (spec 3.1).</summary>
/// <remarks>
/// <code>
/// row n   = ((pair * gridHeight/2 + R) * gridWidth/2 + C) * 4 + a*2 + b     patch at (2R + a, 2C + b)
/// byte k  = ((channel * 2 + frame of the pair) * 16 + y) * 16 + x
/// </code>
/// </remarks>
internal static class PatchExtractor
{
    /// <summary>Patch side in pixels.</summary>
    public const int PatchSize = 16;

    /// <summary>Frames of one patch.</summary>
    public const int FramesPerPatch = 2;

    /// <summary>Patches along each side of a merged token.</summary>
    public const int MergeSize = 2;

    /// <summary>Side of a merged token in pixels: every frame side is a multiple of it.</summary>
    public const int TokenSize = PatchSize * MergeSize;

    /// <summary>Bytes of one patch row.</summary>
    public const int RowBytes = Channels * FramesPerPatch * PatchSize * PatchSize;

    private const int Channels = 3;

    /// <summary>Patch grid of frames of one size. An odd count of frames counts as if the last one were repeated.</summary>
    public static GridThw Grid(int frames, PixelSize size) =>
        new((frames + FramesPerPatch - 1) / FramesPerPatch, size.Height / PatchSize, size.Width / PatchSize);

    /// <summary>
    /// Patch rows <c>[grid.NumPatches, RowBytes]</c> of frames that all have one size whose sides are multiples of <see cref="TokenSize"/>. An
    /// odd count repeats the last frame, so an image fills both frames of its pair.
    /// </summary>
    public static byte[] Extract(IReadOnlyList<RgbImage> frames)
    {
        GridThw grid = Grid(frames.Count, new PixelSize(frames[0].Width, frames[0].Height));
        byte[] rows = new byte[checked((long)grid.NumPatches * RowBytes)];
        int row = 0;
        for (int pair = 0; pair < grid.Time; pair++)
        {
            RgbImage first = frames[pair * FramesPerPatch];
            RgbImage second = frames[Math.Min((pair * FramesPerPatch) + 1, frames.Count - 1)];
            for (int patch = 0; patch < grid.Height * grid.Width; patch++)
            {
                // Four neighbouring patches of one merged token are consecutive.
                int token = patch / (MergeSize * MergeSize);
                int inToken = patch % (MergeSize * MergeSize);
                int patchRow = (token / (grid.Width / MergeSize) * MergeSize) + (inToken / MergeSize);
                int patchColumn = (token % (grid.Width / MergeSize) * MergeSize) + (inToken % MergeSize);
                Span<byte> target = rows.AsSpan((int)((long)row * RowBytes), RowBytes);
                CopyPatch(first, patchRow, patchColumn, frameOfPair: 0, target);
                CopyPatch(second, patchRow, patchColumn, frameOfPair: 1, target);
                row++;
            }
        }

        return rows;
    }

    private static void CopyPatch(RgbImage frame, int patchRow, int patchColumn, int frameOfPair, Span<byte> target)
    {
        const int Plane = PatchSize * PatchSize;
        ReadOnlySpan<byte> pixels = frame.Pixels.Span;
        Span<byte> red = target.Slice(frameOfPair * Plane, Plane);
        Span<byte> green = target.Slice((FramesPerPatch + frameOfPair) * Plane, Plane);
        Span<byte> blue = target.Slice(((2 * FramesPerPatch) + frameOfPair) * Plane, Plane);
        for (int y = 0; y < PatchSize; y++)
        {
            int start = ((((patchRow * PatchSize) + y) * frame.Width) + (patchColumn * PatchSize)) * Channels;
            ReadOnlySpan<byte> line = pixels.Slice(start, PatchSize * Channels);
            for (int x = 0; x < PatchSize; x++)
            {
                red[(y * PatchSize) + x] = line[x * Channels];
                green[(y * PatchSize) + x] = line[(x * Channels) + 1];
                blue[(y * PatchSize) + x] = line[(x * Channels) + 2];
            }
        }
    }
}
