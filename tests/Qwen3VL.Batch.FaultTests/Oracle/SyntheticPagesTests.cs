using Qwen3VL.Batch.Faults.Oracle;
using Qwen3VL.Engine;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Oracle;

public sealed class SyntheticPagesTests
{
    private static readonly string File = new('a', 64);

    [Fact]
    public void Read_PictureMadeHere_SaysFileAndPage() => SyntheticPages.Read(SyntheticPages.Image(File, 17)).ShouldBe((File, 17));

    [Fact]
    public void Read_AnotherPicture_IsNull() => SyntheticPages.Read(new RgbImage(32, 32, new byte[32 * 32 * 3])).ShouldBeNull();

    [Fact]
    public void ContentSha256_OtherPageOrFile_Differs()
    {
        string[] hashes = [.. new[] { (File, 1), (File, 2), (new string('b', 64), 1) }.Select(page => SyntheticPages.ContentSha256(SyntheticPages.Image(page.Item1, page.Item2)))];

        hashes.Distinct().Count().ShouldBe(3);
    }
}
