using System.Text.Json;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// Parses the header of a safetensors file (huggingface/safetensors, README.md, Format): an 8-byte little-endian length, that many bytes of
/// JSON, then the data. The header is untrusted: every offset is checked against the file before it is believed.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>Bytes before the JSON.</summary>
    internal const int PrefixBytes = 8;

    /// <summary>Longest accepted JSON: the limit of the reference reader, far above any released file.</summary>
    internal const long MaxHeaderBytes = 100_000_000;

    private const int MaxDimensions = 8;

    /// <summary>Parses the JSON of a header.</summary>
    /// <param name="json">The header without its length prefix.</param>
    /// <param name="fileBytes">Length of the whole file.</param>
    /// <param name="file">Name for errors.</param>
    /// <exception cref="CheckpointException">The header is no header of this file.</exception>
    internal static IReadOnlyDictionary<string, SafetensorsEntry> Parse(ReadOnlyMemory<byte> json, long fileBytes, string file)
    {
        long dataStart = PrefixBytes + json.Length;
        var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new CheckpointException($"{file}: header must be a JSON object; got {document.RootElement.ValueKind}");
            }

            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                if (member.Name == "__metadata__")
                {
                    continue;
                }

                SafetensorsEntry entry = ParseEntry(member, dataStart, fileBytes, file);
                if (!entries.TryAdd(entry.Name, entry))
                {
                    throw new CheckpointException($"{file}: tensor names must be unique; got {Shown(entry)} twice");
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new CheckpointException($"{file}: header must be JSON of tensor entries; got {exception.GetType().Name}", exception);
        }

        CheckCoverage(entries.Values, fileBytes - dataStart, dataStart, file);
        return entries;
    }

    private static SafetensorsEntry ParseEntry(JsonProperty member, long dataStart, long fileBytes, string file)
    {
        string name = ConfigSection.Shown(member.Name);
        try
        {
            return ParseEntry(member, name, dataStart, fileBytes, file);
        }
        catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new CheckpointException(
                $"{file}: {name} must have a dtype, a shape and data_offsets of whole numbers; got {exception.GetType().Name}", exception);
        }
    }

    private static SafetensorsEntry ParseEntry(JsonProperty member, string name, long dataStart, long fileBytes, string file)
    {
        SafetensorsType type = ParseType(member.Value.GetProperty("dtype").GetString(), name, file);
        JsonElement dimensions = member.Value.GetProperty("shape");
        JsonElement offsets = member.Value.GetProperty("data_offsets");
        if (dimensions.GetArrayLength() > MaxDimensions || offsets.GetArrayLength() != 2)
        {
            throw new CheckpointException($"{file}: {name} must have at most {MaxDimensions} dimensions and 2 offsets; got " +
                $"{dimensions.GetArrayLength()} and {offsets.GetArrayLength()}");
        }

        long[] shape = dimensions.EnumerateArray().Select(item => item.GetInt64()).ToArray();
        long begin = offsets[0].GetInt64();
        long end = offsets[1].GetInt64();
        if (begin < 0 || end < begin || end > fileBytes - dataStart)
        {
            throw new CheckpointException($"{file}: data_offsets of {name} must lie in 0..{fileBytes - dataStart}; got {begin}, {end}");
        }

        if (SizeOf(shape, type) != end - begin)
        {
            throw new CheckpointException($"{file}: {name} must have {type} x [{string.Join(", ", shape)}] bytes; got {end - begin}");
        }

        return new SafetensorsEntry(member.Name, type, shape, dataStart + begin, end - begin);
    }

    // -1 for a shape that has a negative dimension or more bytes than any file: neither equals a length.
    private static long SizeOf(long[] shape, SafetensorsType type)
    {
        if (shape.Any(dimension => dimension < 0))
        {
            return -1;
        }

        try
        {
            return shape.Aggregate((long)SafetensorsEntry.SizeOf(type), (product, dimension) => checked(product * dimension));
        }
        catch (OverflowException)
        {
            return -1;
        }
    }

    private static SafetensorsType ParseType(string? text, string name, string file) => text switch
    {
        "BF16" => SafetensorsType.BFloat16,
        "F16" => SafetensorsType.Float16,
        "F32" => SafetensorsType.Float32,
        "F8_E4M3" => SafetensorsType.Float8E4M3,
        "I64" => SafetensorsType.Int64,
        "U8" => SafetensorsType.UInt8,
        "BOOL" or "I8" or "F8_E5M2" or "F8_E8M0" => SafetensorsType.Other8,
        "I16" or "U16" => SafetensorsType.Other16,
        "I32" or "U32" => SafetensorsType.Other32,
        "F64" or "U64" => SafetensorsType.Other64,
        _ => throw new CheckpointException($"{file}: dtype of {name} must be one of the safetensors format; got {ConfigSection.Shown(text ?? "nothing")}"),
    };

    private static string Shown(SafetensorsEntry entry) => ConfigSection.Shown(entry.Name);

    // Every byte of the data belongs to one tensor (huggingface/safetensors v0.6.2, tensor.rs, Metadata::validate): a hole or a tail can hide
    // a second file.
    private static void CheckCoverage(IEnumerable<SafetensorsEntry> entries, long dataBytes, long dataStart, string file)
    {
        long end = dataStart;
        SafetensorsEntry? previous = null;
        foreach (SafetensorsEntry entry in entries.OrderBy(entry => entry.FileOffset).ThenBy(entry => entry.SizeBytes))
        {
            if (previous is not null && entry.FileOffset < end)
            {
                throw new CheckpointException($"{file}: tensors must not overlap; got {Shown(previous)} and {Shown(entry)}");
            }

            if (entry.FileOffset > end)
            {
                throw new CheckpointException(
                    $"{file}: data_offsets of {Shown(entry)} must begin at {end - dataStart}, where the tensor before ends; got {entry.FileOffset - dataStart}");
            }

            previous = entry;
            end = entry.FileOffset + entry.SizeBytes;
        }

        if (end - dataStart != dataBytes)
        {
            throw new CheckpointException($"{file} must end with its last tensor, {end - dataStart} bytes behind the header; got {dataBytes} bytes");
        }
    }
}
