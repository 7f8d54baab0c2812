using System.Diagnostics.CodeAnalysis;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// Finds tensors of a checkpoint under the released names and the spellings that circulate (spec 2.3): prefixes with and without
/// <c>model.</c>, <c>language_model.model.</c>, and a head below <c>language_model.</c>, and split queries, keys and values of the vision tower.
/// </summary>
/// <param name="index">The checkpoint; owned by the caller.</param>
internal sealed class WeightMap(CheckpointIndex index)
{
    private const string LanguagePrefix = "model.language_model.";
    private const string VisionPrefix = "model.visual.";
    private const string HeadName = "lm_head.weight";
    private const string PackedAttention = ".attn.qkv.";

    private static readonly string[] SplitAttention = [".attn.q.", ".attn.k.", ".attn.v."];

    /// <summary>Finds a tensor by its released name or a variant of it.</summary>
    internal bool TryFind(string name, [NotNullWhen(true)] out SafetensorsFile? file, [NotNullWhen(true)] out SafetensorsEntry? entry)
    {
        foreach (string spelling in Spellings(name))
        {
            if (index.TryFind(spelling, out file, out entry))
            {
                return true;
            }
        }

        file = null;
        entry = null;
        return false;
    }

    /// <summary>
    /// Reads a whole tensor as 32-bit floats, row-major. The last dimensions may be folded: a tensor of more dimensions with the same first
    /// dimension and the same number of values counts as <c>[rows, columns]</c>.
    /// </summary>
    /// <exception cref="CheckpointException">There is no such tensor, or it has another shape.</exception>
    internal void Read(string name, int rows, int columns, Span<float> destination)
    {
        if (!TryFind(name, out SafetensorsFile? file, out SafetensorsEntry? entry))
        {
            if (name.Contains(PackedAttention, StringComparison.Ordinal))
            {
                ReadSplitAttention(name, rows, columns, destination);
                return;
            }

            throw new CheckpointException($"{index.Folder} must hold tensor {name}; got {index.TensorNames.Count} tensors without it");
        }

        long firstDimension = entry.Shape.Count == 1 ? 1 : entry.Shape.FirstOrDefault(1);
        if (firstDimension != rows || entry.Length != (long)rows * columns)
        {
            throw new CheckpointException($"{file.Path}: {name} must have shape [{rows}, {columns}]; got [{string.Join(", ", entry.Shape)}]");
        }

        file.ReadFloats(entry, 0, destination[..checked((int)entry.Length)]);
    }

    // The vision tower's queries, keys and values as three tensors: they stand behind each other in the packed one. A packed bias is a vector.
    private void ReadSplitAttention(string name, int rows, int columns, Span<float> destination)
    {
        (int partRows, int partColumns) = rows == 1 ? (1, columns / 3) : (rows / 3, columns);
        int length = checked(partRows * partColumns);
        for (int part = 0; part < SplitAttention.Length; part++)
        {
            string partName = name.Replace(PackedAttention, SplitAttention[part], StringComparison.Ordinal);
            Read(partName, partRows, partColumns, destination.Slice(part * length, length));
        }
    }

    private static IEnumerable<string> Spellings(string name)
    {
        yield return name;
        if (name.StartsWith(LanguagePrefix, StringComparison.Ordinal))
        {
            yield return name["model.".Length..];
            yield return "language_model.model." + name[LanguagePrefix.Length..];
        }
        else if (name.StartsWith(VisionPrefix, StringComparison.Ordinal))
        {
            yield return name["model.".Length..];
        }
        else if (name == HeadName)
        {
            yield return "language_model." + HeadName;
            yield return "model." + HeadName;
        }
    }
}
