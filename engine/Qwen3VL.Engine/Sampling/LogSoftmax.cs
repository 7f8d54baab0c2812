using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Qwen3VL.Engine.Sampling;

/// <summary>Log-probabilities of one row of raw logits: 32-bit floats in, sums in double. Pure.</summary>
/// <remarks>
/// <c>log p(i) = x(i) - max - log(sum of exp(x(j) - max))</c>. The sum runs in four fixed lanes, so a row gives the same bits whatever else
/// is computed beside it.
/// </remarks>
internal static class LogSoftmax
{
    /// <summary>Scores the token that stands in a place, with the best of that place.</summary>
    /// <param name="logits"><c>[vocabulary]</c>, all rows of the head.</param>
    /// <param name="tokenId">The token.</param>
    /// <param name="numTop">Alternatives to report; at most the vocabulary are.</param>
    /// <exception cref="EngineInvariantException">The highest logit is not a finite number.</exception>
    public static TokenLogProbability Score(ReadOnlySpan<float> logits, int tokenId, int numTop)
    {
        (double highest, double logSum) = Normaliser(logits);
        var top = new TokenAlternative[Math.Min(numTop, logits.Length)];
        Span<int> best = stackalloc int[SamplingLimits.MaxTopLogProbabilities];
        best = best[..top.Length];
        FindTop(logits, best);
        for (int i = 0; i < top.Length; i++)
        {
            top[i] = new TokenAlternative(best[i], logits[best[i]] - highest - logSum);
        }

        return new TokenLogProbability(tokenId, logits[tokenId] - highest - logSum, top);
    }

    /// <summary>What is subtracted from a logit, one after the other, to get its log-probability: added first, huge logits would swallow the second.</summary>
    private static (double Highest, double LogSum) Normaliser(ReadOnlySpan<float> logits)
    {
        float highest = float.NegativeInfinity;
        foreach (float logit in logits)
        {
            highest = MathF.Max(highest, logit);
        }

        if (!float.IsFinite(highest))
        {
            throw new EngineInvariantException($"the highest of a row of logits must be a finite number; got {highest} among {logits.Length}");
        }

        Vector256<double> sums = Vector256<double>.Zero;
        Vector256<double> offset = Vector256.Create((double)highest);
        ReadOnlySpan<Vector128<float>> quads = MemoryMarshal.Cast<float, Vector128<float>>(logits);
        foreach (Vector128<float> quad in quads)
        {
            (Vector128<double> low, Vector128<double> high) = Vector128.Widen(quad);
            sums += Vector256.Exp(Vector256.Create(low, high) - offset);
        }

        double sum = Vector256.Sum(sums);
        foreach (float logit in logits[(quads.Length * Vector128<float>.Count)..])
        {
            sum += Math.Exp(logit - (double)highest);
        }

        return (highest, Math.Log(sum));
    }

    /// <summary>The ids of the highest logits, best first, lower id first among equals.</summary>
    private static void FindTop(ReadOnlySpan<float> logits, Span<int> best)
    {
        int found = 0;
        for (int tokenId = 0; tokenId < logits.Length && best.Length > 0; tokenId++)
        {
            if (found == best.Length && !(logits[tokenId] > logits[best[found - 1]]))
            {
                continue;
            }

            int place = found < best.Length ? found++ : found - 1;
            while (place > 0 && logits[tokenId] > logits[best[place - 1]])
            {
                best[place] = best[place - 1];
                place--;
            }

            best[place] = tokenId;
        }
    }
}
