using System.Diagnostics.CodeAnalysis;
using Qwen3VL.Engine.Backends;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// Finds tensors of a checkpoint under the released names and the spellings that circulate (spec 2.3): prefixes with and without
/// <c>model.</c>, <c>language_model.model.</c>, and a head below <c>language_model.</c>, and split queries, keys and values of the vision tower.
/// </summary>
/// <param name="index">The checkpoint; owned by the caller.</param>
/// <param name="quantization">How its 8-bit tensors are scaled; null when it has none.</param>
internal sealed class WeightMap(CheckpointIndex index, QuantizationConfig? quantization = null)
{
    private const string LanguagePrefix = "model.language_model.";
    private const string VisionPrefix = "model.visual.";
    private const string HeadName = "lm_head.weight";
    private const string PackedAttention = ".attn.qkv.";

    private const string WeightSuffix = ".weight";
    private const string ScaleSuffix = "_scale_inv";
    private const int MaxNamedTensors = 8;

    // Tables that old releases of the reference saved; they follow from the configuration.
    private const string DerivedSuffix = ".rotary_emb.inv_freq";
    private const byte PositiveNaN = 0x7f;
    private const byte NegativeNaN = 0xff;

    private static readonly string[] SplitParts = [".attn.q.", ".attn.k.", ".attn.v."];

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly HashSet<string> _tolerated = new(StringComparer.Ordinal);

    /// <summary>Bytes of all tensors of the checkpoint.</summary>
    internal long TotalBytes => index.TotalBytes;

    /// <summary>Finds a tensor by its released name or a variant of it; it counts as used then.</summary>
    internal bool TryFind(string name, [NotNullWhen(true)] out SafetensorsFile? file, [NotNullWhen(true)] out SafetensorsEntry? entry)
    {
        foreach (string spelling in Spellings(name))
        {
            if (index.TryFind(spelling, out file, out entry))
            {
                _used.Add(spelling);
                return true;
            }
        }

        file = null;
        entry = null;
        return false;
    }

    /// <summary>Whether a tensor says nothing that the configuration does not say.</summary>
    internal static bool IsDerived(string name) => name.EndsWith(DerivedSuffix, StringComparison.Ordinal);

    /// <summary>Declares a tensor, with its scales, that a checkpoint may have and this model reads elsewhere.</summary>
    internal void Skip(string name)
    {
        if (TryFind(name, out _, out SafetensorsEntry? entry))
        {
            _used.Add(entry.Name + ScaleSuffix);
        }
    }

