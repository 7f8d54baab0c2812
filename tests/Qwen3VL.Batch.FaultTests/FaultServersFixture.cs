using Qwen3VL.Batch.Faults.Servers;
using Xunit;

namespace Qwen3VL.Batch.FaultTests;

/// <summary>The servers of this assembly's tests.</summary>
public sealed class FaultServersFixture : IAsyncLifetime
{
    public const string Collection = "fault servers";

    private FaultServers? _servers;

    internal FaultServers Servers => _servers ?? throw new InvalidOperationException("servers must be started first");

    public async Task InitializeAsync() => _servers = await FaultServers.StartAsync();

    public async Task DisposeAsync()
    {
        if (_servers is not null)
        {
            await _servers.DisposeAsync();
        }
    }

    [CollectionDefinition(Collection)]
    public sealed class Definition : ICollectionFixture<FaultServersFixture>;
}
