using System.Globalization;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media.Processes;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Media.Videos;

/// <summary>
/// Decodes chosen frames of a video with an ffmpeg process and says the presentation time of each, from the container's own clock. Thread-safe.
/// </summary>
internal sealed class VideoDecoder(MediaOptions options, DecoderProcess process, DecodedMemory memory)
{
    /// <summary>Decoder threads: more of them reserve address space that the memory limit counts.</summary>
    private const string Threads = "4";

    private readonly MediaOptions _options = options with { };
    private readonly FrameIndexReader _indices = new(process);

    /// <summary>Length in milliseconds and upright size.</summary>
    /// <exception cref="ContentException">decode_failed, decode_timeout, limit_exceeded or unsupported_media.</exception>
    public async Task<(long DurationMs, int Width, int Height)> ProbeAsync(SourceFile source, MediaKind kind, CancellationToken cancellationToken)
    {
        FrameIndex index = await ReadIndexAsync(source, kind, cancellationToken).ConfigureAwait(false);
        return ((long)Math.Ceiling(index.DurationMs), index.Stream.Width, index.Stream.Height);
    }

    /// <summary>Decodes the frames of a window.</summary>
    /// <exception cref="ContentException">decode_failed, decode_timeout, limit_exceeded or unsupported_media.</exception>
    public async Task<DecodedWindow> DecodeAsync(SourceFile source, MediaKind kind, WindowRequest request, CancellationToken cancellationToken)
    {
        FrameIndex index = await ReadIndexAsync(source, kind, cancellationToken).ConfigureAwait(false);
        int[] chosen = Choose(index, source, request);

        // A window is held in memory as a whole. A second choice has at most as many frames, and the first ones are gone by then.
        long bytes = (long)index.Stream.Width * index.Stream.Height * 3 * chosen.Length;
        DecodedRoom room = await memory.TakeAsync(
            bytes, $"{chosen.Length} frames of {index.Stream.Width}x{index.Stream.Height} of {source.DisplayName}", cancellationToken).ConfigureAwait(false);
        try
        {
            DecodedWindow window = await DecodeAsync(source, kind, request, index, chosen, cancellationToken).ConfigureAwait(false);
            return window with
            {
                UnreducedFrames = request.Unreduced is { } unreduced ? Choose(index, source, unreduced).Length : window.Frames.Count,
                Room = room,
            };
        }
        catch
        {
            room.Dispose();
            throw;
        }
    }

    private async Task<DecodedWindow> DecodeAsync(
        SourceFile source, MediaKind kind, WindowRequest request, FrameIndex index, int[] chosen, CancellationToken cancellationToken)
    {
        SortedList<long, RgbImage> decoded = await DecodeAsync(source, kind, index, chosen, cancellationToken).ConfigureAwait(false);

        // Some listed frames are never shown (reference-only frames of VP8, broken data). Their neighbours are chosen then, once.
        HashSet<long> hidden = [.. chosen.Select(index.Pts).Where(pts => !decoded.ContainsKey(pts))];
        if (hidden.Count > 0 && index.Without(hidden) is { } visible)
        {
            chosen = Choose(visible, source, request);
            decoded.Clear();
            decoded = await DecodeAsync(source, kind, visible, chosen, cancellationToken).ConfigureAwait(false);
        }

        if (decoded.Count == 0)
        {
            throw new ContentException(
                ErrorCodes.DecodeFailed,
                $"the window must have frames that can be decoded; {source.DisplayName} has none in {request.StartMs}..{request.EndMs} ms");
        }

        int endMs = (int)Math.Min(request.EndMs, Math.Ceiling(index.DurationMs));
        return new DecodedWindow([.. decoded.Values], [.. decoded.Keys.Select(index.TimeOfPtsMs)], endMs);
    }

