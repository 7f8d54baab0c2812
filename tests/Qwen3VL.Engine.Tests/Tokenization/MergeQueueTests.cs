using Qwen3VL.Engine.Tokenization;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

public sealed class MergeQueueTests
{
    [Fact]
    public void TryTake_RandomAddsAndTakes_GivesLowestRankThenLeftmost()
    {
        const int Seed = 12;
        var random = new Random(Seed);
        var queue = new MergeQueue(numRanks: 20);
        var expected = new List<(int Rank, int Position)>();
        for (int step = 0; step < 20_000; step++)
        {
            // More adds than takes in one half, the other way round in the other, so that it grows and drains.
            if (random.Next(10) < (step / 500 % 2 == 0 ? 7 : 3))
            {
                (int Rank, int Position) added = (random.Next(20), random.Next(1000));
                queue.Add(added.Rank, added.Position);
                expected.Add(added);
            }
            else
            {
                bool found = queue.TryTake(out int rank, out int position);
                found.ShouldBe(expected.Count > 0);
                if (found)
                {
                    (rank, position).ShouldBe(expected.Min(), $"seed {Seed}, step {step}");
                    expected.Remove((rank, position));
                }
            }
        }
    }

    [Fact]
    public void TryTake_CandidatesFromLeftToRight_SortsNothing()
    {
        var queue = new MergeQueue(numRanks: 2);
        for (int position = 0; position < 100; position++)
        {
            queue.Add(position % 2, position);
        }

        while (queue.TryTake(out _, out _))
        {
        }

        queue.NumSorted.ShouldBe(0);
    }
}
