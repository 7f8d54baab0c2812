using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>What of a worker can be exchanged by whoever composes it: the fault suite runs the whole worker over another engine.</summary>
internal sealed record WorkerParts
{
    /// <summary>What the program runs: the engine of the settings, nothing exchanged.</summary>
    public static WorkerParts Product { get; } = new()
    {
        LoadEngine = static (settings, loggers, cancellationToken) =>
            EngineFactory.Load(settings, TimeProvider.System, new EngineLogAdapter(loggers.CreateLogger<LlmEngine>()), cancellationToken),
    };

    /// <summary>Makes the engine; the host disposes it.</summary>
    public required Func<Settings, ILoggerFactory, CancellationToken, IInferenceEngine> LoadEngine { get; init; }

    /// <summary>Runs after everything is registered.</summary>
    public Action<IServiceCollection> Exchange { get; init; } = static _ => { };
}
