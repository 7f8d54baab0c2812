using System.Net;

namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>Names and connections. The seam behind which tests put hosts that do not exist. Thread-safe.</summary>
internal interface INetwork
{
    /// <summary>All addresses of a name, or the address that it spells.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The name is not known, or nobody could be asked.</exception>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken);

    /// <summary>A connection to exactly this address; the caller owns it.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody answered.</exception>
    Task<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken);
}
