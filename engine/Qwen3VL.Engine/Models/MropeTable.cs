using Qwen3VL.Engine.Checkpoints;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// Interleaved multimodal rotary angles of the text decoder (spec 4.2; huggingface/transformers v4.57.6, modeling_qwen3_vl.py,
/// Qwen3VLTextRotaryEmbedding.apply_interleaved_mrope). Frequency i turns with one of three positions: T H W T H W ... as long as the
/// sections of H and W last, then T.
/// </summary>
internal sealed class MropeTable : RotaryTable
{
    private readonly int[] _axisOfFrequency;

    /// <summary>Creates the table of a model.</summary>
    internal MropeTable(TextConfig config)
        : base(
            config.Yarn is { } yarn
                ? RopeFrequencies.Yarn(config.HeadDim / 2, config.RopeTheta, yarn)
                : RopeFrequencies.Plain(config.HeadDim / 2, config.RopeTheta),
            (float)(config.Yarn?.AttentionFactor ?? 1))
    {
        _axisOfFrequency = new int[config.HeadDim / 2];
        for (int i = 0; i < _axisOfFrequency.Length; i++)
        {
            int axis = i % 3;
            _axisOfFrequency[i] = axis != 0 && i < 3 * config.MropeSection[axis] ? axis : 0;
        }
    }

    /// <inheritdoc/>
    internal override int Columns => _axisOfFrequency.Length;

    /// <summary>Computes the rows of a batch.</summary>
    /// <param name="positions"><c>[3, tokens]</c> row-major: T, H, W.</param>
    /// <param name="numTokens">Tokens.</param>
    internal void Compute(ReadOnlySpan<int> positions, int numTokens)
    {
        Begin(numTokens);
        for (int token = 0; token < numTokens; token++)
        {
            for (int i = 0; i < _axisOfFrequency.Length; i++)
            {
                Set(token, i, i, positions[_axisOfFrequency[i] * numTokens + token]);
            }
        }
    }
}
