namespace Qwen3VL.Batch.Media.Pictures;

/// <summary>The first image file directory of a TIFF file or of an EXIF block, which has the same form (TIFF 6.0, section 2).</summary>
internal sealed class TiffDirectory
{
    private const int EntryBytes = 12;
    private const int ShortType = 3;
    private const int LongType = 4;

    private readonly Dictionary<int, long> _values = [];

    /// <summary>Reads the directory whose 8-byte header stands at <paramref name="start"/>.</summary>
    /// <exception cref="ContentException">decode_failed: the bytes are not a directory.</exception>
    public TiffDirectory(HeaderReader reader, long start)
    {
        bool bigEndian = reader.Matches(start, "MM\0*"u8);
        if (!bigEndian && !reader.Matches(start, "II*\0"u8))
        {
            throw reader.Broken("a TIFF directory must begin with II*0 or MM0*");
        }

        long directory = start + reader.UInt32(start + 4, bigEndian);
        int count = reader.UInt16(directory, bigEndian);
        for (int i = 0; i < count; i++)
        {
            long entry = directory + 2 + ((long)i * EntryBytes);
            int tag = reader.UInt16(entry, bigEndian);
            int type = reader.UInt16(entry + 2, bigEndian);
            uint values = reader.UInt32(entry + 4, bigEndian);
            int size = type switch { ShortType => 2, LongType => 4, _ => 0 };
            if (size == 0 || values == 0)
            {
                continue;
            }

            // More than four bytes of values stand elsewhere; the first one is enough here.
            long at = values * size <= 4 ? entry + 8 : start + reader.UInt32(entry + 8, bigEndian);
            _values.TryAdd(tag, size == 2 ? reader.UInt16(at, bigEndian) : reader.UInt32(at, bigEndian));
        }

        NextOffset = reader.UInt32(directory + 2 + ((long)count * EntryBytes), bigEndian);
    }

    /// <summary>Offset of the next directory; 0 when this is the only one.</summary>
    public long NextOffset { get; }

    /// <summary>The first value of a SHORT or LONG tag; null when the tag is missing.</summary>
    public long? Find(int tag) => _values.TryGetValue(tag, out long value) ? value : null;
}
