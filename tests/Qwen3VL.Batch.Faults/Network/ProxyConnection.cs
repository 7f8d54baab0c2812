using System.Net;
using System.Net.Sockets;

namespace Qwen3VL.Batch.Faults.Network;

/// <summary>One client's connection through a <see cref="ChaosProxy"/>: two directions, each under its rules. Owned by the proxy.</summary>
internal sealed class ProxyConnection(Socket client, int targetPort, FlowRules toServer, FlowRules toClient, TimeProvider time) : IDisposable
{
    private const int PieceBytes = 16 * 1024;

    // How long a possible beginning of a rewrite waits for its rest: longer than between two packets of one message.
    private static readonly TimeSpan KeepLimit = TimeSpan.FromMilliseconds(20);

    // Not disposed: it has no timer, and a reset may come at any time.
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Passes bytes on until either side ends or the connection is reset.</summary>
    public async Task RunAsync()
    {
        try
        {
            client.NoDelay = true;
            await _server.ConnectAsync(IPAddress.Loopback, targetPort, _stop.Token);
            await Task.WhenAll(PassAsync(client, _server, toServer), PassAsync(_server, client, toClient));
            Close(isReset: false);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            Close(isReset: true);
        }
    }

    /// <summary>Ends both sides with RST: what a host that died and came back answers.</summary>
    public void Reset()
    {
        Close(isReset: true);
        _stop.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose() => Reset();

    private async Task PassAsync(Socket from, Socket to, FlowRules rules)
    {
        byte[] buffer = new byte[PieceBytes];
        var watch = new PatternWatch();
        var rewriter = new StreamRewriter(rules.Rewrites);
        long passed = 0;
        while (true)
        {
            Task<int> reading = from.ReceiveAsync(buffer, _stop.Token).AsTask();
            if (rewriter.HasKept && await Task.WhenAny(reading, Task.Delay(KeepLimit, time, _stop.Token)) != reading)
            {
                await SendAllAsync(to, rewriter.Flush());
            }

            int length = await reading;
            if (length == 0)
            {
                await SendAllAsync(to, rewriter.Flush());
                to.Shutdown(SocketShutdown.Send);
                return;
            }

            await rules.WaitAsync(_stop.Token);
            await PauseAsync(rules, length);
            int? cutAt = rules.Fault is { } fault ? watch.Find(buffer.AsSpan(0, length), fault) : null;
            if (rules.CutAfterBytes is { } limit && passed + length > limit)
            {
                cutAt = (int)Math.Min(cutAt ?? length, limit - passed);
            }

            await SendAllAsync(to, rewriter.Take(buffer.AsSpan(0, cutAt ?? length)));
            passed += length;
            if (cutAt is not null)
            {
                Reset();
                return;
            }
        }
    }

    private async Task PauseAsync(FlowRules rules, int length)
    {
        TimeSpan pause = rules.Delay + (rules.BytesPerSecond > 0 ? TimeSpan.FromSeconds((double)length / rules.BytesPerSecond) : TimeSpan.Zero);
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, time, _stop.Token);
        }
    }

    private async Task SendAllAsync(Socket to, ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[await to.SendAsync(bytes, _stop.Token)..];
        }
    }

    private void Close(bool isReset)
    {
        foreach (Socket socket in (Socket[])[client, _server])
        {
            try
            {
                if (isReset)
                {
                    // Zero linger: close sends RST and drops what was not sent.
                    socket.LingerState = new LingerOption(true, 0);
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // Never connected, or closed already.
            }

            socket.Dispose();
        }
    }
}
