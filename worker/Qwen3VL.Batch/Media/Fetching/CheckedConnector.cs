using System.Net;
using System.Net.Sockets;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>
/// Opens connections for the HTTP client: asks for a host's addresses once, drops those that may not be reached, and connects to one that was
/// checked. There is no second look-up that could answer otherwise. Thread-safe.
/// </summary>
internal sealed class CheckedConnector(INetwork network, bool allowPrivateAddresses, TimeProvider time)
{
    // One dead address of several must not use up the time of the whole fetch.
    private static readonly TimeSpan AddressTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Connects to a host.</summary>
    /// <exception cref="ContentException">source_refused: no address of the host may be reached.</exception>
    /// <exception cref="SocketException">The host has no address, or none answered.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint host, CancellationToken cancellationToken)
    {
        IReadOnlyList<IPAddress> addresses = await network.ResolveAsync(host.Host, cancellationToken).ConfigureAwait(false);
        IPAddress[] allowed = [.. addresses.Where(IsAllowed)];
        if (addresses.Count > 0 && allowed.Length == 0)
        {
            throw new ContentException(
                ErrorCodes.SourceRefused,
                $"a URL's host must have an address on the public internet (or a private one, with Media:AllowPrivateAddresses); {host.Host} has none");
        }

        SocketException failure = new((int)SocketError.HostNotFound);
        foreach (IPAddress address in allowed)
        {
            using var timeout = new CancellationTokenSource(AddressTimeout, time);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                return await network.ConnectAsync(new IPEndPoint(address, host.Port), stop.Token).ConfigureAwait(false);
            }
            catch (SocketException exception) when (!cancellationToken.IsCancellationRequested)
            {
                failure = exception;
            }
            catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                failure = new SocketException((int)SocketError.TimedOut);
            }
        }

        throw failure;
    }

    private bool IsAllowed(IPAddress address) =>
        AddressRules.Classify(address) is var kind && (kind == AddressKind.Public || (kind == AddressKind.Private && allowPrivateAddresses));
}
