using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine.Tests.Processing;

/// <summary>A prompt of text, images and clips in random order, written down as the placeholder rules say.</summary>
internal sealed class RandomMediaPrompt
{
    public const int VisionStart = 1;
    public const int VisionEnd = 2;
    public const int ImagePad = 3;
    public const int VideoPad = 4;

    private readonly List<int> _ids = [];
    private readonly List<MediaSpan> _spans = [];
    private readonly List<int> _offsets = [];
    private readonly List<ProcessedMedia> _media = [];

    public RandomMediaPrompt(Random random)
    {
        AddText(random.Next(0, 6));
        int numItems = random.Next(1, 5);
        for (int item = 0; item < numItems; item++)
        {
            bool isClip = random.Next(3) > 0;
            var grid = new GridThw(isClip ? random.Next(1, 7) : 1, 2 * random.Next(1, 5), 2 * random.Next(1, 5));
            AddItem(grid, isClip ? [.. Enumerable.Range(0, grid.Time).Select(pair => $"{pair}.{random.Next(10)}")] : []);
            AddText(random.Next(0, 5));
        }
    }

    public RandomMediaPrompt(GridThw[] clipGrids, params string[] times)
    {
        AddText(3);
        foreach (GridThw grid in clipGrids)
        {
            AddItem(grid, times.Length > 0 ? times : [.. Enumerable.Range(0, grid.Time).Select(pair => $"{pair}.5")]);
        }

        AddText(2);
    }

    public int[] TokenIds => [.. _ids];

    public IReadOnlyList<ProcessedMedia> Media => _media;

    public bool IsClip(int mediaIndex) => _media[mediaIndex].PairTimesSeconds.Count > 0;

    public ProcessedPrompt Prune(double rate)
    {
        int[] positions = MropePositions.Compute(_ids.Count, _spans, _media, out int delta);
        return ClipPruning.Apply(new ExpandedPrompt([.. _ids], _spans, _offsets), positions, delta, _media, rate, VideoPad);
    }

    /// <summary>A choice as the selection makes it: the first frame pair, and any rows behind it.</summary>
    public int[] RandomRows(PrunedClip clip, Random random)
    {
        GridThw grid = _media[clip.MediaIndex].Grid;
        int[] later = [.. Enumerable.Range(grid.RowsPerFrame, grid.NumRows - grid.RowsPerFrame)];
        random.Shuffle(later);
        return [.. Enumerable.Range(0, grid.RowsPerFrame), .. later.Take(clip.NumKeptRows - grid.RowsPerFrame).Order()];
    }

    /// <summary>The text tokens of a pair's time: as many as it has characters.</summary>
    public static int[] TimeTokens(string time) => [.. time.Select(character => 100 + character)];

    private void AddText(int count)
    {
        for (int i = 0; i < count; i++)
        {
            _ids.Add(1_000 + _ids.Count);
        }
    }

    private void AddItem(GridThw grid, string[] times)
    {
        int mediaIndex = _media.Count;
        _offsets.Add(_ids.Count);
        _media.Add(new ProcessedMedia(grid, default, new byte[] { (byte)mediaIndex }, times));
        for (int pair = 0; pair < grid.Time; pair++)
        {
            if (times.Length > 0)
            {
                _ids.AddRange(TimeTokens(times[pair]));
            }

            _ids.Add(VisionStart);
            _spans.Add(new MediaSpan(mediaIndex, _ids.Count, grid.RowsPerFrame, pair * grid.RowsPerFrame));
            _ids.AddRange(Enumerable.Repeat(times.Length > 0 ? VideoPad : ImagePad, grid.RowsPerFrame));
            _ids.Add(VisionEnd);
        }
    }
}
