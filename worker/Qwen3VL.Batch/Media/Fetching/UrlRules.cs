using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>
/// Says which URLs may be fetched: by scheme, host and port. Every hop of a redirect is checked like the first. Messages name scheme and host only: a
/// path or query may be a secret, as in a presigned URL. Immutable.
/// </summary>
internal sealed class UrlRules
{
    private readonly HostPattern[] _hosts;
    private readonly string[] _schemes;

    /// <summary>Takes the rules of <paramref name="options"/>.</summary>
    /// <exception cref="ArgumentException">An entry of <c>Media:AllowedHosts</c> is malformed.</exception>
    public UrlRules(MediaOptions options)
    {
        _hosts = [.. options.AllowedHosts.Select(text => HostPattern.TryParse(text, out HostPattern? pattern)
            ? pattern
            : throw new ArgumentException($"Media:AllowedHosts must hold hosts such as store.example.org, *.example.org or 10.0.0.5:9000; got {text}", nameof(options)))];
        _schemes = [.. options.EffectiveSchemes];
    }

    /// <summary>The URL that a client wrote, when it may be fetched.</summary>
    /// <exception cref="ContentException">source_refused.</exception>
    public Uri Check(string text)
    {
        return SourceUrl.TryParse(text, out Uri? url)
            ? Check(url)
            : throw Refused($"a URL must be {SourceUrl.Rule}");
    }

    /// <summary>Where a redirect leads, when it may be followed.</summary>
    /// <param name="from">The URL that was asked for.</param>
    /// <param name="location">What the server answered; null: nothing of use.</param>
    /// <exception cref="ContentException">source_refused.</exception>
    public Uri CheckRedirect(Uri from, Uri? location)
    {
        if (location is null || !Uri.TryCreate(from, location, out Uri? to) || SourceUrl.DnsHost(to) is null || !SourceUrl.TryParse(to.AbsoluteUri, out to))
        {
            throw Refused($"a redirect must lead to an http or https URL without credentials; that of {Name(from)} does not");
        }

        if (from.Scheme == Uri.UriSchemeHttps && to.Scheme != Uri.UriSchemeHttps)
        {
            throw Refused($"a redirect must not leave https; that of {Name(from)} leads to {Name(to)}");
        }

        return Check(to);
    }

    /// <summary>What may be said of a URL: scheme and host.</summary>
    public static string Name(Uri url) => $"{url.Scheme}://{url.IdnHost}";

    private Uri Check(Uri url)
    {
        if (!_schemes.Contains(url.Scheme, StringComparer.Ordinal))
        {
            throw Refused($"a URL's scheme must be one of {string.Join(", ", _schemes)} (Media:AllowedSchemes); got {Name(url)}");
        }

        return Array.Exists(_hosts, host => host.Matches(url))
            ? url
            : throw Refused($"a URL's host and port must be allowed by Media:AllowedHosts; {Name(url)} is not");
    }

    private static ContentException Refused(string message) => new(ErrorCodes.SourceRefused, message);
}
