using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.TestKit.Cases;

/// <summary>One case of a golden checkpoint: inputs and every reference output. Owns the open tensor file.</summary>
public sealed class GoldenCase : IDisposable
{
    private const int Channels = 3;

    private readonly SafetensorsFile _tensors;
    private readonly GoldenCaseHeader _header;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly Lazy<(int[] Positions, int Delta)> _computed;

    private GoldenCase(string folder, GoldenCaseHeader header, SafetensorsFile tensors, ModelConfig config)
    {
        Folder = folder;
        Config = config;
        _header = header;
        _tensors = tensors;
        _computed = new Lazy<(int[] Positions, int Delta)>(ComputePositions);
    }

    /// <summary>The checkpoint's folder.</summary>
    public string Folder { get; }

    public ModelConfig Config { get; }

    public int[] InputIds => _header.InputIds;

    /// <summary>Generated ids; empty when the reference has none.</summary>
    public int[] Greedy => _header.Greedy ?? [];

    /// <summary>Token index + this is the position of a generated token: the reference's, or computed where it has none.</summary>
    public int RopeDelta => _header.RopeDelta ?? _computed.Value.Delta;

    /// <summary>Positions <c>[3, tokens]</c>: the reference's, or computed where it has none.</summary>
    public int[] Positions => Has("position_ids") ? Integers("position_ids") : _computed.Value.Positions;

    /// <summary>Names of the reference tensors that nothing was read from, in order.</summary>
    public IEnumerable<string> UnreadTensors => _tensors.Entries.Keys.Where(name => !_read.Contains(name)).Order(StringComparer.Ordinal);

    /// <summary>Reads a case of a checkpoint of the repository's goldens.</summary>
    public static GoldenCase Read(string model, string name) => ReadFolder(Goldens.Path("models", model), name);

    /// <summary>Reads a case of a checkpoint in any folder.</summary>
    /// <exception cref="CheckpointException">The configuration or the tensor file cannot be read.</exception>
    public static GoldenCase ReadFolder(string folder, string name)
    {
        var header = Goldens.ReadFile<GoldenCaseHeader>(Path.Combine(folder, $"{name}.golden.json"));
        ModelConfig config = ModelConfig.Load(folder);
        return new GoldenCase(folder, header, SafetensorsFile.Open(Path.Combine(folder, $"{name}.golden.safetensors")), config);
    }

    public float[] Floats(string name)
    {
        SafetensorsEntry entry = Entry(name);
        var values = new float[entry.Length];
        _tensors.ReadFloats(entry, 0, values);
        return values;
    }

    public int[] Integers(string name) =>
        MemoryMarshal.Cast<byte, long>(_tensors.ReadBytes(Entry(name))).ToArray().Select(value => checked((int)value)).ToArray();

    /// <summary>A tensor of 32-bit floats; null when the reference has none of that name.</summary>
    public float[]? FloatsOrNull(string name) => Has(name) ? Floats(name) : null;

    public bool Has(string name) => _tensors.Entries.ContainsKey(name);

    /// <summary>Media items of one kind, <c>image</c> or <c>video</c>, in prompt order.</summary>
    public IReadOnlyList<ProcessedMedia> Media(string kind)
    {
        int[][] grids = (kind == "image" ? _header.ImageGridThw : _header.VideoGridThw) ?? [];
        var items = new List<ProcessedMedia>();
        byte[] patches = grids.Length == 0 ? [] : _tensors.ReadBytes(Entry($"{kind}_pixels_u8"));
        int rowBytes = Channels * Config.Vision.TemporalPatchSize * Config.Vision.PatchSize * Config.Vision.PatchSize;
        int offset = 0;
        foreach (int[] thw in grids)
        {
            var grid = new GridThw(thw[0], thw[1], thw[2]);
            int length = grid.NumPatches * rowBytes;
            ReadOnlyMemory<byte> rows = patches.AsMemory(offset, length);
            items.Add(new ProcessedMedia(grid, rows, SHA256.HashData(rows.Span), []));
            offset += length;
        }

        return offset == patches.Length
            ? items
            : throw new InvalidDataException($"{kind}_pixels_u8 must hold the rows of its grids, {offset} bytes; got {patches.Length}");
    }

    /// <summary>Placeholder runs of the prompt: each a whole image or one frame pair.</summary>
    public (IReadOnlyList<MediaSpan> Spans, IReadOnlyList<ProcessedMedia> Media) Spans()
    {
        var spans = new List<MediaSpan>();
        var media = new List<ProcessedMedia>();
        var images = new Queue<ProcessedMedia>(Media("image"));
        var videos = new Queue<ProcessedMedia>(Media("video"));
        int pairsLeft = 0;
        for (int i = 0; i < InputIds.Length;)
        {
            bool isImage = InputIds[i] == Config.ImageTokenId;
            if (!isImage && InputIds[i] != Config.VideoTokenId)
            {
                i++;
                continue;
            }

            if (isImage || pairsLeft == 0)
            {
                media.Add((isImage ? images : videos).TryDequeue(out ProcessedMedia? next)
                    ? next
                    : throw new InvalidDataException($"a case must have a grid for every placeholder run; got none for token {i}"));
                pairsLeft = media[^1].Grid.Time;
            }

            GridThw grid = media[^1].Grid;
            spans.Add(new MediaSpan(media.Count - 1, i, grid.RowsPerFrame, (grid.Time - pairsLeft) * grid.RowsPerFrame));
            pairsLeft--;
            i += grid.RowsPerFrame;
        }

        return (spans, media);
    }

    public void Dispose() => _tensors.Dispose();

    private (int[] Positions, int Delta) ComputePositions()
    {
        (IReadOnlyList<MediaSpan> spans, IReadOnlyList<ProcessedMedia> media) = Spans();
        int[] positions = MropePositions.Compute(InputIds.Length, spans, media, out int delta);
        return (positions, delta);
    }

    private SafetensorsEntry Entry(string name)
    {
        _read.Add(name);
        return _tensors.Entries.TryGetValue(name, out SafetensorsEntry? entry)
            ? entry
            : throw new InvalidDataException($"{Path.GetFileName(_tensors.Path)} must hold {name}; got no such tensor");
    }
}
