using System.Net;
using System.Net.Sockets;

namespace Qwen3VL.TestKit.Servers;

/// <summary>Finds ports for private servers.</summary>
public static class LoopbackPort
{
    // Below the range that the kernel hands to outgoing connections (32768 and up): nobody takes the port while a restarted server is down.
    private const int First = 15_000;
    private const int Last = 32_000;

    private static readonly Random Source = new(Environment.ProcessId ^ Environment.TickCount);

    /// <summary>A port that nothing listens on now. Another process may still take it: start servers with a second try.</summary>
    public static int Free()
    {
        while (true)
        {
            int port;
            lock (Source)
            {
                port = Source.Next(First, Last);
            }

            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; the next number.
            }
        }
    }
}
