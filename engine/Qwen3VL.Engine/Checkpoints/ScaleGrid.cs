namespace Qwen3VL.Engine.Checkpoints;

/// <summary>The scales of a quantised tensor as stored.</summary>
/// <param name="Values">Row-major; one grid after the other for a tensor of more than two dimensions.</param>
/// <param name="Columns">Blocks over the last dimension.</param>
/// <param name="BlockRows">Size of a block along the last dimension but one.</param>
/// <param name="BlockColumns">Size of a block along the last dimension.</param>
internal sealed record ScaleGrid(float[] Values, int Columns, int BlockRows, int BlockColumns);
