using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Media;

public sealed class DecodedMemoryTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public async Task Take_MoreThanIsFree_WaitsUntilRoomIsGivenBack()
    {
        var memory = new DecodedMemory(10);
        DecodedRoom first = await memory.TakeAsync(6 * MiB, "a", default);
        Task<DecodedRoom> second = memory.TakeAsync(5 * MiB, "b", default);
        second.IsCompleted.ShouldBeFalse();

        first.Dispose();
        first.Dispose();

        using DecodedRoom given = await second;
        memory.FreeBytes.ShouldBe(5 * MiB);
    }

    [Fact]
    public async Task Take_SmallBehindLarge_DoesNotPassIt()
    {
        var memory = new DecodedMemory(10);
        DecodedRoom first = await memory.TakeAsync(6 * MiB, "a", default);
        Task<DecodedRoom> large = memory.TakeAsync(10 * MiB, "b", default);
        Task<DecodedRoom> small = memory.TakeAsync(1 * MiB, "c", default);
        small.IsCompleted.ShouldBeFalse();

        first.Dispose();
        (await large).Dispose();

        (await small).Dispose();
        memory.FreeBytes.ShouldBe(10 * MiB);
    }

    [Fact]
    public async Task Take_CancelledWhileItWaits_LetsTheNextIn()
    {
        var memory = new DecodedMemory(10);
        using DecodedRoom first = await memory.TakeAsync(6 * MiB, "a", default);
        using var cancel = new CancellationTokenSource();
        Task<DecodedRoom> large = memory.TakeAsync(10 * MiB, "b", cancel.Token);
        Task<DecodedRoom> small = memory.TakeAsync(4 * MiB, "c", default);

        await cancel.CancelAsync();

        (await Should.ThrowAsync<OperationCanceledException>(large)).CancellationToken.ShouldBe(cancel.Token);
        (await small).Dispose();
        memory.FreeBytes.ShouldBe(4 * MiB);
    }

    [Fact]
    public async Task Take_LargerThanTheBound_IsRefusedAtOnce()
    {
        var memory = new DecodedMemory(10);

        ContentException exception = await Should.ThrowAsync<ContentException>(() => memory.TakeAsync((10 * MiB) + 1, "scan.png", default));

        exception.Code.ShouldBe(ErrorCodes.LimitExceeded);
        exception.Message.ShouldBe("decoded pixels must take at most 10 MiB (Media:MaxDecodedMiB); scan.png would take 11");
        memory.FreeBytes.ShouldBe(10 * MiB);
    }

    [Fact]
    public async Task Decode_PicturePageOrWindow_HoldsItsRoomUntilItIsDisposed()
    {
        using var folder = new MediaFolder();
        const int Side = 512;
        SourceFile picture = folder.Write("a.png", PngBytes.Write(Side, Side, 8, PngBytes.Gray, new byte[Side * Side]));
        MediaDecoder decoder = MediaFolder.Decoder(folder.Options with { MaxDecodedMiB = 1 });
        PageRequest request = new(144, 4096, 1 << 20, 32);

        // Three quarters of a MiB: two at once do not fit.
        DecodedPage first = await decoder.DecodePageAsync(picture, 1, request, default);
        using var impatient = new CancellationTokenSource();
        Task<DecodedPage> waiting = decoder.DecodePageAsync(picture, 1, request, impatient.Token);
        Task<DecodedPage> next = decoder.DecodePageAsync(picture, 1, request, default);
        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        next.IsCompleted.ShouldBeFalse();
        first.Dispose();
        (await next).Dispose();

        // Broken files give their room back too.
        SourceFile broken = folder.Write("b.png", [.. (await File.ReadAllBytesAsync(picture.Path))[..^40]]);
        for (int i = 0; i < 2; i++)
        {
            await Should.ThrowAsync<ContentException>(() => decoder.DecodePageAsync(broken, 1, request, default));
        }

        (await decoder.DecodePageAsync(picture, 1, request, default)).Dispose();
    }

    [Fact]
    public async Task Decode_PictureLargerThanTheBound_IsRefusedForGood()
    {
        using var folder = new MediaFolder();
        const int Side = 700;
        SourceFile picture = folder.Write("a.png", PngBytes.Write(Side, Side, 8, PngBytes.Gray, new byte[Side * Side]));
        MediaDecoder decoder = MediaFolder.Decoder(folder.Options with { MaxDecodedMiB = 1 });

        ContentException exception = await Should.ThrowAsync<ContentException>(
            () => decoder.DecodePageAsync(picture, 1, new PageRequest(144, 4096, 1 << 12, 32), default));

        (exception.Code, exception.MaySucceedSmaller).ShouldBe((ErrorCodes.LimitExceeded, false));
        exception.Message.ShouldContain("Media:MaxDecodedMiB");
    }

    [Fact]
    public async Task Decode_WindowLargerThanTheBound_IsRefusedBeforeItIsDecoded()
    {
        using var folder = new MediaFolder();
        SourceFile video = folder.NumberedVideo("a.mp4", 130, 25, "-c:v", "libx264", "-g", "12");
        MediaDecoder decoder = MediaFolder.Decoder(folder.Options with { MaxDecodedMiB = 1 });

        // A frame takes 9,216 bytes: 114 of them pass one MiB.
        ContentException exception = await Should.ThrowAsync<ContentException>(() => decoder.DecodeWindowAsync(video, new WindowRequest(0, 5200, 25, 1, 200), default));
        (exception.Code, exception.MaySucceedSmaller).ShouldBe((ErrorCodes.LimitExceeded, true));
        exception.Message.ShouldContain("Media:MaxDecodedMiB");

        using DecodedWindow window = await decoder.DecodeWindowAsync(video, new WindowRequest(0, 5200, 10, 1, 100), default);
        window.Frames.Count.ShouldBeInRange(50, 54);
    }
}
