using System.Security.Cryptography;
using System.Text;
using Qwen3VL.Conformance.Checks;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Cases;

namespace Qwen3VL.Conformance.Folders;

/// <summary><c>video/</c>: sizes, chosen frames with their times, and the patch rows of every clip.</summary>
internal sealed class VideoFolder(string name, GoldenContext context) : GoldenFolder(name, context)
{
    private const string SizesFile = "smart_resize.json";
    private const string FramesFile = "frames.json";
    private const string ClipsFile = "clips.json";

    // Frames, height, width, min_pixels, max_pixels.
    private const int NumSizeNumbers = 5;

    /// <inheritdoc/>
    public override bool IsKnown(string fileName) => fileName is SizesFile or FramesFile or ClipsFile;

    /// <inheritdoc/>
    public override void Run(CaseRunner cases)
    {
        if (System.IO.File.Exists(File(SizesFile)))
        {
            cases.Section(SizesFile, () => ResizeRows.Run(File(SizesFile), NumSizeNumbers, cases, row => SmartResize.ForVideo(
                checked((int)row[0]), checked((int)row[2]), checked((int)row[1]), ReleasedBounds.Video with { MinPixels = row[3], MaxPixels = row[4] })));
        }

        if (System.IO.File.Exists(File(FramesFile)))
        {
            cases.Section(FramesFile, () => RunFrames(cases));
        }

        if (System.IO.File.Exists(File(ClipsFile)) || Directory.EnumerateDirectories(Path).Any())
        {
            cases.Section(ClipsFile, () => RunClips(cases));
        }
    }

    /// <summary>A clip as the reference samples it from all of its frames.</summary>
    public static VideoClip Sample(IReadOnlyList<RgbImage> frames, double sourceRateHz, VideoBounds bounds, out int[] indices)
    {
        indices = VideoFrameSampler.SampleIndices(frames.Count, sourceRateHz, bounds);
        return new VideoClip([.. indices.Select(index => frames[index])], VideoFrameSampler.Times(indices, sourceRateHz));
    }

    private void RunFrames(CaseRunner cases)
    {
        FramesGolden[] goldens = Goldens.ReadFile<FramesGolden[]>(File(FramesFile));
        for (int i = 0; i < goldens.Length; i++)
        {
            FramesGolden golden = goldens[i];
            cases.Case($"{FramesFile}[{i}]", check => CheckFrames(check, golden));
        }
    }

    private static void CheckFrames(CaseCheck check, FramesGolden golden)
    {
        int[] indices = VideoFrameSampler.SampleIndices(golden.Total, golden.SrcFps, ReleasedBounds.Video with { FramesPerSecond = golden.Fps });
        string[] times = VideoFrameSampler.PairTimeTexts(VideoFrameSampler.Times(indices, golden.SrcFps));
        check.Equal("n", indices.Length, golden.N);
        check.EqualIntegers("first", indices.AsSpan(0, Math.Min(indices.Length, golden.First.Length)), golden.First);
        check.EqualIntegers("last", indices.AsSpan(Math.Max(0, indices.Length - golden.Last.Length)), golden.Last);
        check.EqualText("timestamps", string.Join(',', times.Take(golden.Timestamps.Length)), string.Join(',', golden.Timestamps));
        check.EqualText("last_timestamp", times[^1], golden.LastTimestamp ?? times[^1]);
        check.Equal("sha256", Sha256(string.Join(',', indices)), golden.Sha256);
        check.Equal("timestamps_sha256", Sha256(string.Join(',', times)), golden.TimestampsSha256);
    }

    private void RunClips(CaseRunner cases)
    {
        ClipGolden[] goldens = Goldens.ReadFile<ClipGolden[]>(File(ClipsFile));
        foreach (ClipGolden golden in goldens)
        {
            cases.Case(golden.Folder, check => CheckClip(check, golden));
        }

        foreach (string folder in Directory.EnumerateDirectories(Path).Select(path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal)
            .Except(goldens.Select(golden => golden.Folder)))
        {
            cases.Note($"{folder} is in no golden");
        }
    }

    private void CheckClip(CaseCheck check, ClipGolden golden)
    {
        IReadOnlyList<RgbImage> frames = PngFile.ReadFrames(File(golden.Folder));
        check.Equal("frames", frames.Count, golden.Frames);
        if (!check.HasPassed)
        {
            return;
        }

        VideoClip clip = Sample(frames, golden.SrcFps, ReleasedBounds.Video, out int[] indices);
        check.EqualIntegers("indices", indices, golden.Indices);
        PatchRows.Check(check, MediaProcessor.Process(clip, ReleasedBounds.Video), golden.GridThw, golden.Rows, golden.Sha256U8, golden.RowSums);
    }

    private static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
