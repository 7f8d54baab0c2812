using System.Diagnostics.CodeAnalysis;

namespace Qwen3VL.Engine.Checkpoints;

/// <summary>
/// All tensors of a model folder: one <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names. Owns the open
/// files.
/// </summary>
internal sealed class CheckpointIndex : IDisposable
{
    /// <summary>Name of the only file of an unsharded checkpoint.</summary>
    internal const string SingleFileName = "model.safetensors";

    /// <summary>Name of the index of a sharded checkpoint.</summary>
    internal const string IndexFileName = "model.safetensors.index.json";

    // An index names every tensor: the largest checkpoint of the family, its experts one by one, has a tenth of it.
    private const long MaxIndexBytes = 64L << 20;

    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<string, SafetensorsFile> _fileOfTensor = new(StringComparer.Ordinal);

    private CheckpointIndex(string folder) => Folder = folder;

    /// <summary>The model folder.</summary>
    internal string Folder { get; }

    /// <summary>Path of the file that says which tensors there are: the index, or the only file.</summary>
    internal string Source { get; private set; } = string.Empty;

    /// <summary>Bytes of all tensors.</summary>
    internal long TotalBytes => _fileOfTensor.Sum(pair => pair.Value.Entries[pair.Key].SizeBytes);

    /// <summary>Names of all tensors.</summary>
    internal IReadOnlyCollection<string> TensorNames => _fileOfTensor.Keys;

    /// <summary>Opens the weight files of a folder and checks their headers.</summary>
    /// <exception cref="CheckpointException">A file is missing or wrong, or lacks a tensor that the index puts there.</exception>
    internal static CheckpointIndex Open(string folder)
    {
        var index = new CheckpointIndex(folder);
        try
        {
            index.OpenFiles();
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>Paths of the weight files of a folder, sorted, without opening them.</summary>
    /// <exception cref="CheckpointException">The index is wrong.</exception>
    internal static IReadOnlyList<string> ListFiles(string folder) =>
        ReadWeightMap(folder) is { } weightMap
            ? weightMap.Values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(name => Path.Combine(folder, name)).ToList()
            : [Path.Combine(folder, SingleFileName)];

    /// <summary>Finds a tensor by its exact name.</summary>
    internal bool TryFind(string name, [NotNullWhen(true)] out SafetensorsFile? file, [NotNullWhen(true)] out SafetensorsEntry? entry)
    {
        entry = null;
        return _fileOfTensor.TryGetValue(name, out file) && file.Entries.TryGetValue(name, out entry);
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        foreach (SafetensorsFile file in _files)
        {
            file.Dispose();
        }

        _files.Clear();
        _fileOfTensor.Clear();
    }

    private static Dictionary<string, string>? ReadWeightMap(string folder)
    {
        string path = Path.Combine(folder, IndexFileName);
        if (!File.Exists(path))
        {
            return null;
        }

        ConfigSection weightMap = ConfigSection.ReadFile(path, MaxIndexBytes).Section("weight_map");
        var fileOfTensor = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string tensor, string fileName) in weightMap.StringMembers())
        {
            // The index comes with the download: a name with a folder in it could reach any file of the machine.
            if (fileName.Length == 0 || fileName is "." or ".." || fileName.AsSpan().ContainsAny('/', '\\', '\0') || Path.IsPathRooted(fileName))
            {
                throw weightMap.Wrong(tensor, "the name of a file in the model folder", fileName);
            }

            if (!fileOfTensor.TryAdd(tensor, fileName))
            {
                throw weightMap.Wrong(tensor, "named once", "it twice");
            }
        }

        return fileOfTensor;
    }

    private void OpenFiles()
    {
        Dictionary<string, string>? weightMap = ReadWeightMap(Folder);
        Source = Path.Combine(Folder, weightMap is null ? SingleFileName : IndexFileName);
        if (weightMap is null)
        {
            SafetensorsFile single = OpenFile(SingleFileName);
            foreach (string tensor in single.Entries.Keys)
            {
                _fileOfTensor.Add(tensor, single);
            }

            return;
        }

        var byName = new Dictionary<string, SafetensorsFile>(StringComparer.Ordinal);
        foreach ((string tensor, string fileName) in weightMap)
        {
            if (!byName.TryGetValue(fileName, out SafetensorsFile? file))
            {
                file = OpenFile(fileName);
                byName.Add(fileName, file);
            }

            if (!file.Entries.ContainsKey(tensor))
            {
                throw new CheckpointException(
                    $"{file.Path} must hold {ConfigSection.Shown(tensor)} as {IndexFileName} says; got {file.Entries.Count} other tensors");
            }

            _fileOfTensor[tensor] = file;
        }

        RefuseUnnamed();
    }

    // Readers of the family differ in which copy of a tensor wins, so none may have a second one elsewhere; and in whether they read what
    // the index does not name.
    private void RefuseUnnamed()
    {
        foreach (SafetensorsFile file in _files)
        {
            foreach (string tensor in file.Entries.Keys)
            {
                if (_fileOfTensor.TryGetValue(tensor, out SafetensorsFile? owner) && !ReferenceEquals(owner, file))
                {
                    throw new CheckpointException(
                        $"{file.Path} must not hold {ConfigSection.Shown(tensor)}, which {IndexFileName} puts in " +
                        $"{ConfigSection.Shown(Path.GetFileName(owner.Path))}; got a copy");
                }

                if (owner is null && !WeightMap.IsDerived(tensor))
                {
                    throw new CheckpointException($"{file.Path} must hold only tensors that {IndexFileName} names; got {ConfigSection.Shown(tensor)}");
                }
            }
        }
    }

    private SafetensorsFile OpenFile(string fileName)
    {
        SafetensorsFile file = SafetensorsFile.Open(Path.Combine(Folder, fileName));
        _files.Add(file);
        return file;
    }
}
