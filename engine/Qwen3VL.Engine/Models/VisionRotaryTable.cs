using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Processing;

namespace Qwen3VL.Engine.Models;

/// <summary>
/// Two-dimensional rotary angles of the vision tower (spec 3.3; huggingface/transformers v4.57.6, modeling_qwen3_vl.py,
/// Qwen3VLVisionRotaryEmbedding): the first half of the angles turns with the patch row, the second with the patch column.
/// </summary>
/// <param name="config">The tower.</param>
internal sealed class VisionRotaryTable(VisionConfig config)
    : RotaryTable(RopeFrequencies.Plain(config.HiddenSize / config.NumHeads / 4, VisionConfig.RopeTheta))
{
    private readonly int _numFrequencies = config.HiddenSize / config.NumHeads / 4;

    /// <inheritdoc/>
    internal override int Columns => 2 * _numFrequencies;

    /// <summary>Computes the rows of one media item in patch order; every frame pair has the same.</summary>
    internal void Compute(GridThw grid)
    {
        Begin(grid.NumPatches);
        for (int patch = 0; patch < grid.NumPatches; patch++)
        {
            (int row, int column) = PatchOrder.RowAndColumn(grid, patch);
            for (int i = 0; i < _numFrequencies; i++)
            {
                Set(patch, i, i, row);
                Set(patch, _numFrequencies + i, i, column);
            }
        }
    }
}
