using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Engine;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Builds and runs the worker process.</summary>
internal static class WorkerHost
{
    // Four of the keep-alives that the client sends by itself: a process that loads its model for minutes is not silent.
    private static readonly TimeSpan QuarantineSilence = TimeSpan.FromSeconds(60);

    /// <summary>Time after the grace: settle what did not end, flush the outbox, stop the bus.</summary>
    internal static readonly TimeSpan StopReserve = TimeSpan.FromSeconds(60);

    /// <summary>Runs until the token ends it; chunks in flight are finished or given back first.</summary>
    /// <param name="overrides">Settings from the command line, keys like <c>Worker:Slots</c>.</param>
    /// <param name="cancellationToken">Asks for an orderly stop: the entry point fires it on SIGTERM and SIGINT.</param>
    /// <returns>The process's exit code: 0 after an orderly stop, 1 when the worker stopped by itself.</returns>
    /// <exception cref="SettingsException">Configuration cannot work.</exception>
    /// <exception cref="CheckpointException">The model cannot be loaded.</exception>
    /// <exception cref="Migrations.MigrationException">The schema is not one that this program knows.</exception>
    public static Task<int> RunAsync(IReadOnlyDictionary<string, string?> overrides, CancellationToken cancellationToken) =>
        RunAsync(overrides, WorkerParts.Product, cancellationToken);

    /// <summary>The same worker with parts of it exchanged; <see cref="WorkerParts.Product"/> is what the program runs.</summary>
    public static Task<int> RunAsync(IReadOnlyDictionary<string, string?> overrides, WorkerParts parts, CancellationToken cancellationToken) =>
        RunAsync(overrides, parts, supervised: false, cancellationToken);

    /// <summary>
    /// A worker of the quarantine lane, started by another worker (<see cref="QuarantineProcess"/>): it ends also when standard input does, and
    /// when the lane has been empty for a while.
    /// </summary>
    public static async Task<int> RunSupervisedAsync(IReadOnlyDictionary<string, string?> overrides, WorkerParts parts, CancellationToken cancellationToken)
    {
        using ParentWatch parent = ParentWatch.Start(Console.OpenStandardInput());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(parent.Gone, cancellationToken);
        return await RunAsync(overrides, parts, supervised: true, stop.Token).ConfigureAwait(false);
    }

