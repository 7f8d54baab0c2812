using System.Globalization;

namespace Qwen3VL.Engine.Processing;

/// <summary>
/// Which frames of a constant-rate video the reference reads, and the time text of each frame pair (spec 5.3 and 5.5). Source:
/// huggingface/transformers v4.57.6, <c>qwen3_vl/video_processing_qwen3_vl.py</c> (<c>sample_frames</c>) and
/// <c>qwen3_vl/processing_qwen3_vl.py</c> (<c>_calculate_timestamps</c>).
/// </summary>
internal static class VideoFrameSampler
{
    /// <summary>Indices of the sampled frames, in order, over the whole video with both ends.</summary>
    /// <param name="totalFrames">Frames of the source; at least 1.</param>
    /// <param name="sourceRateHz">Frame rate of the source; above 0.</param>
    /// <param name="bounds">Sampling rate and frame bounds.</param>
    /// <exception cref="ArgumentOutOfRangeException">No frames, or a rate that is not finite and above 0.</exception>
    public static int[] SampleIndices(int totalFrames, double sourceRateHz, VideoBounds bounds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalFrames, 1);
        CheckRate(sourceRateHz, nameof(sourceRateHz));
        CheckRate(bounds.FramesPerSecond, nameof(bounds));
        double wanted = Math.Truncate(totalFrames / sourceRateHz * bounds.FramesPerSecond);
        int count = (int)Math.Min(Math.Min(Math.Max(wanted, bounds.MinFrames), bounds.MaxFrames), totalFrames);
        int[] indices = new int[count];
        double step = count > 1 ? (totalFrames - 1) / (double)(count - 1) : 0;
        for (int k = 0; k < count; k++)
        {
            // Math.Round is half to even, as the reference rounds.
            indices[k] = k == count - 1 && count > 1 ? totalFrames - 1 : (int)Math.Round(k * step);
        }

        return indices;
    }

    private static void CheckRate(double rateHz, string name)
    {
        if (!(rateHz > 0) || !double.IsFinite(rateHz))
        {
            throw new ArgumentOutOfRangeException(name, rateHz, "a frame rate must be finite and above 0");
        }
    }

    /// <summary>Times in seconds of frames of a constant-rate video.</summary>
    public static double[] Times(IReadOnlyList<int> indices, double sourceRateHz) => [.. indices.Select(index => index / sourceRateHz)];

    /// <summary>
    /// The text of each frame pair's time: the mean of the pair's two times with one decimal; an odd count repeats the last time.
    /// </summary>
    public static string[] PairTimeTexts(IReadOnlyList<double> timesSeconds)
    {
        string[] texts = new string[(timesSeconds.Count + 1) / 2];
        for (int pair = 0; pair < texts.Length; pair++)
        {
            double first = timesSeconds[2 * pair];
            double second = timesSeconds[Math.Min((2 * pair) + 1, timesSeconds.Count - 1)];

            // "F1" rounds the exact binary value as the reference does; Math.Round(x, 1) does not (0.15 would become 0.2).
            texts[pair] = ((first + second) / 2).ToString("F1", CultureInfo.InvariantCulture);
        }

        return texts;
    }
}
