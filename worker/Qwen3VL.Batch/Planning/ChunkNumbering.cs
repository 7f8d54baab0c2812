namespace Qwen3VL.Batch.Planning;

/// <summary>Hands out chunk and group numbers while a plan is made. Owned by one call of the planner.</summary>
internal sealed class ChunkNumbering(int chunksPerGroup)
{
    private readonly List<PlannedGroup> _groups = [];
    private int _nextChunkNo;

    /// <summary>What was added so far.</summary>
    public IReadOnlyList<PlannedGroup> Groups => _groups;

    /// <summary>Adds the chunks of one kind and stage, numbered on, in groups of consecutive chunks.</summary>
    /// <param name="kind">What the chunks do.</param>
    /// <param name="stage">Their stage; never below that of chunks added before.</param>
    /// <param name="units">First and last unit of each chunk.</param>
    public void Add(ChunkKind kind, int stage, IReadOnlyList<(int First, int Last)> units)
    {
        foreach ((int First, int Last)[] part in units.Chunk(chunksPerGroup))
        {
            var chunks = new List<PlannedChunk>(part.Length);
            foreach ((int first, int last) in part)
            {
                chunks.Add(new PlannedChunk(checked(_nextChunkNo++), kind, stage, first, last));
            }

            _groups.Add(new PlannedGroup(_groups.Count + 1, stage, chunks));
        }
    }
}
