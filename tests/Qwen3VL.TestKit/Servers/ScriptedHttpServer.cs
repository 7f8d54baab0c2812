using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Qwen3VL.TestKit.Servers;

/// <summary>
/// A server on a free loopback port that speaks as much HTTP/1.1 as a test writes: right or wrong, whole or cut. One request a connection; with a
/// certificate, over TLS.
/// </summary>
public sealed class ScriptedHttpServer : IAsyncDisposable
{
    private const int MaxHeadBytes = 1 << 16;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<ScriptedExchange> _received = new();
    private readonly Func<ScriptedExchange, Task> _answer;
    private readonly X509Certificate2? _certificate;
    private readonly Task _accepting;

    private ScriptedHttpServer(Func<ScriptedExchange, Task> answer, X509Certificate2? certificate)
    {
        (_answer, _certificate) = (answer, certificate);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Its port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Requests so far, in order.</summary>
    public IReadOnlyList<ScriptedExchange> Received => [.. _received];

    /// <summary>Starts one.</summary>
    /// <param name="answer">Answers a request; the connection is closed when it has ended.</param>
    /// <param name="certificate">Makes it speak TLS.</param>
    public static ScriptedHttpServer Start(Func<ScriptedExchange, Task> answer, X509Certificate2? certificate = null) => new(answer, certificate);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or InvalidOperationException or SocketException)
        {
            // Stopped: between two accepts the listener says so in its own way.
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using Stream connection = await SecureAsync(client.GetStream());
                if (await ReadHeadAsync(connection) is { } head)
                {
                    ScriptedExchange exchange = new(head, connection, _stop.Token);
                    _received.Enqueue(exchange);
                    await _answer(exchange);
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or AuthenticationException)
            {
                // The client went away, or the test has ended.
            }
        }
    }

    private async Task<Stream> SecureAsync(NetworkStream plain)
    {
        if (_certificate is null)
        {
            return plain;
        }

        // Offline: the server must not be the one who looks for its certificate's issuers.
        SslStream secure = new(plain);
        var certificate = SslStreamCertificateContext.Create(_certificate, additionalCertificates: null, offline: true);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = certificate }, _stop.Token);
        return secure;
    }

    private async Task<string?> ReadHeadAsync(Stream connection)
    {
        byte[] head = new byte[MaxHeadBytes];
        for (int length = 0; length < head.Length;)
        {
            int read = await connection.ReadAsync(head.AsMemory(length), _stop.Token);
            if (read == 0)
            {
                return null;
            }

            length += read;
            if (head.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
            {
                return Encoding.ASCII.GetString(head, 0, length);
            }
        }

        return null;
    }
}
