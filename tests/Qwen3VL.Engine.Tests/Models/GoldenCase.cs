using System.Runtime.InteropServices;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Processing;
using Qwen3VL.TestKit;

namespace Qwen3VL.Engine.Tests.Models;

/// <summary>One case of a golden checkpoint: inputs and every reference output.</summary>
internal sealed class GoldenCase
{
    private readonly SafetensorsFile _tensors;
    private readonly GoldenCaseHeader _header;

    private GoldenCase(string model, GoldenCaseHeader header, SafetensorsFile tensors)
    {
        Folder = Goldens.Path("models", model);
        Config = ModelConfig.Load(Folder);
        _header = header;
        _tensors = tensors;
    }

    internal string Folder { get; }

    internal ModelConfig Config { get; }

    internal int[] InputIds => _header.InputIds;

    internal int[] Greedy => _header.Greedy;

    internal int RopeDelta => _header.RopeDelta;

    internal static GoldenCase Read(string model, string name) => new(
        model,
        Goldens.Read<GoldenCaseHeader>("models", model, $"{name}.golden.json"),
        SafetensorsFile.Open(Goldens.Path("models", model, $"{name}.golden.safetensors")));

    internal float[] Floats(string name)
    {
        SafetensorsEntry entry = _tensors.Entries[name];
        var values = new float[entry.Length];
        _tensors.ReadFloats(entry, 0, values);
        return values;
    }

    internal int[] Integers(string name) =>
        MemoryMarshal.Cast<byte, long>(_tensors.ReadBytes(_tensors.Entries[name])).ToArray().Select(value => checked((int)value)).ToArray();

    internal bool Has(string name) => _tensors.Entries.ContainsKey(name);

    /// <summary>Media items of one kind, <c>image</c> or <c>video</c>, in prompt order.</summary>
    internal IReadOnlyList<ProcessedMedia> Media(string kind)
    {
        int[][] grids = kind == "image" ? _header.ImageGridThw : _header.VideoGridThw;
        var items = new List<ProcessedMedia>();
        byte[] patches = grids.Length == 0 ? [] : _tensors.ReadBytes(_tensors.Entries[$"{kind}_pixels_u8"]);
        int offset = 0;
        foreach (int[] thw in grids)
        {
            var grid = new GridThw(thw[0], thw[1], thw[2]);
            int length = grid.NumPatches * 1536;
            items.Add(new ProcessedMedia(grid, patches.AsMemory(offset, length), ReadOnlyMemory<byte>.Empty, []));
            offset += length;
        }

        return items;
    }

    /// <summary>Placeholder runs of the prompt: each a whole image or one frame pair.</summary>
    internal (IReadOnlyList<MediaSpan> Spans, IReadOnlyList<ProcessedMedia> Media) Spans()
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
                media.Add((isImage ? images : videos).Dequeue());
                pairsLeft = media[^1].Grid.Time;
            }

            GridThw grid = media[^1].Grid;
            spans.Add(new MediaSpan(media.Count - 1, i, grid.RowsPerFrame, (grid.Time - pairsLeft) * grid.RowsPerFrame));
            pairsLeft--;
            i += grid.RowsPerFrame;
        }

        return (spans, media);
    }
}
