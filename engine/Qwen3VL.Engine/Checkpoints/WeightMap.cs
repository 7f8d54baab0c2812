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
    /// Checks that a tensor can be read as <c>[rows, columns]</c>. The last dimensions may be folded: a tensor of more dimensions with the same
    /// first dimension and the same number of values counts as one.
    /// </summary>
    /// <exception cref="CheckpointException">There is no such tensor, or it has another shape.</exception>
    internal void CheckShape(string name, int rows, int columns)
    {
        if (!TryFind(name, out _, out _) && name.Contains(PackedAttention, StringComparison.Ordinal))
        {
            (int partRows, int partColumns) = PartShape(rows, columns);
            foreach (string part in SplitAttention)
            {
                Find(PartName(name, part), partRows, partColumns);
            }
        }
        else
        {
            Find(name, rows, columns);
        }
    }

    /// <summary>Reads whole rows of a tensor as 32-bit floats, row-major; its shape is as <see cref="CheckShape"/> says.</summary>
    /// <param name="name">Released name.</param>
    /// <param name="rows">Rows of the tensor.</param>
    /// <param name="columns">Columns of the tensor.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="destination">As many rows as fit exactly.</param>
    /// <exception cref="CheckpointException">There is no such tensor, or it has another shape.</exception>
    internal void ReadRows(string name, int rows, int columns, int firstRow, Span<float> destination)
    {
        if (!TryFind(name, out _, out _) && name.Contains(PackedAttention, StringComparison.Ordinal))
        {
            ReadSplitAttention(name, (rows, columns), (long)firstRow * columns, destination);
            return;
        }

        (SafetensorsFile file, SafetensorsEntry entry) = Find(name, rows, columns);
        file.ReadFloats(entry, (long)firstRow * columns, destination);
    }

    private (SafetensorsFile File, SafetensorsEntry Entry) Find(string name, int rows, int columns)
    {
        if (!TryFind(name, out SafetensorsFile? file, out SafetensorsEntry? entry))
        {
            throw new CheckpointException($"{index.Folder} must hold tensor {name}; got {index.TensorNames.Count} tensors without it");
        }

        long firstDimension = entry.Shape.Count == 1 ? 1 : entry.Shape.FirstOrDefault(1);
        return firstDimension == rows && entry.Length == (long)rows * columns
            ? (file, entry)
            : throw new CheckpointException($"{file.Path}: {name} must have shape [{rows}, {columns}]; got [{string.Join(", ", entry.Shape)}]");
    }

    // The vision tower's queries, keys and values as three tensors: their values stand behind each other in the packed one.
    private void ReadSplitAttention(string name, (int Rows, int Columns) shape, long first, Span<float> destination)
    {
        (int partRows, int partColumns) = PartShape(shape.Rows, shape.Columns);
        long partLength = (long)partRows * partColumns;
        while (!destination.IsEmpty)
        {
            int part = checked((int)(first / partLength));
            (SafetensorsFile file, SafetensorsEntry entry) = Find(PartName(name, SplitAttention[part]), partRows, partColumns);
            long offset = first % partLength;
            int count = (int)Math.Min(destination.Length, partLength - offset);
            file.ReadFloats(entry, offset, destination[..count]);
            destination = destination[count..];
            first += count;
        }
    }

    private static string PartName(string name, string part) => name.Replace(PackedAttention, part, StringComparison.Ordinal);

    // A packed bias is a vector.
    private static (int Rows, int Columns) PartShape(int rows, int columns) => rows == 1 ? (1, columns / 3) : (rows / 3, columns);

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
