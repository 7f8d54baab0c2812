using System.Text;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Media.Processes;

namespace Qwen3VL.Batch.Media.Videos;

/// <summary>
/// Lists every frame of a video with an ffprobe process: by its packets, without decoding, unless the container leaves times out. The last few
/// indices are kept, because every window of a job needs the same one. Thread-safe.
/// </summary>
internal sealed class FrameIndexReader(DecoderProcess process)
{
    /// <summary>Videos whose index is kept: the jobs that one worker runs side by side.</summary>
    private const int KeptIndices = 8;

    private readonly Lock _lock = new();
    private readonly List<(string Sha256, FrameIndex Index)> _kept = [];

    /// <summary>The index of a video.</summary>
    /// <exception cref="ContentException">decode_failed, decode_timeout, limit_exceeded or unsupported_media.</exception>
    public async Task<FrameIndex> ReadAsync(SourceFile source, MediaKind kind, CancellationToken cancellationToken)
    {
        if (Find(source.Sha256) is { } known)
        {
            return known;
        }

        if (kind is MediaKind.Mp4)
        {
            Mp4Boxes.CheckWhole(source);
        }

        FrameIndexBuilder builder = await ProbeAsync(source, kind, "packet=pts,duration,flags", cancellationToken).ConfigureAwait(false);
        if (builder.LacksTimes)
        {
            builder = await ProbeAsync(source, kind, "frame=best_effort_timestamp,pkt_duration,duration,key_frame", cancellationToken).ConfigureAwait(false);
        }

        FrameIndex index = builder.Build();
        Keep(source.Sha256, index);
        return index;
    }

    private async Task<FrameIndexBuilder> ProbeAsync(SourceFile source, MediaKind kind, string entries, CancellationToken cancellationToken)
    {
        FrameIndexBuilder builder = new(source.DisplayName);
        DecoderCommand command = new(
            "ffprobe",
            [
                "-hide_banner", "-v", "error", "-protocol_whitelist", "file,pipe", "-f", VideoContainers.Demuxer(kind), "-select_streams", "V:0",
                "-show_entries", $"{entries}:stream=width,height,time_base:stream_side_data=rotation:format=nb_streams", "-of", "compact", "-i", "file:" + source.Path,
            ]);
        DecoderExit exit = await process.RunAsync(
            command,
            async (output, token) =>
            {
                using StreamReader reader = new(output, Encoding.UTF8, leaveOpen: true);
                while (await reader.ReadLineAsync(token).ConfigureAwait(false) is { } line)
                {
                    builder.Add(line);
                }
            },
            cancellationToken).ConfigureAwait(false);

        // A cut file still lists its first frames. Reading those alone would pass for the whole video.
        bool isCut = exit.Errors.Contains("partial file", StringComparison.Ordinal)
            || exit.Errors.Contains("File ended prematurely", StringComparison.Ordinal);
        return exit.ExitCode == 0 && !isCut
            ? builder
            : throw new ContentException(ErrorCodes.DecodeFailed, $"the video must be whole and sound; {source.DisplayName} cannot be read to its end");
    }

    private FrameIndex? Find(string sha256)
    {
        lock (_lock)
        {
            int at = _kept.FindIndex(entry => entry.Sha256 == sha256);
            if (at < 0)
            {
                return null;
            }

            // The most recently used one stands last.
            (string Sha256, FrameIndex Index) entry = _kept[at];
            _kept.RemoveAt(at);
            _kept.Add(entry);
            return entry.Index;
        }
    }

    private void Keep(string sha256, FrameIndex index)
    {
        lock (_lock)
        {
            _kept.RemoveAll(entry => entry.Sha256 == sha256);
            _kept.Add((sha256, index));
            if (_kept.Count > KeptIndices)
            {
                _kept.RemoveAt(0);
            }
        }
    }
}
