using Qwen3VL.Batch.Messaging;
using Qwen3VL.TestKit.Servers;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.EndToEnd;

/// <summary>A broker and a database server for all end-to-end tests; each test has a database of its own and the broker to itself.</summary>
public sealed class EndToEndServers : IAsyncLifetime
{
    /// <summary>Name of the collection: its tests run one after the other.</summary>
    public const string Collection = "end to end";

    private PrivateRabbitMq? _broker;
    private PrivatePostgres? _postgres;

    /// <summary>What the long document says when nothing goes wrong; see <see cref="UndisturbedRun"/>.</summary>
    internal IReadOnlyList<string> UndisturbedTexts { get; private set; } = [];

    internal PrivateRabbitMq Broker => _broker ?? throw new InvalidOperationException("the servers must be started");

    internal PrivatePostgres Postgres => _postgres ?? throw new InvalidOperationException("the servers must be started");

    internal BrokerOptions BrokerOptions => new() { Host = Broker.Host, Port = Broker.Port, VirtualHost = Broker.VirtualHost, User = Broker.User, Password = Broker.Password };

    public async Task InitializeAsync()
    {
        Task<PrivateRabbitMq> broker = PrivateRabbitMq.StartAsync();
        _postgres = await PrivatePostgres.StartAsync();
        _broker = await broker;

        // Before any test: commands go to whichever worker listens, and a test's worker must not take this one.
        UndisturbedTexts = await UndisturbedRun.TextsAsync(this);
    }

    public async Task DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }
}
