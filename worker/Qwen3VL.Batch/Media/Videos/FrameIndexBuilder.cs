using System.Globalization;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media.Videos;

/// <summary>Gathers ffprobe's lines into an index. Not thread-safe; one per file.</summary>
internal sealed class FrameIndexBuilder(string displayName)
{
    /// <summary>A day at 240 frames a second: more is no video that anyone wants read, and would only fill the memory.</summary>
    private const int MaxFrames = 24 * 3600 * 240;

    private readonly List<IndexedFrame> _frames = [];
    private VideoStreamFacts? _stream;
    private long _numStreams;

    /// <summary>Whether a frame without presentation time was met: the container does not say enough, the frames must be decoded.</summary>
    public bool LacksTimes { get; private set; }

    /// <summary>Takes one line; lines that say nothing of use are skipped.</summary>
    /// <exception cref="ContentException">limit_exceeded or decode_failed.</exception>
    public void Add(string line)
    {
        ProbeLine fields = new(line);
        switch (fields.Section)
        {
            case "packet":
                AddPacket(fields);
                break;
            case "frame":
                AddDecodedFrame(fields);
                break;
            case "stream":
                _stream = ReadStream(fields);
                break;
            case "format":
                _numStreams = fields.Integer("nb_streams") ?? 0;
                break;
            default:
                break;
        }
    }

    /// <summary>The index.</summary>
    /// <exception cref="ContentException">unsupported_media without a video stream, decode_failed without frames.</exception>
    public FrameIndex Build()
    {
        if (_stream is null)
        {
            // Without any stream at all the description of the file itself is broken or cut off.
            throw new ContentException(
                _numStreams == 0 ? ErrorCodes.DecodeFailed : ErrorCodes.UnsupportedMedia, $"a video must have a video stream; {displayName} has none");
        }

        return _frames.Count > 0
            ? new FrameIndex(_stream, _frames)
            : throw new ContentException(ErrorCodes.DecodeFailed, $"a video must have frames with times; {displayName} has none");
    }

    private void AddPacket(ProbeLine fields)
    {
        string flags = fields.Find("flags") ?? "";

        // D marks what an edit list hides: decoded for reference, never shown.
        if (!flags.Contains('D', StringComparison.Ordinal))
        {
            AddFrame(fields.Integer("pts"), fields.Integer("duration"), flags.StartsWith('K'));
        }
    }

    private void AddDecodedFrame(ProbeLine fields)
    {
        long? duration = fields.Integer("pkt_duration") ?? fields.Integer("duration");
        long? pts = fields.Integer("best_effort_timestamp");
        if (pts is null && _frames.Count > 0)
        {
            // The last frame of a stream whose frames are reordered may come out without a time: it follows the one before it.
            pts = _frames[^1].Pts + Math.Max(1, _frames[^1].Duration);
        }

        AddFrame(pts, duration, fields.Find("key_frame") == "1");
    }

    private void AddFrame(long? pts, long? duration, bool isKey)
    {
        if (pts is not { } time)
        {
            LacksTimes = true;
            return;
        }

        if (_frames.Count >= MaxFrames)
        {
            throw new ContentException(ErrorCodes.LimitExceeded, $"a video must have at most {MaxFrames} frames; {displayName} has more");
        }

        _frames.Add(new IndexedFrame(time, Math.Max(0, duration ?? 0), isKey));
    }

    private VideoStreamFacts ReadStream(ProbeLine fields)
    {
        string[] timeBase = (fields.Find("time_base") ?? "").Split('/');
        long width = fields.Integer("width") ?? 0;
        long height = fields.Integer("height") ?? 0;
        if (timeBase.Length != 2
            || !long.TryParse(timeBase[0], NumberStyles.None, CultureInfo.InvariantCulture, out long numerator) || numerator < 1
            || !long.TryParse(timeBase[1], NumberStyles.None, CultureInfo.InvariantCulture, out long denominator) || denominator < 1
            || width is < 1 or > int.MaxValue || height is < 1 or > int.MaxValue)
        {
            throw new ContentException(ErrorCodes.DecodeFailed, $"a video must say its size and unit of time; {displayName} does not");
        }

        // ffmpeg turns frames upright when it decodes; a quarter turn exchanges the sides.
        bool isSideways = fields.Integer("rotation") is { } degrees && Math.Abs(degrees % 180) == 90;
        return isSideways
            ? new VideoStreamFacts((int)height, (int)width, numerator, denominator)
            : new VideoStreamFacts((int)width, (int)height, numerator, denominator);
    }
}
