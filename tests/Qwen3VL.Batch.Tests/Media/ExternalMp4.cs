using System.Buffers.Binary;
using System.Text;

namespace Qwen3VL.Batch.Tests.Media;

/// <summary>Turns an MP4 into one whose frames lie in another file of its folder: an alias in its data reference box (QuickTime File Format, "Data References").</summary>
internal static class ExternalMp4
{
    private static readonly string[] Path = ["moov", "trak", "mdia", "minf", "dinf", "dref"];

    /// <summary>The file with its own frames blanked and its data reference pointing to <paramref name="otherFile"/>.</summary>
    public static byte[] Write(byte[] mp4, string otherFile)
    {
        byte[] blank = [.. mp4];
        int data = Find(blank, 0, blank.Length, "mdat");
        blank.AsSpan(data + 8, Size(blank, data) - 8).Clear();

        // From the top down: every box on the way grows by as much as the reference does.
        int at = 0;
        int end = blank.Length;
        List<int> boxes = [];
        foreach (string name in Path)
        {
            int box = Find(blank, at, end, name);
            boxes.Add(box);
            at = box + 8;
            end = box + Size(blank, box);
        }

        int entry = at + 8;
        byte[] alias = Alias(otherFile);
        byte[] changed = [.. blank.AsSpan(0, entry), .. alias, .. blank.AsSpan(entry + Size(blank, entry))];
        foreach (int box in boxes)
        {
            BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(box), Size(blank, box) + alias.Length - Size(blank, entry));
        }

        return changed;
    }

    private static byte[] Alias(string otherFile)
    {
        byte[] path = Encoding.ASCII.GetBytes("x:" + otherFile);
        path = path.Length % 2 == 0 ? path : [.. path, 0];
        byte[] body = new byte[150 + 4 + path.Length + 4];

        // One level up from the alias, one down to the target; then the absolute path as record 2, and the end.
        BinaryPrimitives.WriteInt16BigEndian(body.AsSpan(130), 1);
        BinaryPrimitives.WriteInt16BigEndian(body.AsSpan(132), 1);
        BinaryPrimitives.WriteInt16BigEndian(body.AsSpan(150), 2);
        BinaryPrimitives.WriteInt16BigEndian(body.AsSpan(152), (short)path.Length);
        path.CopyTo(body.AsSpan(154));
        BinaryPrimitives.WriteInt16BigEndian(body.AsSpan(154 + path.Length), -1);
        byte[] entry = [0, 0, 0, 0, .. "alis"u8, 0, 0, 0, 0, .. body];
        BinaryPrimitives.WriteInt32BigEndian(entry, entry.Length);
        return entry;
    }

    private static int Find(byte[] file, int from, int end, string name)
    {
        for (int at = from; at < end; at += Size(file, at))
        {
            if (Encoding.ASCII.GetString(file, at + 4, 4) == name)
            {
                return at;
            }
        }

        throw new InvalidDataException($"the file must have a box {name}; it has none");
    }

    private static int Size(byte[] file, int box) => BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(box));
}
