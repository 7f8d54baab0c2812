using System.Globalization;

namespace Qwen3VL.Batch.Media.Videos;

/// <summary>One line of ffprobe's compact form: <c>section|key=value|key=value</c>.</summary>
internal readonly struct ProbeLine
{
    private readonly string[] _fields;

    /// <summary>Splits a line.</summary>
    public ProbeLine(string line) => _fields = line.Split('|');

    /// <summary><c>packet</c>, <c>frame</c> or <c>stream</c>.</summary>
    public string Section => _fields[0];

    /// <summary>The value of a key; null when it is missing.</summary>
    public string? Find(string key)
    {
        foreach (string field in _fields)
        {
            // Fields of side data and tags carry a prefix: tag:rotate.
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && field.AsSpan(0, equals) is var name && (name.SequenceEqual(key) || (name.EndsWith(key) && name[^(key.Length + 1)] == ':')))
            {
                return field[(equals + 1)..];
            }
        }

        return null;
    }

    /// <summary>A whole number; null when it is missing or <c>N/A</c>.</summary>
    public long? Integer(string key) =>
        long.TryParse(Find(key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : null;
}