    private static int[] Choose(FrameIndex index, SourceFile source, WindowRequest request)
    {
        int[] chosen = WindowSampler.Select(index, request);
        return chosen.Length > 0
            ? chosen
            : throw new ContentException(
                ErrorCodes.DecodeFailed,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the window must lie within the video's {index.DurationMs:F0} ms; {request.StartMs}..{request.EndMs} of {source.DisplayName} does not"));
    }

    private async Task<FrameIndex> ReadIndexAsync(SourceFile source, MediaKind kind, CancellationToken cancellationToken)
    {
        FrameIndex index = await _indices.ReadAsync(source, kind, cancellationToken).ConfigureAwait(false);
        if ((long)index.Stream.Width * index.Stream.Height > _options.MaxImagePixels)
        {
            throw new ContentException(
                ErrorCodes.LimitExceeded,
                $"a frame must have at most {_options.MaxImagePixels} pixels; {source.DisplayName} has {index.Stream.Width}x{index.Stream.Height}");
        }

        return index.DurationMs <= _options.MaxDurationSeconds * 1000
            ? index
            : throw new ContentException(
                ErrorCodes.LimitExceeded,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"a video must last at most {_options.MaxDurationSeconds} s; {source.DisplayName} lasts {index.DurationMs / 1000:F3} s"));
    }

    /// <summary>Frames that came out, by presentation time; those of <paramref name="chosen"/> that did not are missing.</summary>
    private async Task<SortedList<long, RgbImage>> DecodeAsync(
        SourceFile source, MediaKind kind, FrameIndex index, int[] chosen, CancellationToken cancellationToken)
    {
        List<RgbImage> frames = [];
        DecoderExit exit = await process.RunAsync(
            Command(source, kind, index, chosen),
            async (output, token) => await ReadFramesAsync(output, index.Stream, chosen.Length, frames, token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        IReadOnlyList<long> times = ShownFrameLines.Read(exit.Errors);
        if (exit.ExitCode != 0 || times.Count != frames.Count)
        {
            throw new ContentException(
                ErrorCodes.DecodeFailed, $"the video must be whole and sound; {source.DisplayName} cannot be decoded ({frames.Count} frames, {times.Count} times)");
        }

        SortedList<long, RgbImage> decoded = [];
        for (int i = 0; i < frames.Count; i++)
        {
            decoded.TryAdd(times[i], frames[i]);
        }

        return decoded;
    }

    private static async Task ReadFramesAsync(
        Stream output, VideoStreamFacts stream, int maxFrames, List<RgbImage> frames, CancellationToken cancellationToken)
    {
        while (frames.Count < maxFrames)
        {
            byte[] pixels = new byte[checked(stream.Width * stream.Height * 3)];
            int length = await output.ReadAtLeastAsync(pixels, pixels.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (length != pixels.Length)
            {
                return;
            }

            frames.Add(new RgbImage(stream.Width, stream.Height, pixels));
        }
    }

    private static DecoderCommand Command(SourceFile source, MediaKind kind, FrameIndex index, int[] chosen)
    {
        List<string> arguments =
        [
            "-nostdin", "-hide_banner", "-nostats", "-v", "info", "-protocol_whitelist", "file,pipe", "-threads", Threads,
            "-copyts", "-seek_timestamp", "1", "-noaccurate_seek",
        ];
        int keyFrame = index.KeyFrameBefore(chosen[0]);
        double seekSeconds = index.ContainerSeconds(keyFrame) - VideoContainers.SeekMarginSeconds(kind);
        if (keyFrame > 0 && seekSeconds > 0)
        {
            // Rounded up: a microsecond too early would land on the key frame before.
            arguments.AddRange(["-ss", (Math.Ceiling(seekSeconds * 1e6) / 1e6).ToString("F6", CultureInfo.InvariantCulture)]);
        }

        // Frames are told by their exact time, so it does not matter where a seek lands as long as it is early enough; trim ends the run.
        string wanted = string.Join('+', chosen.Select(frame => string.Create(CultureInfo.InvariantCulture, $"eq(pts,{index.Pts(frame)})")));
        string filters = string.Create(
            CultureInfo.InvariantCulture,
            $"trim=end_pts={index.Pts(chosen[^1]) + 1},select='{wanted}',showinfo=checksum=0,{FfmpegScaling.Exact}:w={index.Stream.Width}:h={index.Stream.Height},format=rgb24");
        arguments.AddRange(
            [
                "-f", VideoContainers.Demuxer(kind), "-i", "file:" + source.Path, "-map", "0:V:0", "-vf", filters, "-fps_mode", "passthrough",
                "-frames:v", chosen.Length.ToString(CultureInfo.InvariantCulture), "-f", "rawvideo", "pipe:1",
            ]);
        return new DecoderCommand("ffmpeg", arguments);
    }
}
