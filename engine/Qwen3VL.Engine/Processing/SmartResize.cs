namespace Qwen3VL.Engine.Processing;

/// <summary>
/// The size at which the model reads a picture or a clip: sides are multiples of <c>SizeMultiple</c>, the area lies within the bounds, the
/// aspect ratio is kept as far as both allow (spec 5.1 and 5.3).
/// </summary>
/// <remarks>
/// Source: huggingface/transformers v4.57.6, <c>qwen2_vl/image_processing_qwen2_vl.py</c> and <c>qwen3_vl/video_processing_qwen3_vl.py</c>,
/// <c>smart_resize</c> of each.
/// </remarks>
public static class SmartResize
{
    /// <summary>Longest side over shortest side that the reference accepts.</summary>
    private const int MaxAspectRatio = 200;

    /// <summary>Frames of one patch: the clip's frame count is rounded to a multiple of it before the area test.</summary>
    private const int FramesPerPatch = 2;

    private const int BytesPerPixel = 3;

    /// <summary>Size of an image of <paramref name="width"/> x <paramref name="height"/> pixels.</summary>
    /// <exception cref="InvalidRequestException">A side is not positive, the aspect ratio is above 200, the bounds contradict themselves, or the resized image exceeds an array.</exception>
    public static PixelSize ForImage(int width, int height, ImageBounds bounds)
    {
        CheckBounds(bounds.MinPixels, bounds.MaxPixels, bounds.SizeMultiple);
        CheckSides(width, height, minimumSide: 1);
        return Fit(width, height, frames: 1, roundedFrames: 1, bounds.MinPixels, bounds.MaxPixels, bounds.SizeMultiple);
    }

    /// <summary>
    /// Size of each frame of a clip. The bounds cover the whole clip, frames x height x width, so a longer clip has smaller frames.
    /// </summary>
    /// <param name="frames">Sampled frames before the last one is repeated to make the count even; at least 2.</param>
    /// <param name="width">Width of a frame in pixels.</param>
    /// <param name="height">Height of a frame in pixels.</param>
    /// <param name="bounds">The processor's bounds.</param>
    /// <exception cref="InvalidRequestException">
    /// Fewer than 2 frames, a side below <c>SizeMultiple</c>, an aspect ratio above 200, bounds that contradict themselves, or a resized clip that exceeds an array.
    /// </exception>
    public static PixelSize ForVideo(int frames, int width, int height, VideoBounds bounds)
    {
        CheckBounds(bounds.MinPixels, bounds.MaxPixels, bounds.SizeMultiple);
        if (frames < FramesPerPatch)
        {
            throw new InvalidRequestException($"a clip must have at least {FramesPerPatch} frames; got {frames}");
        }

        CheckSides(width, height, bounds.SizeMultiple);

        // The reference rounds half to even here: 5 frames count as 4 and 7 as 8. Only the area test sees it.
        long roundedFrames = (long)Math.Round(frames / (double)FramesPerPatch) * FramesPerPatch;
        return Fit(width, height, frames, roundedFrames, bounds.MinPixels, bounds.MaxPixels, bounds.SizeMultiple);
    }

    private static PixelSize Fit(int width, int height, long frames, long roundedFrames, long minPixels, long maxPixels, int multiple)
    {
        long fittedHeight = (long)Math.Round(height / (double)multiple) * multiple;
        long fittedWidth = (long)Math.Round(width / (double)multiple) * multiple;
        long area = checked(roundedFrames * fittedHeight * fittedWidth);
        double originalArea = checked(frames * height * width);
        if (area > maxPixels)
        {
            double shrink = Math.Sqrt(originalArea / maxPixels);
            fittedHeight = Math.Max(multiple, (long)Math.Floor(height / shrink / multiple) * multiple);
            fittedWidth = Math.Max(multiple, (long)Math.Floor(width / shrink / multiple) * multiple);
        }
        else if (area < minPixels)
        {
            double grow = Math.Sqrt(minPixels / originalArea);
            fittedHeight = (long)Math.Ceiling(height * grow / multiple) * multiple;
            fittedWidth = (long)Math.Ceiling(width * grow / multiple) * multiple;
        }

        // A bound so low that a rounded side is 0 and the area still passes cannot be repaired by the rule above.
        fittedWidth = Math.Max(multiple, fittedWidth);
        fittedHeight = Math.Max(multiple, fittedHeight);
        CheckBytes(frames, fittedWidth, fittedHeight);
        return new PixelSize(checked((int)fittedWidth), checked((int)fittedHeight));
    }

    /// <summary>An item's patches are one array, in which an odd last frame stands twice.</summary>
    private static void CheckBytes(long frames, long width, long height)
    {
        long evenFrames = (frames + FramesPerPatch - 1) / FramesPerPatch * FramesPerPatch;
        if ((double)BytesPerPixel * evenFrames * width * height > Array.MaxLength)
        {
            throw new InvalidRequestException(
                $"a resized image or clip must have at most {Array.MaxLength} bytes; got {evenFrames} frames of {width}x{height} with {BytesPerPixel} bytes a pixel")
            {
                IsTooLarge = true,
            };
        }
    }

    private static void CheckSides(int width, int height, int minimumSide)
    {
        if (width < minimumSide || height < minimumSide)
        {
            throw new InvalidRequestException($"image sides must be at least {minimumSide} pixels; got {width}x{height}");
        }

        if ((double)Math.Max(width, height) / Math.Min(width, height) > MaxAspectRatio)
        {
            throw new InvalidRequestException($"the aspect ratio must be at most {MaxAspectRatio}; got {width}x{height}");
        }
    }

    private static void CheckBounds(long minPixels, long maxPixels, int multiple)
    {
        if (multiple < 1)
        {
            throw new InvalidRequestException($"SizeMultiple must be at least 1; got {multiple}");
        }

        if (minPixels < 0 || maxPixels < minPixels || maxPixels < (long)multiple * multiple)
        {
            throw new InvalidRequestException(
                $"pixel bounds must be 0 <= MinPixels <= MaxPixels and hold one token of {multiple}x{multiple}; got {minPixels}..{maxPixels}");
        }
    }
}
