using System.Text.Json;

namespace Qwen3VL.Engine.Processing;

/// <summary>
/// What a checkpoint's <c>preprocessor_config.json</c> and <c>video_preprocessor_config.json</c> say (spec 5.1 and 5.3).
/// </summary>
/// <param name="Image">Bounds of one image.</param>
/// <param name="Video">Bounds and sampling of one clip.</param>
internal sealed record ProcessorConfig(ImageBounds Image, VideoBounds Video)
{
    private const string ImageFile = "preprocessor_config.json";
    private const string VideoFile = "video_preprocessor_config.json";

    /// <summary>Sampling that the reference's video processor class has when the file is silent, as the released files are.</summary>
    private const double DefaultFramesPerSecond = 2;
    private const int DefaultMinFrames = 4;
    private const int DefaultMaxFrames = 768;

    /// <summary>Reads both files of a model folder.</summary>
    /// <exception cref="CheckpointException">A file or key is missing, or a value is not one that this processor computes.</exception>
    public static ProcessorConfig Load(string modelFolder)
    {
        using ProcessorConfigFile image = ProcessorConfigFile.Open(modelFolder, ImageFile);
        using ProcessorConfigFile video = ProcessorConfigFile.Open(modelFolder, VideoFile);
        return new ProcessorConfig(ReadImage(image), ReadVideo(video));
    }

    private static ImageBounds ReadImage(ProcessorConfigFile file)
    {
        CheckGeometry(file);
        (long minimum, long maximum) = ReadAreas(file);
        if (maximum > int.MaxValue)
        {
            throw file.Wrong("size.longest_edge", $"an area of at most {int.MaxValue} pixels", maximum);
        }

        return new ImageBounds((int)minimum, (int)maximum, PatchExtractor.TokenSize);
    }

    private static VideoBounds ReadVideo(ProcessorConfigFile file)
    {
        CheckGeometry(file);
        (long minimum, long maximum) = ReadAreas(file);
        double framesPerSecond = file.Number("fps") ?? DefaultFramesPerSecond;
        long minFrames = file.Integer("min_frames") ?? DefaultMinFrames;
        long maxFrames = file.Integer("max_frames") ?? DefaultMaxFrames;
        if (!(framesPerSecond > 0) || !double.IsFinite(framesPerSecond))
        {
            throw file.Wrong("fps", "above 0", framesPerSecond);
        }

        if (minFrames < 1 || maxFrames < minFrames || maxFrames > int.MaxValue)
        {
            throw file.Wrong("min_frames and max_frames", "1 <= min_frames <= max_frames", $"{minFrames} and {maxFrames}");
        }

        return new VideoBounds(minimum, maximum, PatchExtractor.TokenSize, framesPerSecond, (int)minFrames, (int)maxFrames);
    }

    /// <summary>The two <c>size</c> values are areas in spite of their names; <c>min_pixels</c> and <c>max_pixels</c> override them.</summary>
    private static (long Minimum, long Maximum) ReadAreas(ProcessorConfigFile file)
    {
        long minimum = file.Integer("min_pixels") ?? file.Integer("size", "shortest_edge") ?? throw file.Missing("size.shortest_edge");
        long maximum = file.Integer("max_pixels") ?? file.Integer("size", "longest_edge") ?? throw file.Missing("size.longest_edge");
        if (minimum < 1 || maximum < minimum)
        {
            throw file.Wrong("size", "areas with 1 <= shortest_edge <= longest_edge", $"{minimum} and {maximum}");
        }

        return (minimum, maximum);
    }

    /// <summary>The geometry is compiled in; a checkpoint with another one would be read wrongly, so it is refused.</summary>
    private static void CheckGeometry(ProcessorConfigFile file)
    {
        CheckValue(file, "patch_size", PatchExtractor.PatchSize);
        CheckValue(file, "temporal_patch_size", PatchExtractor.FramesPerPatch);
        CheckValue(file, "merge_size", PatchExtractor.MergeSize);
        CheckHalves(file, "image_mean");
        CheckHalves(file, "image_std");
    }

    private static void CheckValue(ProcessorConfigFile file, string key, long expected)
    {
        long actual = file.Integer(key) ?? throw file.Missing(key);
        if (actual != expected)
        {
            throw file.Wrong(key, $"{expected}", actual);
        }
    }

    private static void CheckHalves(ProcessorConfigFile file, string key)
    {
        JsonElement values = file.Find(key) ?? throw file.Missing(key);
        bool halves = values.ValueKind is JsonValueKind.Array && values.GetArrayLength() == 3
            && values.EnumerateArray().All(value => value.ValueKind is JsonValueKind.Number && value.GetDouble() == 0.5);
        if (!halves)
        {
            throw file.Wrong(key, "[0.5, 0.5, 0.5]", values.GetRawText());
        }
    }
}
