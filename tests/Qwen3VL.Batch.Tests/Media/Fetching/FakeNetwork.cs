using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Qwen3VL.Batch.Media.Fetching;

namespace Qwen3VL.Batch.Tests.Media.Fetching;

/// <summary>Names with addresses of the test's choice, and addresses behind which a server of the test's stands on a loopback port.</summary>
internal sealed class FakeNetwork : INetwork
{
    private readonly SystemNetwork _system = new();
    private readonly Dictionary<string, IPAddress[]> _names = [];
    private readonly Dictionary<IPAddress, int> _ports = [];
    private readonly ConcurrentQueue<string> _lookups = new();
    private readonly ConcurrentQueue<IPEndPoint> _connections = new();

    public IReadOnlyList<string> Lookups => [.. _lookups];

    /// <summary>Addresses that were connected to, answered or not.</summary>
    public IReadOnlyList<IPEndPoint> Connections => [.. _connections];

    public FakeNetwork Name(string host, params string[] addresses)
    {
        _names[host] = Array.ConvertAll(addresses, IPAddress.Parse);
        return this;
    }

    public FakeNetwork Serve(string address, int loopbackPort)
    {
        _ports[IPAddress.Parse(address)] = loopbackPort;
        return this;
    }

    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        _lookups.Enqueue(host);
        return _names.TryGetValue(host, out IPAddress[]? addresses)
            ? Task.FromResult<IReadOnlyList<IPAddress>>(addresses)
            : Task.FromException<IReadOnlyList<IPAddress>>(new SocketException((int)SocketError.HostNotFound));
    }

    public Task<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        _connections.Enqueue(endPoint);
        return _ports.TryGetValue(endPoint.Address, out int port)
            ? _system.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken)
            : Task.FromException<Stream>(new SocketException((int)SocketError.ConnectionRefused));
    }
}
