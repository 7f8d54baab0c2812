namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// The <c>quantization_config</c> of an FP8 checkpoint (spec 2.6): 8-bit floats with one 32-bit scale for each block of a weight.
/// </summary>
/// <param name="BlockRows">Rows of a block.</param>
/// <param name="BlockColumns">Columns of a block.</param>
/// <param name="UnquantizedModules"><c>ignored_layers</c> or <c>modules_to_not_convert</c>: modules stored in another type.</param>
public sealed record QuantizationConfig(int BlockRows, int BlockColumns, IReadOnlyList<string> UnquantizedModules);
