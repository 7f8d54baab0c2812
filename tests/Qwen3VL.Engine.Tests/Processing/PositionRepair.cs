using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine.Tests.Processing;

/// <summary>
/// The reference's way to the positions of a prompt with pruned clips: item by item, overwrite the item's range with positions counted from
/// the item's own start plus where it starts, and number everything behind it anew (vllm-project/vllm,
/// <c>multimodal/evs.py: recompute_mrope_positions</c> and <c>qwen3_vl.py</c>).
/// </summary>
internal static class PositionRepair
{
    public static (int[] Ids, int[] Positions, int Delta) Run(
        RandomMediaPrompt prompt, double rate, IReadOnlyList<PrunedClip> clips, int[][] kept)
    {
        List<int> ids = [];
        List<(int Start, int[][] Channels)> items = [];
        Queue<int> rest = new(prompt.TokenIds);
        for (int mediaIndex = 0; mediaIndex < prompt.Media.Count; mediaIndex++)
        {
            CopyText(rest, ids, prompt, mediaIndex);
            GridThw grid = prompt.Media[mediaIndex].Grid;
            int index = clips.ToList().FindIndex(clip => clip.MediaIndex == mediaIndex);
            int[] rows = index < 0 ? [.. Enumerable.Range(0, grid.NumRows)] : kept[index];
            items.Add((ids.Count, WriteItem(prompt, mediaIndex, rows, ids)));
            Skip(rest, prompt, mediaIndex);
        }

        ids.AddRange(rest);
        return Number(ids, items);
    }

    private static (int[] Ids, int[] Positions, int Delta) Number(List<int> ids, List<(int Start, int[][] Channels)> items)
    {
        int n = ids.Count;
        int[] positions = new int[3 * n];
        NumberText(positions, n, 0, 0);
        foreach ((int start, int[][] channels) in items)
        {
            int numbered = start == 0 ? 0 : Enumerable.Range(0, 3).Max(axis => positions[(axis * n) + start - 1]) + 1;
            int length = channels[0].Length;
            for (int axis = 0; axis < 3; axis++)
            {
                for (int i = 0; i < length; i++)
                {
                    positions[(axis * n) + start + i] = channels[axis][i] + numbered;
                }
            }

            NumberText(positions, n, start + length, channels.Max(axis => axis.Max()) + numbered + 1);
        }

        return ([.. ids], positions, positions.Max() + 1 - n);
    }

    private static void NumberText(int[] positions, int n, int start, int first)
    {
        for (int token = start; token < n; token++)
        {
            positions[token] = positions[n + token] = positions[(2 * n) + token] = first + token - start;
        }
    }

    /// <summary>Writes the item's final tokens; returns its three channels counted from 0.</summary>
    private static int[][] WriteItem(RandomMediaPrompt prompt, int mediaIndex, int[] rows, List<int> ids)
    {
        ProcessedMedia item = prompt.Media[mediaIndex];
        GridThw grid = item.Grid;
        int columns = grid.Width / 2;
        List<int>[] channels = [[], [], []];
        int position = 0;
        for (int pair = 0; pair < grid.Time; pair++)
        {
            int[] time = prompt.IsClip(mediaIndex) ? RandomMediaPrompt.TimeTokens(item.PairTimesSeconds[pair]) : [];
            foreach (int id in (int[])[.. time, RandomMediaPrompt.VisionStart])
            {
                AddToken(id, position, position, position++);
            }

            foreach (int row in rows.Where(row => row / grid.RowsPerFrame == pair))
            {
                int cell = row % grid.RowsPerFrame;
                AddToken(
                    prompt.IsClip(mediaIndex) ? RandomMediaPrompt.VideoPad : RandomMediaPrompt.ImagePad,
                    position,
                    position + (cell / columns),
                    position + (cell % columns));
            }

            position += Math.Max(grid.Height / 2, columns);
            AddToken(RandomMediaPrompt.VisionEnd, position, position, position++);
        }

        return [.. channels.Select(channel => channel.ToArray())];

        void AddToken(int id, int t, int h, int w)
        {
            ids.Add(id);
            channels[0].Add(t);
            channels[1].Add(h);
            channels[2].Add(w);
        }
    }

    private static void CopyText(Queue<int> rest, List<int> ids, RandomMediaPrompt prompt, int mediaIndex)
    {
        int first = prompt.IsClip(mediaIndex) ? RandomMediaPrompt.TimeTokens(prompt.Media[mediaIndex].PairTimesSeconds[0])[0] : RandomMediaPrompt.VisionStart;
        while (rest.Peek() != first)
        {
            ids.Add(rest.Dequeue());
        }
    }

    private static void Skip(Queue<int> rest, RandomMediaPrompt prompt, int mediaIndex)
    {
        for (int pairs = prompt.Media[mediaIndex].Grid.Time; pairs > 0;)
        {
            pairs -= rest.Dequeue() == RandomMediaPrompt.VisionEnd ? 1 : 0;
        }
    }
}
