using Qwen3VL.Conformance.Models;

namespace Qwen3VL.Conformance.Folders;

/// <summary>Checkpoints of one folder's run, each loaded once. A checkpoint that the engine refuses is refused for every case with the same error.</summary>
internal sealed class LoadedModels(GoldenContext context) : IDisposable
{
    private readonly Dictionary<string, Lazy<LoadedModel>> _models = new(StringComparer.Ordinal);

    /// <summary>The checkpoint in a folder, with the adapter in another one if there is one; always the same one. Owned by this.</summary>
    public LoadedModel Get(string folder, string? adapterFolder = null)
    {
        if (!_models.TryGetValue(folder, out Lazy<LoadedModel>? model))
        {
            model = new Lazy<LoadedModel>(() => LoadedModel.Load(folder, adapterFolder, context.CreateBackend()));
            _models.Add(folder, model);
        }

        return model.Value;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Lazy<LoadedModel> model in _models.Values.Where(model => model.IsValueCreated))
        {
            model.Value.Dispose();
        }
    }
}
