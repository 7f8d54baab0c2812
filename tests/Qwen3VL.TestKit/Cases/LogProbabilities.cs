namespace Qwen3VL.TestKit.Cases;

/// <summary>Logarithms of the probabilities that a row of logits stands for: <c>x - max - log(sum exp(x - max))</c>, in double precision.</summary>
internal static class LogProbabilities
{
    internal static double[] Of(ReadOnlySpan<float> logits)
    {
        double highest = double.NegativeInfinity;
        foreach (float logit in logits)
        {
            highest = Math.Max(highest, logit);
        }

        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - highest);
        }

        var result = new double[logits.Length];
        for (int i = 0; i < logits.Length; i++)
        {
            result[i] = logits[i] - highest - Math.Log(sum);
        }

        return result;
    }
}
