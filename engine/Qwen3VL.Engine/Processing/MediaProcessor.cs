using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Qwen3VL.Engine.Processing;

/// <summary>Resizes an image or a clip to the model's size, cuts it into patches and hashes what the model will see.</summary>
internal static class MediaProcessor
{
    /// <summary>Patch grid that <see cref="Process(RgbImage, ImageBounds)"/> will give; touches no pixel.</summary>
    /// <exception cref="InvalidRequestException">The image cannot be fitted into the bounds.</exception>
    public static GridThw Grid(RgbImage image, ImageBounds bounds) =>
        PatchExtractor.Grid(frames: 1, SmartResize.ForImage(image.Width, image.Height, bounds));

    /// <summary>Patch grid that <see cref="Process(VideoClip, VideoBounds)"/> will give; touches no pixel.</summary>
    /// <exception cref="InvalidRequestException">The clip is too short or cannot be fitted into the bounds.</exception>
    public static GridThw Grid(VideoClip clip, VideoBounds bounds) =>
        PatchExtractor.Grid(clip.Frames.Count, SmartResize.ForVideo(clip.Frames.Count, clip.Frames[0].Width, clip.Frames[0].Height, bounds));

    /// <summary>Processes one image.</summary>
    /// <exception cref="InvalidRequestException">The image cannot be fitted into the bounds.</exception>
    public static ProcessedMedia Process(RgbImage image, ImageBounds bounds)
    {
        PixelSize size = SmartResize.ForImage(image.Width, image.Height, bounds);
        return Cut([BicubicResize.Resize(image, size)], pairTimes: []);
    }

    /// <summary>Processes one clip of sampled frames.</summary>
    /// <exception cref="InvalidRequestException">The clip is too short or cannot be fitted into the bounds.</exception>
    public static ProcessedMedia Process(VideoClip clip, VideoBounds bounds)
    {
        PixelSize size = SmartResize.ForVideo(clip.Frames.Count, clip.Frames[0].Width, clip.Frames[0].Height, bounds);
        return Cut([.. clip.Frames.Select(frame => BicubicResize.Resize(frame, size))], VideoFrameSampler.PairTimeTexts(clip.TimesSeconds));
    }

    private static ProcessedMedia Cut(IReadOnlyList<RgbImage> frames, IReadOnlyList<string> pairTimes)
    {
        GridThw grid = PatchExtractor.Grid(frames.Count, new PixelSize(frames[0].Width, frames[0].Height));
        byte[] patches = PatchExtractor.Extract(frames);
        return new ProcessedMedia(grid, patches, Hash(grid, patches), pairTimes);
    }

    private static byte[] Hash(GridThw grid, ReadOnlySpan<byte> patches)
    {
        Span<byte> header = stackalloc byte[3 * sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(header, grid.Time);
        BinaryPrimitives.WriteInt32LittleEndian(header[sizeof(int)..], grid.Height);
        BinaryPrimitives.WriteInt32LittleEndian(header[(2 * sizeof(int))..], grid.Width);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header);
        hash.AppendData(patches);
        return hash.GetHashAndReset();
    }
}
