using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Pipeline.Executors;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Puts the worker's parts together. Hosted services start in this order and stop in the reverse: the worker drains first, the bus goes last.</summary>
internal static class WorkerServices
{
    /// <summary>Registers everything over a loaded engine, which stays the caller's.</summary>
    public static IServiceCollection AddWorker(this IServiceCollection services, Settings settings, IInferenceEngine engine)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.AddSingleton(settings.Planning);
        services.AddSingleton(settings.Worker);
        services.AddSingleton(engine);

        services.AddSingleton<NpgsqlDataSource>(_ => LedgerDataSource.Create(settings.Database));
        services.AddSingleton<IJobLedger, PostgresJobLedger>();
        services.AddSingleton<IOutbox, PostgresOutbox>();
        services.AddSingleton(settings.Retention);
        services.AddSingleton<IPartitions, PostgresPartitions>();
        services.AddSingleton<IHousekeeping, PostgresHousekeeping>();
        services.AddSingleton<ISweepLeader>(_ => new PostgresSweepLeader(
            LedgerDataSource.CreateUnpooled(settings.Database), TimeSpan.FromSeconds(settings.Worker.LeaseSeconds)));
        services.AddSingleton<SweepDuties>();
        services.AddSingleton<IDeadLetters, PostgresDeadLetters>();

        services.AddSingleton<ISourceResolver>(provider => new SourceRouter(settings.Media, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IMediaDecoder>(provider => new MediaDecoder(settings.Media, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IJobPlanner, JobPlanner>();
        services.AddSingleton<IChunkExecutor, ChunkExecutor>();

        services.AddSingleton<BatchMetrics>();
        services.AddSingleton<DrainSignal>();
        services.AddSingleton<ProcessExit>();
        services.AddSingleton<WorkerActivity>();
        services.AddSingleton<WorkerRuntime>();
        services.AddSingleton<LedgerRetry>();
        services.AddSingleton<LeaseKeeper>();
        services.AddSingleton<PlanningRunner>();
        services.AddSingleton<SuspectGate>();
        services.AddSingleton<ChunkFailures>();
        services.AddSingleton<ChunkRunner>();
        services.AddSingleton<GroupSettler>();
        services.AddSingleton<GroupRunner>();

        services.AddSingleton<IQuarantine, PostgresQuarantine>();
        if (settings.Worker.IsQuarantine)
        {
            // No bus: a process that is expected to die takes no commands in. What it writes to the outbox the others send.
            services.AddSingleton<WakeUp>();
            services.AddSingleton<BrokerWatchOptions>();
            services.AddSingleton<BrokerStatus>();
            services.AddHostedService<QuarantineIdle>();
        }
        else
        {
            services.AddMessaging(settings.Broker);
            if (settings.Worker.Quarantine == QuarantineMode.Child)
            {
                services.AddSingleton(settings);
                services.AddSingleton<IQuarantineProcess, QuarantineProcess>();
                services.AddHostedService<QuarantineSupervisor>();
            }
        }

        services.AddHostedService<HealthServer>();
        services.AddHostedService<Sweeper>();
        services.AddHostedService<EngineWatchdog>();
        services.AddHostedService<WorkerLoop>();
        return services;
    }
}
