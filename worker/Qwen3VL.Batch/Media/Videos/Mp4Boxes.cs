using Qwen3VL.Batch.Media.Pictures;

namespace Qwen3VL.Batch.Media.Videos;

/// <summary>
/// Checks that the boxes of an MP4 or QuickTime file (ISO/IEC 14496-12, section 4.2) end within the file. A player shows the beginning of a cut
/// file without a word; a job would store it as if it were the whole video.
/// </summary>
internal static class Mp4Boxes
{
    private const int HeaderBytes = 8;

    /// <summary>More boxes than a fragmented day of video has in fragments of a second.</summary>
    private const int MaxBoxes = 1_000_000;

    /// <summary>Checks the file.</summary>
    /// <exception cref="ContentException">decode_failed: a box that holds the index or the frames is cut.</exception>
    public static void CheckWhole(SourceFile source)
    {
        using HeaderReader reader = new(source);
        long at = 0;
        for (int i = 0; i < MaxBoxes && at <= reader.Length - HeaderBytes; i++)
        {
            long size = reader.UInt32(at, bigEndian: true);
            if (size == 1 && at <= reader.Length - (2 * HeaderBytes))
            {
                size = ((long)reader.UInt32(at + 8, bigEndian: true) << 32) | reader.UInt32(at + 12, bigEndian: true);
            }

            // A size of 0 reaches to the end of the file; less than a header is garbage behind the last box.
            if (size < HeaderBytes)
            {
                return;
            }

            bool matters = reader.Matches(at + 4, "moov"u8) || reader.Matches(at + 4, "mdat"u8) || reader.Matches(at + 4, "moof"u8);
            if (size > reader.Length - at)
            {
                if (matters)
                {
                    throw reader.Broken("a video must be whole; the file ends inside a box");
                }

                return;
            }

            at += size;
        }
    }
}
