using Qwen3VL.Engine;
using Qwen3VL.Engine.Cpu;
using Qwen3VL.Engine.Diagnostics;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Chooses the engine that the settings ask for. The one place that knows which engines there are.</summary>
internal static class EngineFactory
{
    /// <summary>Loads the model and starts the engine; the caller owns it.</summary>
    /// <exception cref="ArgumentException">An option cannot work; names it.</exception>
    /// <exception cref="CheckpointException">The folder is not a model that this engine runs.</exception>
    /// <exception cref="InsufficientMemoryException">The machine has no room.</exception>
    public static LlmEngine Load(Settings settings, TimeProvider time, IEngineLog? log, CancellationToken cancellationToken)
    {
        var backend = new CpuBackend(settings.Cpu);
        try
        {
            return LlmEngine.Load(settings.Engine, backend, time, log, cancellationToken);
        }
        catch
        {
            // The engine owns the backend only once it is loaded.
            backend.Dispose();
            throw;
        }
    }
}
