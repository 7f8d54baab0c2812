namespace Qwen3VL.Batch.Media;

/// <summary>How a page is wanted.</summary>
/// <param name="Dpi">Resolution of a PDF page before the pixel bounds.</param>
/// <param name="MinPixels">The model's lower pixel bound.</param>
/// <param name="MaxPixels">Upper pixel bound: a PDF page is rendered straight at the size the model will read; a picture is not resized.</param>
/// <param name="SizeMultiple">Sides the model reads are multiples of this.</param>
internal sealed record PageRequest(int Dpi, int MinPixels, int MaxPixels, int SizeMultiple)
{
    /// <summary>Upper pixel bound of the page were it not made smaller: at least <see cref="MaxPixels"/>.</summary>
    public int UnreducedMaxPixels { get; init; } = MaxPixels;
}
