namespace Qwen3VL.Engine.Processing;

/// <summary>Patch grid of one media item: frame pairs, patch rows, patch columns.</summary>
/// <param name="Time">Frame pairs; 1 for an image.</param>
/// <param name="Height">Patch rows, even.</param>
/// <param name="Width">Patch columns, even.</param>
public readonly record struct GridThw(int Time, int Height, int Width)
{
    /// <summary>Patches of the whole item.</summary>
    public int NumPatches => checked(Time * Height * Width);

    /// <summary>Merged vision tokens of one frame pair.</summary>
    public int RowsPerFrame => Height / 2 * (Width / 2);

    /// <summary>Merged vision tokens of the whole item.</summary>
    public int NumRows => checked(Time * RowsPerFrame);
}
