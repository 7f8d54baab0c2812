using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Qwen3VL.Batch.Faults;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.FaultWorker;

/// <summary>What this worker exchanges of the product's: the engine, the decoder, and taps before three interfaces. Owns the ledger file.</summary>
internal sealed class FaultComposition : IDisposable
{
    private readonly LedgerFile _ledger;

    private FaultComposition(LedgerFile ledger, WorkerParts parts)
    {
        _ledger = ledger;
        Parts = parts;
    }

    /// <summary>What the host is composed with.</summary>
    public WorkerParts Parts { get; }

    /// <summary>Reads <see cref="FaultVariables"/>.</summary>
    /// <exception cref="InvalidOperationException">The folder is not named.</exception>
    public static FaultComposition FromEnvironment(TimeProvider time)
    {
        var folder = new RunFolder(Variable(FaultVariables.Folder) ?? throw new InvalidOperationException($"{FaultVariables.Folder} must name the run's folder; got none"));
        var ledger = new LedgerFile(folder.LedgerOf(string.Create(CultureInfo.InvariantCulture, $"worker-{Environment.ProcessId}")), time);
        var points = new CrashPlan(ledger, Variable(FaultVariables.CrashAt), Variable(FaultVariables.PauseAt));
        string[] without = (Variable(FaultVariables.WithoutGuards) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
        int seed = int.Parse(Variable(FaultVariables.Seed) ?? "1", CultureInfo.InvariantCulture);
        var delay = TimeSpan.FromMilliseconds(double.Parse(Variable(FaultVariables.DelayMs) ?? "0", CultureInfo.InvariantCulture));
        bool isRealMedia = Variable(FaultVariables.Media) == "real";
        return new FaultComposition(ledger, new WorkerParts
        {
            LoadEngine = (_, _, _) => new FaultEngine(folder, ledger, seed, delay, time),
            Exchange = services =>
            {
                services.AddSingleton<ICrashPoints>(points);
                Decorate<IJobLedger>(services, (inner, provider) => CallTap.Wrap(inner, new LedgerObserver(
                    ledger,
                    points,
                    stopsWithLease: !without.Contains(Guard.LocalDeadline),
                    without.Contains(Guard.OutboxInTransaction) ? new LateEvents(provider.GetRequiredService<NpgsqlDataSource>()) : null)));
                Decorate<IChunkExecutor>(services, (inner, _) => CallTap.Wrap(inner, new ExecutorObserver(ledger, points)));
                Decorate<IOutbox>(services, (inner, _) => CallTap.Wrap(inner, new OutboxObserver(inner, points, !without.Contains(Guard.ConfirmWait))));
                if (!isRealMedia)
                {
                    services.AddSingleton<IMediaDecoder>(new SyntheticMediaDecoder());
                }
            },
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _ledger.Dispose();

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    // Whatever way the product registers it: the last registration is the one that is used.
    private static void Decorate<T>(IServiceCollection services, Func<T, IServiceProvider, T> wrap)
        where T : class
    {
        ServiceDescriptor product = services.Last(service => service.ServiceType == typeof(T));
        services.Remove(product);
        services.AddSingleton(provider => wrap((T)Make(product, provider), provider));
    }

    private static object Make(ServiceDescriptor product, IServiceProvider provider) =>
        product.ImplementationInstance
        ?? product.ImplementationFactory?.Invoke(provider)
        ?? ActivatorUtilities.CreateInstance(provider, product.ImplementationType ?? throw new InvalidOperationException($"{product.ServiceType.Name} must be registered by instance, factory or type"));
}
