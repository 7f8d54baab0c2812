namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// A LoRA adapter folder as PEFT saves it: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>. Which layers it changes is told by
/// the tensors present. Used while a model loads; owns the open file.
/// </summary>
internal sealed class LoraAdapter : IDisposable
{
    /// <summary>Name of the weight file inside the folder.</summary>
    internal const string WeightFileName = "adapter_model.safetensors";

    private const string Prefix = "base_model.model.";
    private const string ReduceSuffix = ".lora_A.weight";
    private const string ExpandSuffix = ".lora_B.weight";

    private readonly LoraConfig _config;
    private readonly SafetensorsFile _file;

    // Modules with a tensor that no layer has taken yet.
    private readonly HashSet<string> _unused = [];

    private LoraAdapter(LoraConfig config, SafetensorsFile file)
    {
        _config = config;
        _file = file;
    }

    /// <summary>Opens an adapter; the caller disposes it.</summary>
    /// <exception cref="CheckpointException">A file is missing or wrong, or the adapter is of a kind that is not supported.</exception>
    internal static LoraAdapter Open(string folder)
    {
        LoraConfig config = LoraConfig.Read(folder);
        SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, WeightFileName));
        var adapter = new LoraAdapter(config, file);
        try
        {
            adapter.ListModules();
            return adapter;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Files that decide what the adapter computes.</summary>
    internal static IEnumerable<string> ListFiles(string folder) => [Path.Combine(folder, LoraConfig.FileName), Path.Combine(folder, WeightFileName)];

    /// <summary>Reads the factors of a module: A <c>[rank, columns]</c> and B times the scale <c>[rows, rank]</c>.</summary>
    /// <returns>Null when the adapter leaves the module alone.</returns>
    /// <exception cref="CheckpointException">A factor is missing, has another shape or is not finite; names file and tensor.</exception>
    internal (float[] Reduce, float[] Expand, int Rank)? Read(string module, int rows, int columns)
    {
        string? name = WeightMap.ModuleSpellings(module).FirstOrDefault(_unused.Contains);
        if (name is null)
        {
            return null;
        }

        _unused.Remove(name);
        int rank = _config.RankOf(name);
        float[] reduce = ReadFactor(Prefix + name + ReduceSuffix, rank, columns);
        float[] expand = ReadFactor(Prefix + name + ExpandSuffix, rows, rank);
        float scale = (float)_config.ScaleOf(name);
        for (int i = 0; i < expand.Length; i++)
        {
            expand[i] *= scale;
        }

        if (!Array.TrueForAll(expand, float.IsFinite))
        {
            throw new CheckpointException(
                $"{_file.Path}: values of {ConfigSection.Shown(Prefix + name + ExpandSuffix)} times the scale of {LoraConfig.FileName} must be finite; got others");
        }

        return (reduce, expand, rank);
    }

    /// <summary>Checks, when the whole model is loaded, that every tensor of the adapter has found its layer.</summary>
    /// <exception cref="CheckpointException">One has not.</exception>
    internal void CheckAllUsed()
    {
        if (_unused.Count > 0)
        {
            throw new CheckpointException($"{_file.Path}: every module must be a linear layer of the model; got {ConfigSection.Shown(_unused.Order(StringComparer.Ordinal).First())}");
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private void ListModules()
    {
        foreach (string tensor in _file.Entries.Keys)
        {
            string? suffix = tensor.EndsWith(ReduceSuffix, StringComparison.Ordinal) ? ReduceSuffix
                : tensor.EndsWith(ExpandSuffix, StringComparison.Ordinal) ? ExpandSuffix
                : null;
            if (suffix is null || !tensor.StartsWith(Prefix, StringComparison.Ordinal) || tensor.Length <= Prefix.Length + suffix.Length)
            {
                throw new CheckpointException(
                    $"{_file.Path}: tensors must be named {Prefix}MODULE{ReduceSuffix} or {ExpandSuffix}; got {ConfigSection.Shown(tensor)}");
            }

            _unused.Add(tensor[Prefix.Length..^suffix.Length]);
        }

        if (_unused.Count == 0)
        {
            throw new CheckpointException($"{_file.Path} must hold the factors of at least one layer; got none");
        }
    }

    private float[] ReadFactor(string name, int rows, int columns)
    {
        if (!_file.Entries.TryGetValue(name, out SafetensorsEntry? entry))
        {
            throw new CheckpointException($"{_file.Path} must hold tensor {ConfigSection.Shown(name)}; got only the other factor");
        }

        if (entry.Shape.Count != 2 || entry.Shape[0] != rows || entry.Shape[1] != columns)
        {
            throw new CheckpointException(
                $"{_file.Path}: {ConfigSection.Shown(name)} must have shape [{rows}, {columns}]; got [{string.Join(", ", entry.Shape)}]");
        }

        if (entry.Length > Array.MaxLength)
        {
            throw new CheckpointException($"{_file.Path}: {ConfigSection.Shown(name)} must have at most {Array.MaxLength} values; got {entry.Length}");
        }

        var values = new float[rows * columns];
        _file.ReadFloats(entry, 0, values);
        return Array.TrueForAll(values, float.IsFinite)
            ? values
            : throw new CheckpointException($"{_file.Path}: values of {ConfigSection.Shown(name)} must be finite; got others");
    }
}
