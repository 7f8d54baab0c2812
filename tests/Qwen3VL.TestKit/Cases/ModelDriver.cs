using Qwen3VL.Engine.Backends;
using Qwen3VL.Engine.Execution;
using Qwen3VL.Engine.Models;

namespace Qwen3VL.TestKit.Cases;

/// <summary>
/// Runs one sequence through a model without a scheduler: chunks of any sizes over scattered blocks. Owns cache and encoder outputs.
/// </summary>
internal sealed class ModelDriver : IDisposable
{
    private readonly Qwen3VLModel _model;
    private readonly GoldenCase _case;
    private readonly KvCache _cache;
    private readonly int[] _blocks;
    private readonly List<EncoderOutput> _images = [];
    private readonly List<EncoderOutput> _videos = [];
    private readonly List<VisionRows> _vision = [];
    private int _numComputed;

    internal ModelDriver(Qwen3VLModel model, GoldenCase golden)
    {
        _model = model;
        _case = golden;
        int numBlocks = (golden.InputIds.Length + golden.Greedy.Length) / KvCacheShape.BlockTokens + 1;
        _cache = model.CreateKvCache(2 * numBlocks + 3);

        // Every other block from the end: neither ascending nor adjacent, and never the null block.
        _blocks = Enumerable.Range(0, numBlocks).Select(i => 2 * (numBlocks - i)).ToArray();
        _images.AddRange(golden.Media("image").Select(model.Encode));
        _videos.AddRange(golden.Media("video").Select(model.Encode));
        PlaceVision();
    }

    internal IReadOnlyList<EncoderOutput> Images => _images;

    internal IReadOnlyList<EncoderOutput> Videos => _videos;

    /// <summary>Computes the next prompt tokens; returns <c>[count, vocabulary]</c> logits.</summary>
    internal float[] Prefill(int count)
    {
        int first = _numComputed;
        int length = _case.InputIds.Length;
        int[] golden = _case.Positions;
        int[] positions = new int[3 * count];
        for (int axis = 0; axis < 3; axis++)
        {
            Array.Copy(golden, axis * length + first, positions, axis * count, count);
        }

        return Run(_case.InputIds.AsSpan(first, count).ToArray(), positions);
    }

    /// <summary>Computes one generated token; returns its logits.</summary>
    internal float[] Decode(int tokenId)
    {
        int position = _numComputed + _case.RopeDelta;
        return Run([tokenId], [position, position, position]);
    }

    public void Dispose()
    {
        _images.ForEach(output => output.Dispose());
        _videos.ForEach(output => output.Dispose());
        _cache.Dispose();
    }

    private float[] Run(int[] tokenIds, int[] positions)
    {
        int first = _numComputed;
        int count = tokenIds.Length;
        var batch = new ForwardBatch
        {
            NumTokens = count,
            TokenIds = tokenIds,
            Positions = positions,
            Slots = Enumerable.Range(first, count)
                .Select(t => _blocks[t / KvCacheShape.BlockTokens] * KvCacheShape.BlockTokens + t % KvCacheShape.BlockTokens).ToArray(),
            Attention = new AttentionBatch(1, [0, count], [first + count], [_blocks]),
            Vision = CutVision(first, count),
            LogitRows = Enumerable.Range(0, count).ToArray(),
        };
        var logits = new float[count * _model.Config.Text.VocabularySize];
        _model.Forward(batch, _cache, logits);
        _numComputed += count;
        return logits;
    }

    // Rows of the whole prompt, first row being the index in the prompt.
    private void PlaceVision()
    {
        Queue<(EncoderOutput Output, int Row)> images = Rows(_images);
        Queue<(EncoderOutput Output, int Row)> videos = Rows(_videos);
        for (int i = 0; i < _case.InputIds.Length; i++)
        {
            int id = _case.InputIds[i];
            if (id == _model.Config.ImageTokenId || id == _model.Config.VideoTokenId)
            {
                Queue<(EncoderOutput Output, int Row)> rows = id == _model.Config.ImageTokenId ? images : videos;
                (EncoderOutput output, int row) = rows.TryDequeue(out (EncoderOutput Output, int Row) next)
                    ? next
                    : throw new InvalidDataException($"a case must have a vision row for every placeholder; got none for token {i}");
                _vision.Add(new VisionRows(output, row, i, 1));
            }
        }

        if (images.Count + videos.Count > 0)
        {
            throw new InvalidDataException($"a case must have a placeholder for every vision row; got {images.Count + videos.Count} rows too many");
        }
    }

    private VisionRows[] CutVision(int first, int count) => _vision
        .Where(rows => rows.FirstBatchRow >= first && rows.FirstBatchRow < first + count)
        .Select(rows => rows with { FirstBatchRow = rows.FirstBatchRow - first }).ToArray();

    private static Queue<(EncoderOutput Output, int Row)> Rows(IEnumerable<EncoderOutput> outputs) =>
        new(outputs.SelectMany(output => Enumerable.Range(0, output.NumRows).Select(row => (output, row))));
}
