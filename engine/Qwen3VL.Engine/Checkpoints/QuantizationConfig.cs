namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// The <c>quantization_config</c> of an FP8 checkpoint (spec 2.6): 8-bit floats with one 32-bit scale for each block of a weight. Which
/// tensors are quantised is decided by their data type; the list of those that are not serves errors only, because its spellings differ.
/// </summary>
/// <param name="BlockRows">Rows of a block, in the order in which the tensor is stored.</param>
/// <param name="BlockColumns">Columns of a block, likewise.</param>
/// <param name="UnquantizedModules"><c>ignored_layers</c> or <c>modules_to_not_convert</c>: modules stored in another type.</param>
public sealed record QuantizationConfig(int BlockRows, int BlockColumns, IReadOnlyList<string> UnquantizedModules)
{
    private const string ModelPrefix = "model.";

    /// <summary>Whether a tensor belongs to a module that the list names, with or without <c>model.</c> in front, or to a part of it.</summary>
    internal bool LeavesAlone(string tensor) => UnquantizedModules.Any(module => Contains(WithoutModel(module), WithoutModel(tensor)));

    private static bool Contains(string module, string tensor) =>
        tensor.StartsWith(module, StringComparison.Ordinal) && (tensor.Length == module.Length || tensor[module.Length] == '.');

    private static string WithoutModel(string name) => name.StartsWith(ModelPrefix, StringComparison.Ordinal) ? name[ModelPrefix.Length..] : name;
}
