namespace Qwen3VL.Engine.Sampling;

/// <summary>
/// Scores output tokens: keeps a row of raw logits from before the sampler changes it until the token is known. The buffer is made once, on
/// first use. Used by the engine thread only.
/// </summary>
internal sealed class OutputScores
{
    private float[] _raw = [];

    /// <summary>Keeps a row.</summary>
    public void Keep(ReadOnlySpan<float> logits)
    {
        if (_raw.Length != logits.Length)
        {
            _raw = new float[logits.Length];
        }

        logits.CopyTo(_raw);
    }

    /// <summary>Scores the token that was chosen from the row kept last.</summary>
    public TokenLogProbability Score(int tokenId, int numTop) => LogSoftmax.Score(_raw, tokenId, numTop);
}
