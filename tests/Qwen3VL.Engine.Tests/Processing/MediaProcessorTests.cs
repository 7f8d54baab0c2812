using System.Security.Cryptography;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Processing;

public sealed class MediaProcessorTests
{
    [Fact]
    public void Process_EveryGoldenImage_GivesReferenceBytes()
    {
        ImageGolden[] goldens = Goldens.Read<ImageGolden[]>("image", "pixels.json");
        goldens.Length.ShouldBe(6);
        foreach (ImageGolden golden in goldens)
        {
            RgbImage image = PngFile.ReadRgb(Goldens.Path("image", golden.File));

            ProcessedMedia media = MediaProcessor.Process(image, new ImageBounds(golden.MinPixels, golden.MaxPixels, 32));

            media.Grid.ShouldBe(new GridThw(golden.GridThw[0], golden.GridThw[1], golden.GridThw[2]));
            byte[] patches = media.Patches.ToArray();
            patches.Length.ShouldBe(golden.Rows[0] * golden.Rows[1]);
            patches[..golden.FirstRow.Length].ShouldBe(golden.FirstRow.Select(value => (byte)value), golden.File);
            patches[^golden.LastRow.Length..].ShouldBe(golden.LastRow.Select(value => (byte)value), golden.File);
            Convert.ToHexStringLower(SHA256.HashData(patches)).ShouldBe(golden.Sha256U8, golden.File);
            media.PairTimesSeconds.ShouldBeEmpty();
        }
    }

    [Fact]
    public void Process_EveryGoldenClip_GivesReferenceIndicesAndBytes()
    {
        VideoBounds bounds = new(4096, 25165824, 32, 2, 4, 768);
        ClipGolden[] goldens = Goldens.Read<ClipGolden[]>("video", "clips.json");
        goldens.Length.ShouldBe(3);
        foreach (ClipGolden golden in goldens)
        {
            IReadOnlyList<RgbImage> frames = PngFile.ReadFrames(Goldens.Path("video", golden.Folder));
            frames.Count.ShouldBe(golden.Frames);
            int[] indices = VideoFrameSampler.SampleIndices(frames.Count, golden.SrcFps, bounds);
            indices.ShouldBe(golden.Indices);
            VideoClip clip = new([.. indices.Select(index => frames[index])], VideoFrameSampler.Times(indices, golden.SrcFps));

            ProcessedMedia media = MediaProcessor.Process(clip, bounds);

            media.Grid.ShouldBe(new GridThw(golden.GridThw[0], golden.GridThw[1], golden.GridThw[2]));
            media.Patches.Length.ShouldBe(golden.Rows[0] * golden.Rows[1]);
            Convert.ToHexStringLower(SHA256.HashData(media.Patches.Span)).ShouldBe(golden.Sha256U8, golden.Folder);
            media.PairTimesSeconds.Count.ShouldBe(golden.GridThw[0]);
        }
    }

    [Fact]
    public void ContentHash_SameBytesOtherGrid_Differs()
    {
        ImageBounds bounds = new(1024, 1 << 20, 32);
        ProcessedMedia wide = MediaProcessor.Process(new RgbImage(64, 32, new byte[64 * 32 * 3]), bounds);
        ProcessedMedia tall = MediaProcessor.Process(new RgbImage(32, 64, new byte[64 * 32 * 3]), bounds);

        wide.Patches.ToArray().ShouldBe(tall.Patches.ToArray());
        wide.ContentHash.ToArray().ShouldNotBe(tall.ContentHash.ToArray());
    }

    [Fact]
    public void ContentHash_OneChangedByte_Differs()
    {
        ImageBounds bounds = new(1024, 1 << 20, 32);
        byte[] changed = new byte[32 * 32 * 3];
        changed[^1] = 1;

        ProcessedMedia black = MediaProcessor.Process(new RgbImage(32, 32, new byte[32 * 32 * 3]), bounds);
        ProcessedMedia other = MediaProcessor.Process(new RgbImage(32, 32, changed), bounds);

        black.ContentHash.Length.ShouldBe(32);
        black.ContentHash.ToArray().ShouldNotBe(other.ContentHash.ToArray());
    }
}