    /// <summary>The same, saying whether another worker started this one; standard input is not looked at.</summary>
    internal static async Task<int> RunAsync(
        IReadOnlyDictionary<string, string?> overrides, WorkerParts parts, bool supervised, CancellationToken cancellationToken)
    {
        Settings settings = Settings.Load(overrides, SettingsSections.All);
        using ILoggerFactory loggers = LoggerFactory.Create(logging => Configure(logging, settings));
        if (!settings.Worker.IsQuarantine)
        {
            return await ServeAsync(settings, parts, loggers, cancellationToken).ConfigureAwait(false);
        }

        // One group and one chunk of it at a time: when this process dies, what killed it is known.
        settings = settings with { Worker = settings.Worker with { Slots = 1, ChunksAtOnce = 1, ReservedSlots = 0 } };
        if (supervised)
        {
            return await ServeQuarantineOnceAsync(settings, parts, loggers, cancellationToken).ConfigureAwait(false);
        }

        ILogger logger = loggers.CreateLogger(typeof(QuarantineGate));
        int exitCode;
        do
        {
            try
            {
                await SchemaGate.PassAsync(settings, TimeProvider.System, logger, cancellationToken).ConfigureAwait(false);
                _ = await QuarantineGate.PassAsync(settings, Timeout.InfiniteTimeSpan, TimeProvider.System, logger, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return 0;
            }

            exitCode = await ServeAsync(settings, parts, loggers, cancellationToken).ConfigureAwait(false);
        }
        while (exitCode == 0 && !cancellationToken.IsCancellationRequested);

        return exitCode;
    }

    /// <summary>
    /// A child's life: it ends at once when another worker's child is there, and when the lane stays empty. Claims need no lock to be right; it only
    /// keeps the children of many workers from each loading the model for the same group. Who loses it with the server goes on: by then its row
    /// among the workers keeps others from starting.
    /// </summary>
    private static async Task<int> ServeQuarantineOnceAsync(Settings settings, WorkerParts parts, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ILogger logger = loggers.CreateLogger(typeof(QuarantineGate));
        NpgsqlDataSource sessions = LedgerDataSource.CreateUnpooled(settings.Database);
        await using (sessions.ConfigureAwait(false))
        {
            SessionLock? place = null;
            try
            {
                try
                {
                    await SchemaGate.PassAsync(settings, TimeProvider.System, logger, cancellationToken).ConfigureAwait(false);
                    place = await SessionLock.TryTakeAsync(sessions, AdvisoryLocks.Quarantine, QuarantineSilence, cancellationToken).ConfigureAwait(false);
                    if (place is null)
                    {
                        logger.QuarantineTaken();
                        return 0;
                    }

                    TimeSpan limit = QuarantineIdle.Limit(settings.Worker);
                    if (!await QuarantineGate.PassAsync(settings, limit, TimeProvider.System, logger, cancellationToken).ConfigureAwait(false))
                    {
                        logger.QuarantineIdle(limit.TotalSeconds);
                        return 0;
                    }
                }
                catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                {
                    return 0;
                }

                return await ServeAsync(settings, parts, loggers, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                if (place is not null)
                {
                    await place.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
    }

    private static async Task<int> ServeAsync(Settings settings, WorkerParts parts, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        IInferenceEngine? engine = null;
        bool abandoned = false;
        try
        {
            try
            {
                engine = parts.LoadEngine(settings, loggers, cancellationToken);
                await SchemaGate.PassAsync(settings, TimeProvider.System, loggers.CreateLogger(typeof(SchemaGate)), cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return 0;
            }

            (int exitCode, abandoned) = await RunHostAsync(settings, engine, parts, cancellationToken).ConfigureAwait(false);
            return exitCode;
        }
        finally
        {
            if (engine is not null && !abandoned)
            {
                await engine.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Runs the host to its end, or leaves it as it is when its engine hangs: disposing either would wait for ever.</summary>
    private static async Task<(int ExitCode, bool Abandoned)> RunHostAsync(
        Settings settings, IInferenceEngine engine, WorkerParts parts, CancellationToken cancellationToken)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        Configure(builder.Logging, settings);
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(settings.Worker.GraceSeconds) + StopReserve);
        builder.Services.AddWorker(settings, engine);
        parts.Exchange(builder.Services);
        IHost host = builder.Build();
        ProcessExit exit = host.Services.GetRequiredService<ProcessExit>();
        try
        {
            BackgroundService[] services = [.. host.Services.GetServices<IHostedService>().OfType<BackgroundService>()];

            // At once, and not when the host gets round to it: decoders may be ended by the same signal.
            using CancellationTokenRegistration draining = cancellationToken.Register(host.Services.GetRequiredService<DrainSignal>().Begin);
            Task running = host.RunAsync(cancellationToken);
            await (await Task.WhenAny(running, exit.Abandoned).ConfigureAwait(false)).ConfigureAwait(false);

            // A service that failed has stopped the host; an orderly end it was not.
            int exitCode = services.Any(service => service.ExecuteTask is { IsFaulted: true }) ? 1 : exit.Code;
            return (exitCode, exit.Abandoned.IsCompleted);
        }
        finally
        {
            if (!exit.Abandoned.IsCompleted)
            {
                host.Dispose();
            }
        }
    }

    private static void Configure(ILoggingBuilder logging, Settings settings)
    {
        logging.AddConfiguration(settings.Configuration.GetSection("Logging"));
        logging.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.UseUtcTimestamp = true;
            options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
    }
}
