using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;
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

    internal WakeUp WakeUp => (_host ?? throw new InvalidOperationException("the fixture must be started")).Services.GetRequiredService<WakeUp>();

    public async Task InitializeAsync()
    {
        _server = await PrivateRabbitMq.StartAsync();
        _host = BuildHost();
        await _host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            _host.Dispose();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    /// <summary>The messaging of one worker; the caller starts and stops it.</summary>
    internal IHost BuildHost()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddSimpleConsole().SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(new PlanningOptions());
        builder.Services.AddSingleton<IJobLedger>(Ledger);
        builder.Services.AddSingleton<IOutbox>(Outbox);
        builder.Services.AddSingleton<LedgerRetry>();
        builder.Services.AddSingleton<BatchMetrics>();
        builder.Services.AddMessaging(Options);
        return builder.Build();
    }
}
