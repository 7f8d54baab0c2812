using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>
/// One entry of <c>Media:AllowedHosts</c>: <c>host</c>, <c>*.domain</c> (names below the domain, at any depth, not the domain itself), either with
/// <c>:port</c>. Without a port the scheme's own port is meant and no other. Immutable.
/// </summary>
internal sealed class HostPattern
{
    private const string AnySubdomain = "*.";

    // What would end the host and begin another part of a URL, or another pattern.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("/\\@?#*%");

    private readonly string _host;
    private readonly bool _isBelow;
    private readonly int? _port;

    private HostPattern(string host, bool isBelow, int? port) => (_host, _isBelow, _port) = (host, isBelow, port);

    /// <summary>Reads an entry; false when it is none. A wildcard needs a domain of two names: <c>*.org</c> would allow half of the world.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out HostPattern? pattern)
    {
        pattern = null;
        bool isBelow = text.StartsWith(AnySubdomain, StringComparison.Ordinal);
        string rest = isBelow ? text[AnySubdomain.Length..] : text;
        if (rest.Length == 0 || rest.Any(unit => char.IsWhiteSpace(unit) || char.IsControl(unit)) || rest.AsSpan().ContainsAny(Forbidden)
            || !Uri.TryCreate($"https://{rest}/", UriKind.Absolute, out Uri? url) || SourceUrl.DnsHost(url) is not { } host
            || url.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6)
            || (isBelow && (url.HostNameType != UriHostNameType.Dns || !host.Trim('.').Contains('.', StringComparison.Ordinal))))
        {
            return false;
        }

        bool hasPort = rest.LastIndexOf(':') > rest.LastIndexOf(']');
        pattern = new HostPattern(host, isBelow, hasPort ? url.Port : null);
        return true;
    }

    /// <summary>Whether a URL's host and port are meant.</summary>
    public bool Matches(Uri url)
    {
        string? host = SourceUrl.DnsHost(url);
        bool isHost = host is not null && (_isBelow ? host.EndsWith("." + _host, StringComparison.Ordinal) : host == _host);
        return isHost && (_port is { } port ? url.Port == port : url.IsDefaultPort);
    }
}
