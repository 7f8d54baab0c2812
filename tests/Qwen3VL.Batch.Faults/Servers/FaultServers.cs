using System.Collections.Concurrent;
using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Migrations;
using Qwen3VL.TestKit.Servers;

namespace Qwen3VL.Batch.Faults.Servers;

/// <summary>
/// A PostgreSQL and a RabbitMQ for a run of the suite. Scenarios share them, each in a database and a virtual host of its own; one that kills a
/// server runs alone.
/// </summary>
internal sealed class FaultServers : IAsyncDisposable
{
    private const int HostsAtOnce = 24;

    private readonly ConcurrentQueue<string> _hosts = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private string _template = "";
    private int _hostsMade;

    private FaultServers(PrivatePostgres postgres, PrivateRabbitMq broker)
    {
        Postgres = postgres;
        Broker = broker;
    }

    /// <summary>The database server.</summary>
    public PrivatePostgres Postgres { get; }

    /// <summary>The broker.</summary>
    public PrivateRabbitMq Broker { get; }

    /// <summary>Starts both and applies the migrations to a template.</summary>
    public static async Task<FaultServers> StartAsync()
    {
        Task<PrivateRabbitMq> broker = PrivateRabbitMq.StartAsync();
        PrivatePostgres postgres = await PrivatePostgres.StartAsync();
        var servers = new FaultServers(postgres, await broker);
        string template = await postgres.CreateDatabaseAsync();
        _ = await new MigrationRunner(template, TimeProvider.System).ApplyAsync(null, CancellationToken.None);
        servers._template = new NpgsqlConnectionStringBuilder(template).Database ?? "";
        return servers;
    }

    /// <summary>A database with the schema; returns its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        await _gate.WaitAsync();
        try
        {
            return await Postgres.CreateDatabaseAsync(_template);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>A database without the schema.</summary>
    public Task<string> CreateEmptyDatabaseAsync() => Postgres.CreateDatabaseAsync();

    /// <summary>The broker with a fresh virtual host.</summary>
    public async Task<BrokerOptions> CreateVirtualHostAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (_hosts.IsEmpty)
            {
                await MakeHostsAsync();
            }
        }
        finally
        {
            _gate.Release();
        }

        return _hosts.TryDequeue(out string? host)
            ? new BrokerOptions { Host = Broker.Host, Port = Broker.Port, VirtualHost = host, User = Broker.User, Password = Broker.Password }
            : throw new InvalidOperationException("a virtual host must be left; got none");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await Postgres.DisposeAsync();
        _gate.Dispose();
    }

    // Many by one call: each call of the tool starts an Erlang machine, which takes longer than all the hosts.
    private async Task MakeHostsAsync()
    {
        string[] names = [.. Enumerable.Range(_hostsMade + 1, HostsAtOnce).Select(number => string.Create(CultureInfo.InvariantCulture, $"faults-{number}"))];
        _hostsMade += names.Length;
        string list = string.Join(", ", names.Select(name => $"<<\"{name}\">>"));
        string user = $"<<\"{Broker.User}\">>";
        string all = "<<\".*\">>";
        await Broker.ControlAsync(
            "eval",
            $"[begin ok = rabbit_vhost:add(H, {user}), ok = rabbit_auth_backend_internal:set_permissions({user}, H, {all}, {all}, {all}, {user}) end || H <- [{list}]].");
        foreach (string name in names)
        {
            _hosts.Enqueue(name);
        }
    }
}