    /// <summary>Declares a module that a checkpoint may have and that changes no answer of this model.</summary>
    internal void Tolerate(string module)
    {
        foreach (string prefix in Spellings(module + "."))
        {
            _tolerated.UnionWith(index.TensorNames.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)));
        }
    }

    /// <summary>
    /// Refuses tensors that nothing has looked for: a layer beyond the configured ones, a bias that the network does not have, a second spelling
    /// or layout of a tensor. Whoever wrote them meant another model than the one that would answer.
    /// </summary>
    /// <returns>The unused tensors that change nothing: how many, and the names of the first, safe to show.</returns>
    /// <exception cref="CheckpointException">There are others; names the first and its file.</exception>
    internal (int Count, IReadOnlyList<string> FirstNames) CheckUnused()
    {
        string[] unused = index.TensorNames.Where(name => !_used.Contains(name)).Order(StringComparer.Ordinal).ToArray();
        string[] extra = unused.Where(name => !_tolerated.Contains(name) && !IsDerived(name)).ToArray();
        if (extra.Length > 0 && index.TryFind(extra[0], out SafetensorsFile? file, out _))
        {
            throw new CheckpointException(
                $"{file.Path} must hold only tensors of the model that {ModelConfigReader.FileName} describes; got {ConfigSection.Shown(extra[0])} " +
                $"and {extra.Length - 1} others");
        }

        return (unused.Length, unused.Take(MaxNamedTensors).Select(ConfigSection.Shown).ToArray());
    }

    /// <summary>
    /// A tensor as a matrix <c>[rows, columns]</c>, a vector as one row. The last dimensions may be folded: a tensor of more dimensions with
    /// the same first dimension and the same number of values counts as one.
    /// </summary>
    /// <exception cref="CheckpointException">There is no such tensor, or it has another shape, or a type that does not fit its scales.</exception>
    internal StoredWeight Matrix(string name, int rows, int columns)
    {
        if (!TryFind(name, out _, out _) && name.Contains(PackedAttention, StringComparison.Ordinal))
        {
            return SplitAttention(name, rows, columns);
        }

        (SafetensorsFile file, SafetensorsEntry entry) = Find(name);
        long firstDimension = entry.Shape.Count == 1 ? 1 : entry.Shape.FirstOrDefault(1);
        if (firstDimension != rows || entry.Length != (long)rows * columns)
        {
            throw new CheckpointException($"{file.Path}: {name} must have shape [{rows}, {columns}]; got [{string.Join(", ", entry.Shape)}]");
        }

        WeightType type = TypeOf(file, entry);
        var description = new WeightDescription(name, rows, columns, type);
        if (Scales(file, entry, [rows, columns]) is { } scales)
        {
            description = description with { Scales = new WeightScales(scales.Values, scales.Columns, scales.BlockRows, scales.BlockColumns) };
        }

        return new StoredWeight(description, (firstRow, destination) =>
        {
            file.ReadBytes(entry, firstRow * description.RowBytes, destination);
            CheckNumbers(type, destination, file, entry);
        });
    }

    /// <summary>The tensor under a released name or a variant of it.</summary>
    /// <exception cref="CheckpointException">There is none.</exception>
    internal (SafetensorsFile File, SafetensorsEntry Entry) Find(string name) =>
        TryFind(name, out SafetensorsFile? file, out SafetensorsEntry? entry)
            ? (file, entry)
            : throw new CheckpointException($"{index.Source} must hold tensor {name}; got {index.TensorNames.Count} tensors without it");

    /// <summary>The element type of a tensor that is a weight.</summary>
    /// <exception cref="CheckpointException">It holds no floats.</exception>
    internal static WeightType TypeOf(SafetensorsFile file, SafetensorsEntry entry) => entry.Type switch
    {
        SafetensorsType.Float32 => WeightType.F32,
        SafetensorsType.Float16 => WeightType.F16,
        SafetensorsType.BFloat16 => WeightType.BF16,
        SafetensorsType.Float8E4M3 => WeightType.F8E4M3,
        _ => throw new CheckpointException($"{file.Path}: dtype of {entry.Name} must be BF16, F16, F32 or F8_E4M3; got {entry.Type}"),
    };

    /// <summary>Refuses NaN among 8-bit floats: they are what a quantiser leaves when it fails, and no kernel looks for them.</summary>
    /// <exception cref="CheckpointException">There is one.</exception>
    internal static void CheckNumbers(WeightType type, ReadOnlySpan<byte> values, SafetensorsFile file, SafetensorsEntry entry)
    {
        if (type == WeightType.F8E4M3 && values.IndexOfAny(PositiveNaN, NegativeNaN) >= 0)
        {
            throw new CheckpointException($"{file.Path}: values of {entry.Name} must be numbers; got NaN");
        }
    }

    /// <summary>
    /// The scales of a tensor <c>[..., d1, d2]</c>: a grid of <c>[..., ceil(d1 / block rows), ceil(d2 / block columns)]</c>, or null for a tensor
    /// that is not quantised.
    /// </summary>
    /// <exception cref="CheckpointException">Type, scales and configuration contradict each other.</exception>
    internal ScaleGrid? Scales(SafetensorsFile file, SafetensorsEntry entry, IReadOnlyList<int> shape)
    {
        string name = entry.Name + ScaleSuffix;
        bool hasScales = index.TryFind(name, out SafetensorsFile? scaleFile, out SafetensorsEntry? scales);
        _used.Add(name);
        if (entry.Type != SafetensorsType.Float8E4M3)
        {
            // Scaled values in a wider type are written by nobody; whether the scale is in them already cannot be known.
            return !hasScales ? null : throw new CheckpointException($"{file.Path}: dtype of {entry.Name} must be F8_E4M3 as {name} says; got {entry.Type}");
        }

        if (quantization is null)
        {
            throw new CheckpointException($"{file.Path}: {entry.Name} must not be F8_E4M3 without quantization_config in {ModelConfigReader.FileName}; got none");
        }

        // A layer on the list of those left alone that has 8-bit values and scales all the same is what its data say.
        if (scaleFile is null || scales is null)
        {
            string reason = quantization.LeavesAlone(entry.Name) ? "none, and the layer is on the list of those not converted" : "none";
            throw new CheckpointException($"{file.Path}: {entry.Name} is F8_E4M3 and must have scales {name}; got {reason}");
        }

        int[] gridShape = [.. shape.SkipLast(2), (shape[^2] - 1) / quantization.BlockRows + 1, (shape[^1] - 1) / quantization.BlockColumns + 1];
        if (!scales.Shape.SequenceEqual(gridShape.Select(dimension => (long)dimension)))
        {
            throw new CheckpointException(
                $"{scaleFile.Path}: {name} must have shape [{string.Join(", ", gridShape)}]; got [{string.Join(", ", scales.Shape)}]");
        }

        if (scales.Length > Array.MaxLength)
        {
            throw new CheckpointException($"{scaleFile.Path}: {name} must have at most {Array.MaxLength} values; got {scales.Length}");
        }

        var values = new float[scales.Length];
        scaleFile.ReadFloats(scales, 0, values);
        return Array.TrueForAll(values, float.IsFinite)
            ? new ScaleGrid(values, gridShape[^1], quantization.BlockRows, quantization.BlockColumns)
            : throw new CheckpointException($"{scaleFile.Path}: values of {name} must be finite; got others");
    }

    // The vision tower's queries, keys and values as three tensors: their rows stand behind each other in the packed one.
    private StoredWeight SplitAttention(string name, int rows, int columns)
    {
        // A packed bias is a vector of three parts.
        (int partRows, int partColumns) = rows == 1 ? (1, columns / 3) : (rows / 3, columns);
        StoredWeight[] parts = SplitParts.Select(part => Matrix(PartName(name, part), partRows, partColumns)).ToArray();

        // Parts of different types meet as 32-bit floats.
        if (parts.Any(part => part.Description.Type != parts[0].Description.Type || part.Description.Scales is not null))
        {
            parts = parts.Select(WeightConversion.ToFloat32).ToArray();
        }

        var description = new WeightDescription(name, rows, columns, parts[0].Description.Type);
        if (rows == 1)
        {
            int partBytes = checked((int)parts[0].Description.RowBytes);
            return new StoredWeight(description, (_, destination) =>
            {
                for (int part = 0; part < parts.Length; part++)
                {
                    parts[part].Read(0, destination.Slice(part * partBytes, partBytes));
                }
            });
        }

        return new StoredWeight(description, (firstRow, destination) => ReadParts(parts, firstRow, destination));
    }

    private static void ReadParts(StoredWeight[] parts, int firstRow, Span<byte> destination)
    {
        int partRows = parts[0].Description.Rows;
        int rowBytes = checked((int)parts[0].Description.RowBytes);
        while (!destination.IsEmpty)
        {
            int row = firstRow % partRows;
            int rows = Math.Min(destination.Length / rowBytes, partRows - row);
            parts[firstRow / partRows].Read(row, destination[..(rows * rowBytes)]);
            destination = destination[(rows * rowBytes)..];
            firstRow += rows;
        }
    }

    private static string PartName(string name, string part) => name.Replace(PackedAttention, part, StringComparison.Ordinal);

    /// <summary>The released name of a module, for example <c>lm_head</c>, and its variants.</summary>
    internal static IEnumerable<string> ModuleSpellings(string module) => Spellings(module + WeightSuffix).Select(name => name[..^WeightSuffix.Length]);

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
