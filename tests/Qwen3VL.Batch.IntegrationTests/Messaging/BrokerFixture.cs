using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Servers;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Messaging;

/// <summary>A broker, and the worker's messaging over it with a ledger in memory.</summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    private PrivateRabbitMq? _server;
    private IHost? _host;

    internal PrivateRabbitMq Server => _server ?? throw new InvalidOperationException("the fixture must be started");

    internal BrokerOptions Options => new() { Host = Server.Host, Port = Server.Port, VirtualHost = Server.VirtualHost, User = Server.User, Password = Server.Password };

    internal CommandLedger Ledger { get; } = new();

    internal MemoryOutbox Outbox { get; } = new();

    internal MemoryDeadLetters DeadLetters { get; } = new();

    internal WakeUp WakeUp => Services.GetRequiredService<WakeUp>();

    internal IServiceProvider Services => (_host ?? throw new InvalidOperationException("the fixture must be started")).Services;

    public async Task InitializeAsync()
    {
        _server = await PrivateRabbitMq.StartAsync();
        await StartHostAsync();
    }

    /// <summary>Starts the fixture's own worker again after <see cref="StopHostAsync"/>.</summary>
    internal async Task StartHostAsync()
    {
        _host = BuildHost();
        await StartAsync(_host);
    }

    /// <summary>Starts a worker and waits until it consumes: a bus that is stopped before it has begun goes on beginning.</summary>
    internal static async Task StartAsync(IHost host)
    {
        await host.StartAsync();
        var bus = host.Services.GetRequiredService<IBusControl>();
        await Eventually.TrueAsync(() => Task.FromResult(bus.CheckHealth().Status == BusHealthStatus.Healthy), TimeSpan.FromSeconds(60), "a bus that is well");
    }

    /// <summary>Stops the fixture's own worker: a test goes on with others.</summary>
    internal async Task StopHostAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
            _host = null;
        }
    }

    public async Task DisposeAsync()
    {
        await StopHostAsync();

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>The messaging of one worker; the caller starts and stops it.</summary>
    internal IHost BuildHost() => BuildHost(options => options);

    /// <summary>The same with other options.</summary>
    internal IHost BuildHost(Func<BrokerOptions, BrokerOptions> change) => BuildHost(change, _ => { });

    /// <summary>The same with other services: those that come last are taken.</summary>
    internal IHost BuildHost(Func<BrokerOptions, BrokerOptions> change, Action<IServiceCollection> more) => BuildHost(change(Options), more);

    /// <summary>The same on another broker.</summary>
    internal IHost BuildHost(BrokerOptions options) => BuildHost(options, _ => { });

    private IHost BuildHost(BrokerOptions options, Action<IServiceCollection> more)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new PlanningOptions());
        builder.Services.AddSingleton<IJobLedger>(Ledger);
        builder.Services.AddSingleton<IOutbox>(Outbox);
        builder.Services.AddSingleton<LedgerRetry>();
        builder.Services.AddSingleton<BatchMetrics>();
        builder.Services.AddSingleton<ProcessExit>();
        builder.Services.AddSingleton<IDeadLetters>(DeadLetters);
        builder.Services.AddSingleton(new BrokerWatchOptions { Interval = TimeSpan.FromSeconds(1), LostAfter = TimeSpan.FromMinutes(3) });
        builder.Services.AddMessaging(options);
        more(builder.Services);
        return builder.Build();
    }
}
