using System.Text;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Worker.Submission;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Submission;

public sealed class MediaKindsTests
{
    [Theory]
    [InlineData("junk before %PDF-1.7", "x.bin", JobKind.Document)]
    [InlineData("%PDF-1.4", "film.mp4", JobKind.Document)]
    [InlineData("\0\0\0\u0018ftypisom", "x", JobKind.Video)]
    [InlineData("RIFF\0\0\0\0AVI ", "x", JobKind.Video)]
    [InlineData("RIFF\0\0\0\0WEBP", "x", JobKind.Document)]
    [InlineData("GIF89a", "x", JobKind.Document)]
    [InlineData("nothing known", "scan.TIFF", JobKind.Document)]
    [InlineData("nothing known", "clip.mkv", JobKind.Video)]
    [InlineData("", "clip.mp4", JobKind.Video)]
    public void Detect_HeadAndName_SayTheKind(string head, string path, JobKind expected) =>
        MediaKinds.Detect(Encoding.Latin1.GetBytes(head), path).ShouldBe(expected);

    [Fact]
    public void Detect_NothingKnown_IsNull() => MediaKinds.Detect("hello"u8, "notes.txt").ShouldBeNull();
}
