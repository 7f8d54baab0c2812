using Qwen3VL.Engine;
using Qwen3VL.Engine.Checkpoints;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Models;

namespace Qwen3VL.Conformance.Models;

/// <summary>A checkpoint on a backend. Owns both.</summary>
internal sealed class LoadedModel : IDisposable
{
    private LoadedModel(CpuBackend backend, Qwen3VLModel model)
    {
        Backend = backend;
        Model = model;
    }

    /// <summary>Where it runs.</summary>
    public CpuBackend Backend { get; }

    /// <summary>The network.</summary>
    public Qwen3VLModel Model { get; }

    /// <summary>Reads a checkpoint, and an adapter if there is one, onto a backend, which belongs to the result, also when this throws.</summary>
    /// <exception cref="CheckpointException">The engine refuses the checkpoint.</exception>
    public static LoadedModel Load(string folder, string? adapterFolder, CpuBackend backend)
    {
        try
        {
            return new LoadedModel(
                backend, Qwen3VLModel.Load(folder, adapterFolder, ModelConfig.Load(folder), backend, WeightStorage.Stored, CancellationToken.None));
        }
        catch
        {
            backend.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        Backend.Dispose();
    }
}
