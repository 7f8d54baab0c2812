using System.Text.Json;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Processing;

public sealed class SmartResizeTests
{
    private static readonly ImageBounds ReleasedImage = new(65536, 16777216, 32);
    private static readonly VideoBounds ReleasedVideo = new(4096, 25165824, 32, 2, 4, 768);

    [Fact]
    public void ForImage_EveryGolden_GivesReferenceSizeOrRefuses()
    {
        JsonElement[] cases = Goldens.Read<JsonElement[]>("image", "smart_resize.json");
        cases.Length.ShouldBe(800);
        foreach (JsonElement row in cases)
        {
            ImageBounds bounds = new(row[2].GetInt32(), row[3].GetInt32(), 32);
            CheckCase(row, row[4], () => SmartResize.ForImage(row[1].GetInt32(), row[0].GetInt32(), bounds));
        }
    }

    [Fact]
    public void ForVideo_EveryGolden_GivesReferenceSizeOrRefuses()
    {
        JsonElement[] cases = Goldens.Read<JsonElement[]>("video", "smart_resize.json");
        cases.Length.ShouldBe(300);
        foreach (JsonElement row in cases)
        {
            VideoBounds bounds = new(row[3].GetInt64(), row[4].GetInt64(), 32, 2, 4, 768);
            CheckCase(row, row[5], () => SmartResize.ForVideo(row[0].GetInt32(), row[2].GetInt32(), row[1].GetInt32(), bounds));
        }
    }

    [Theory]
    [InlineData(1080, 1920, 1088, 1920)]
    [InlineData(2160, 3840, 2176, 3840)]
    [InlineData(3000, 4000, 3008, 4000)]
    [InlineData(6000, 8000, 3520, 4704)]
    [InlineData(480, 640, 480, 640)]
    [InlineData(720, 1280, 704, 1280)]
    [InlineData(1000, 1000, 992, 992)]
    [InlineData(3508, 2480, 3520, 2496)]
    [InlineData(100, 100, 256, 256)]
    [InlineData(48, 48, 256, 256)]
    [InlineData(16, 16, 256, 256)]
    [InlineData(10, 1990, 32, 3616)]
    public void ForImage_SpecificationVector_GivesItsSize(int height, int width, int expectedHeight, int expectedWidth) =>
        SmartResize.ForImage(width, height, ReleasedImage).ShouldBe(new PixelSize(expectedWidth, expectedHeight));

    [Theory]
    [InlineData(4, 1080, 1920, 1088, 1920)]
    [InlineData(20, 720, 1280, 704, 1280)]
    [InlineData(60, 1080, 1920, 480, 832)]
    [InlineData(120, 1080, 1920, 320, 608)]
    [InlineData(768, 1080, 1920, 128, 224)]
    [InlineData(7, 480, 640, 480, 640)]
    public void ForVideo_SpecificationVector_GivesItsSize(int frames, int height, int width, int expectedHeight, int expectedWidth) =>
        SmartResize.ForVideo(frames, width, height, ReleasedVideo).ShouldBe(new PixelSize(expectedWidth, expectedHeight));

    [Theory]
    [InlineData(1, 640, 480)]
    [InlineData(4, 31, 480)]
    [InlineData(4, 640, 31)]
    [InlineData(4, 6433, 32)]
    public void ForVideo_ClipTheReferenceRefuses_IsRefused(int frames, int width, int height) =>
        Should.Throw<InvalidRequestException>(() => SmartResize.ForVideo(frames, width, height, ReleasedVideo));

    [Theory]
    [InlineData(10, 2001)]
    [InlineData(0, 10)]
    [InlineData(10, -1)]
    public void ForImage_ImpossibleSides_IsRefused(int width, int height) =>
        Should.Throw<InvalidRequestException>(() => SmartResize.ForImage(width, height, ReleasedImage));

    [Theory]
    [InlineData(5000, 4000, 32)]
    [InlineData(-1, 4000, 32)]
    [InlineData(0, 1023, 32)]
    [InlineData(100, 4000, 0)]
    public void ForImage_ContradictoryBounds_IsRefused(int minPixels, int maxPixels, int multiple) =>
        Should.Throw<InvalidRequestException>(() => SmartResize.ForImage(100, 100, new ImageBounds(minPixels, maxPixels, multiple)));

    private static void CheckCase(JsonElement row, JsonElement expected, Func<PixelSize> resize)
    {
        if (expected.ValueKind is JsonValueKind.Null)
        {
            Should.Throw<InvalidRequestException>(() => resize(), row.GetRawText());
        }
        else
        {
            resize().ShouldBe(new PixelSize(expected[1].GetInt32(), expected[0].GetInt32()), row.GetRawText());
        }
    }
}
