using Qwen3VL.Engine.Sampling;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Sampling;

public sealed class CandidatesTests
{
    [Theory]
    [InlineData(0.5f, 1)]
    [InlineData(8f, 1)]
    [InlineData(8f, 0.3)]
    [InlineData(0f, 1)]
    public void KeepTopP_PartlySorted_KeepsWhatAFullSortKeeps(float spread, double temperature)
    {
        var random = new Random(21);
        var candidates = new Candidates(5000);
        foreach (double p in (double[])[0.05, 0.5, 0.9, 0.999])
        {
            float[] logits = RandomLogits(random, spread);
            candidates.Fill(logits);
            candidates.KeepTopP(p, temperature);
            Kept(candidates).ShouldBe(NucleusByFullSort(logits, p, temperature));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(500)]
    [InlineData(4999)]
    public void KeepTopK_PartlySorted_KeepsWhatAFullSortKeeps(int k)
    {
        var random = new Random(22);
        foreach (float spread in (float[])[0, 2, 8])
        {
            // Rounded: many equal logits.
            float[] logits = [.. RandomLogits(random, spread).Select(logit => MathF.Round(logit, 1))];
            var candidates = new Candidates(logits.Length);
            candidates.Fill(logits);
            candidates.KeepTopK(k);
            int[] sorted = ByLogit(logits);
            Kept(candidates).ShouldBe([.. sorted.TakeWhile((id, place) => place < k || logits[id] == logits[sorted[k - 1]])]);
        }
    }

    [Fact]
    public void KeepTopP_AfterKeepTopK_KeepsWhatAFullSortKeeps()
    {
        float[] logits = RandomLogits(new Random(23), 3);
        var candidates = new Candidates(logits.Length);
        candidates.Fill(logits);
        candidates.KeepTopK(50);
        candidates.KeepTopP(0.6, 1);
        int[] best = [.. ByLogit(logits).Take(50)];
        double total = best.Sum(id => Math.Exp(logits[id]));
        double reached = 0;
        Kept(candidates).ShouldBe([.. best.TakeWhile(id =>
        {
            bool takes = reached < 0.6 * total;
            reached += Math.Exp(logits[id]);
            return takes;
        })]);
    }

    [Fact]
    public void MoveSmallestFirst_AnyOrder_PartsTheKeys()
    {
        var random = new Random(24);
        for (int round = 0; round < 200; round++)
        {
            ulong[] keys = [.. Enumerable.Range(0, 1 + random.Next(400)).Select(key => (ulong)key * 3)];
            if (round % 3 != 0)
            {
                random.Shuffle(keys);
            }

            int count = 1 + random.Next(keys.Length);
            KeySelection.MoveSmallestFirst(keys, count);
            keys.Take(count).Order().ShouldBe(Enumerable.Range(0, count).Select(key => (ulong)key * 3));
            keys.Distinct().Count().ShouldBe(keys.Length);
        }
    }

    private static int[] Kept(Candidates candidates) => [.. Enumerable.Range(0, candidates.Count).Select(candidates.TokenId)];

    private static int[] ByLogit(float[] logits) => [.. Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).ThenBy(id => id)];

    private static int[] NucleusByFullSort(float[] logits, double p, double temperature)
    {
        double highest = logits.Max();
        double total = logits.Sum(logit => Math.Exp((logit - highest) / temperature));
        var kept = new List<int>();
        double reached = 0;
        foreach (int id in ByLogit(logits))
        {
            if (kept.Count > 0 && reached >= p * total)
            {
                break;
            }

            kept.Add(id);
            reached += Math.Exp((logits[id] - highest) / temperature);
        }

        return [.. kept];
    }

    private static float[] RandomLogits(Random random, float spread) =>
        [.. Enumerable.Range(0, 5000).Select(_ => (random.NextSingle() + random.NextSingle() + random.NextSingle()) * spread)];
}
