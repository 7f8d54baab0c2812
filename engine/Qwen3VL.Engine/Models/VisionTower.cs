using System.Buffers;
using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// The vision tower (spec 3; huggingface/transformers v4.57.6, modeling_qwen3_vl.py, Qwen3VLVisionModel): patches to merged vision tokens
/// and DeepStack features. Owned by <see cref="Qwen3VLModel"/>.
/// </summary>
internal sealed class VisionTower
{
    /// <summary>Epsilon of every LayerNorm of the tower.</summary>
    internal const float LayerNormEpsilon = 1e-6f;

    // The patch rows of a large image are several hundred megabytes as 32-bit floats: they pass through in pieces.
    private const int PatchesPerPiece = 2048;
    private const string DeepStackMergers = "model.visual.deepstack_merger_list";

    private readonly IBackend _backend;
    private readonly VisionConfig _config;
    private readonly Weight _patchWeight;
    private readonly Weight _patchBias;
    private readonly PositionTable _positions;
    private readonly VisionRotaryTable _rotary;
    private readonly VisionBlock[] _blocks;
    private readonly PatchMerger _merger;
    private readonly (int Block, PatchMerger Merger)[] _taps;

    /// <summary>Loads the tower.</summary>
    internal VisionTower(WeightLoader loader, VisionConfig config, IBackend backend)
    {
        _backend = backend;
        _config = config;
        PatchLength = 3 * config.TemporalPatchSize * config.PatchSize * config.PatchSize;
        _patchWeight = loader.Matrix("model.visual.patch_embed.proj.weight", config.HiddenSize, PatchLength);
        _patchBias = loader.Vector("model.visual.patch_embed.proj.bias", config.HiddenSize);
        int side = (int)Math.Round(Math.Sqrt(config.NumPositionEmbeddings));
        _positions = new PositionTable(
            loader.HostMatrix("model.visual.pos_embed.weight", config.NumPositionEmbeddings, config.HiddenSize), side, config.HiddenSize);
        _rotary = new VisionRotaryTable(config);
        _blocks = Enumerable.Range(0, config.Depth).Select(index => new VisionBlock(loader, config, index)).ToArray();
        _merger = PatchMerger.LoadMain(loader, config);
        _taps = config.DeepStackIndexes
            .Select((block, merger) => (Block: block, Merger: merger))
            .DistinctBy(tap => tap.Block)
            .OrderBy(tap => tap.Block)
            .Select(tap => (tap.Block, PatchMerger.LoadDeepStack(loader, config, tap.Merger)))
            .ToArray();

        // A block listed again has a merger of its own in the file, which taps nothing.
        for (int place = 0; place < config.DeepStackIndexes.Count; place++)
        {
            if (config.DeepStackIndexes.Take(place).Contains(config.DeepStackIndexes[place]))
            {
                loader.Tolerate($"{DeepStackMergers}.{place}");
            }
        }
    }

    /// <summary>Called after each block.</summary>
    internal Action BlockRan { get; set; } = static () => { };

    /// <summary>Values of one patch row: channels x frames of a pair x rows x columns.</summary>
    internal int PatchLength { get; }

    /// <summary>
    /// Encodes one media item. Taps come in the order of their blocks, whatever the order of the configured list, whose places name the
    /// mergers, as in the reference. The caller owns the result.
    /// </summary>
    /// <exception cref="ArgumentException">The patches do not fit the grid.</exception>
    internal EncoderOutput Encode(ProcessedMedia media)
    {
        CheckShape(media);
        using ITensorScope scope = _backend.OpenScope();
        _rotary.Compute(media.Grid);
        DeviceTensor cos = _backend.Upload(_rotary.Cos, _rotary.Rows, _rotary.Columns);
        DeviceTensor sin = _backend.Upload(_rotary.Sin, _rotary.Rows, _rotary.Columns);
        int[] segmentStarts = SegmentStarts(media.Grid);
        DeviceTensor hidden = EmbedPatches(media);
        var taps = new List<DeviceTensor>(_taps.Length);
        DeviceTensor? main = null;
        try
        {
            for (int block = 0; block < _blocks.Length; block++)
            {
                DeviceTensor next = _blocks[block].Forward(_backend, hidden, cos, sin, segmentStarts);
                hidden.Dispose();
                hidden = next;
                if (taps.Count < _taps.Length && _taps[taps.Count].Block == block)
                {
                    taps.Add(_taps[taps.Count].Merger.Forward(_backend, hidden));
                }

                BlockRan();
            }

            main = _merger.Forward(_backend, hidden);
            var output = new EncoderOutput(main, taps.ToArray());
            main = null;
            taps.Clear();
            return output;
        }
        finally
        {
            main?.Dispose();
            foreach (DeviceTensor tap in taps)
            {
                tap.Dispose();
            }
        }
    }

    private static int[] SegmentStarts(GridThw grid)
    {
        var starts = new int[grid.Time + 1];
        for (int frame = 0; frame < starts.Length; frame++)
        {
            starts[frame] = frame * grid.Height * grid.Width;
        }

        return starts;
    }

    private void CheckShape(ProcessedMedia media)
    {
        GridThw grid = media.Grid;
        if (grid.Time < 1 || grid.Height < 2 || grid.Width < 2 || grid.Height % 2 != 0 || grid.Width % 2 != 0)
        {
            throw new ArgumentException($"grid must be at least 1 x 2 x 2 with even height and width; got {grid}", nameof(media));
        }

        if (media.Patches.Length != (long)grid.NumPatches * PatchLength)
        {
            throw new ArgumentException($"patches must be {grid.NumPatches} x {PatchLength} bytes; got {media.Patches.Length}", nameof(media));
        }
    }

    // Position vectors first, then the patch products added piece by piece: the sum needs no second copy of the whole item.
    private DeviceTensor EmbedPatches(ProcessedMedia media)
    {
        int numPatches = media.Grid.NumPatches;
        DeviceTensor hidden = UploadPositions(media.Grid);
        int piecePatches = Math.Min(PatchesPerPiece, numPatches);
        float[] values = ArrayPool<float>.Shared.Rent(piecePatches * PatchLength);
        try
        {
            for (int first = 0; first < numPatches; first += piecePatches)
            {
                int count = Math.Min(piecePatches, numPatches - first);
                using ITensorScope scope = _backend.OpenScope();
                Span<float> piece = values.AsSpan(0, count * PatchLength);
                Normalise(media.Patches.Span.Slice(first * PatchLength, piece.Length), piece);
                DeviceTensor patches = _backend.Upload(piece, count, PatchLength);
                _backend.Kernels.AddRows(hidden, first, _backend.Kernels.Linear(patches, _patchWeight, _patchBias), 0, count);
            }

            return hidden;
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
        }
    }

    private DeviceTensor UploadPositions(GridThw grid)
    {
        int length = checked(grid.NumPatches * _config.HiddenSize);
        float[] values = ArrayPool<float>.Shared.Rent(length);
        try
        {
            _positions.Interpolate(grid, values.AsSpan(0, length));
            return _backend.Upload(values.AsSpan(0, length), grid.NumPatches, _config.HiddenSize);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(values);
        }
    }

    // 0..255 to -1..1: rescale by 1/255, then mean and deviation 0.5 (spec 5.1).
    private static void Normalise(ReadOnlySpan<byte> patches, Span<float> values)
    {
        for (int i = 0; i < patches.Length; i++)
        {
            values[i] = patches[i] / 127.5f - 1f;
        }
    }
}
