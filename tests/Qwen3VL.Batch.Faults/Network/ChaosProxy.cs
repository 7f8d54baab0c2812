using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Qwen3VL.Batch.Faults.Network;

/// <summary>
/// A TCP proxy on a loopback port of its own that can do to a link what networks do: delay, throttle, swallow, cut, reset. One for each link
/// that a scenario disturbs. The port stays the same for the proxy's life. Safe from any thread.
/// </summary>
internal sealed class ChaosProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<ProxyConnection, Task> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly int _targetPort;
    private readonly TimeProvider _time;
    private readonly Task _accepting;

    private ChaosProxy(int targetPort, TimeProvider time)
    {
        _targetPort = targetPort;
        _time = time;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect.</summary>
    public int Port { get; }

    /// <summary>Rules for bytes from the client to the server.</summary>
    public FlowRules ToServer { get; } = new();

    /// <summary>Rules for bytes from the server to the client.</summary>
    public FlowRules ToClient { get; } = new();

    /// <summary>Whether new connections are reset at once.</summary>
    public bool Refuses { get; set; }

    /// <summary>Connections that are open now.</summary>
    public int OpenConnections => _connections.Count;

    /// <summary>Starts one before a server on the loopback address.</summary>
    public static ChaosProxy Start(int targetPort, TimeProvider time) => new(targetPort, time);

    /// <summary>Resets every open connection.</summary>
    public void ResetAll()
    {
        foreach (ProxyConnection connection in _connections.Keys)
        {
            connection.Reset();
        }
    }

    /// <summary>Nothing passes in either direction and nobody is told: a partition.</summary>
    public void Partition()
    {
        ToServer.Hold();
        ToClient.Hold();
    }

    /// <summary>Ends a partition: connections that outlived it go on.</summary>
    public void Heal()
    {
        ToServer.Release();
        ToClient.Release();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        ResetAll();
        await _accepting;
        await Task.WhenAll(_connections.Values);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_stop.Token);
                var connection = new ProxyConnection(client, _targetPort, ToServer, ToClient, _time);
                if (Refuses)
                {
                    connection.Dispose();
                    continue;
                }

                // Entered before it runs, so that it cannot end before it is known.
                var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _connections[connection] = RunAsync(connection, entered.Task);
                entered.SetResult();
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private async Task RunAsync(ProxyConnection connection, Task entered)
    {
        await entered;
        await connection.RunAsync();
        _connections.TryRemove(connection, out _);
        connection.Dispose();
    }
}
