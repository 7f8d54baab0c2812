using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>
/// Gets one URL by HTTP: no proxy, no cookies, no credentials, no decompression; redirects by hand, each checked; bytes counted as they come; one
/// time limit over everything. Whether a failure passes by itself shows in its type. Thread-safe.
/// </summary>
internal sealed class HttpFetcher : IDisposable
{
    private const int BufferBytes = 1 << 17;

    // A pooled connection goes on with an address that was checked when it was opened; not for long, so that a moved name is followed.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(1);

    private readonly MediaOptions _options;
    private readonly UrlRules _rules;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;

    /// <summary>Creates one.</summary>
    /// <param name="options">Limits and allowed URLs.</param>
    /// <param name="network">Names and connections.</param>
    /// <param name="time">Clock of the time limit.</param>
    /// <param name="trustedRoots">Certificates that end a chain instead of the system's; null: the system's.</param>
    public HttpFetcher(MediaOptions options, INetwork network, TimeProvider time, X509Certificate2Collection? trustedRoots = null)
    {
        _options = options with { };
        _rules = new UrlRules(options);
        _time = time;
        CheckedConnector connector = new(network, options.AllowPrivateAddresses, time);
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            Credentials = null,
            PreAuthenticate = false,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = 32,
            MaxResponseDrainSize = 0,
            PooledConnectionLifetime = ConnectionLifetime,
            ConnectCallback = (context, token) => connector.ConnectAsync(context.DnsEndPoint, token),
            SslOptions = { CertificateChainPolicy = ChainPolicy(trustedRoots), RemoteCertificateValidationCallback = RefuseUntrusted },
        };

        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("qwen3vl-batch", null));
        _client.DefaultRequestHeaders.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
    }

    /// <summary>Gets a URL that <see cref="UrlRules.Check(string)"/> has let through.</summary>
    /// <param name="url">The URL.</param>
    /// <param name="write">Takes the bytes in order; the memory is its only during the call.</param>
    /// <param name="cancellationToken">Ends the fetch.</param>
    /// <exception cref="ContentException">source_refused, source_not_found, limit_exceeded or unsupported_media.</exception>
    /// <exception cref="SourceUnavailableException">Trying again later can succeed.</exception>
    public async Task<FetchedContent> FetchAsync(
        Uri url, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(_options.FetchTimeoutSeconds), _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await FollowAsync(url, write, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new SourceUnavailableException(
                string.Create(CultureInfo.InvariantCulture, $"a source must be sent within {_options.FetchTimeoutSeconds} s; that of {UrlRules.Name(url)} was not"),
                exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException and not SourceUnavailableException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Translate(url, exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    // No downloads: a certificate names the URLs of its issuers and of revocation lists, and its server would choose where the worker connects to,
    // past every rule about hosts and addresses, before anything is known of whether it can be trusted. Servers send their intermediates.
    private static X509ChainPolicy ChainPolicy(X509Certificate2Collection? trustedRoots)
    {
        X509ChainPolicy policy = new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (trustedRoots is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(trustedRoots);
        }

        return policy;
    }

    // Told apart from alerts of a server that restarts or is overloaded, which pass by themselves.
    private static bool RefuseUntrusted(object connection, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => errors == SslPolicyErrors.None
        ? true
        : throw new ContentException(
            ErrorCodes.SourceRefused,
            $"a URL's server must have a valid certificate of its host, and send those between it and its root; https://{((SslStream)connection).TargetHostName} leads to one that has not");

    private async Task<FetchedContent> FollowAsync(
        Uri url, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        Uri asked = url;
        for (int redirects = 0; ; redirects++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, asked);
            using HttpResponseMessage response =
                await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                HttpAnswer.Check(asked, response, _options.MaxFileBytes);
                return await ReceiveAsync(asked, response, write, cancellationToken).ConfigureAwait(false);
            }

            if (redirects >= _options.MaxRedirects)
            {
                throw new ContentException(
                    ErrorCodes.SourceRefused, $"a source must be reached by at most {_options.MaxRedirects} redirects; {UrlRules.Name(url)} wants more");
            }

            asked = _rules.CheckRedirect(asked, response.Headers.Location);
        }
    }

    private async Task<FetchedContent> ReceiveAsync(
        Uri url, HttpResponseMessage response, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[BufferBytes];
        long received = 0;
        while (await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var length and > 0)
        {
            received += length;
            if (received > _options.MaxFileBytes)
            {
                throw HttpAnswer.TooLarge(url, _options.MaxFileBytes);
            }

            hash.AppendData(buffer, 0, length);
            await write(buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        }

        return received > 0
            ? new FetchedContent(Convert.ToHexStringLower(hash.GetHashAndReset()), received)
            : throw new ContentException(ErrorCodes.SourceRefused, $"a source must have content; {UrlRules.Name(url)} sent none");
    }

    // The client wraps what its connections throw. Texts of the system are left out: a code says as much, and quotes nothing.
    private static SourceUnavailableException Translate(Uri url, Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is ContentException or SourceUnavailableException)
            {
                ExceptionDispatchInfo.Throw(cause);
            }
        }

        string reason = exception is HttpRequestException { HttpRequestError: var error } ? error.ToString() : exception.GetType().Name;
        return new SourceUnavailableException($"a URL's server must answer; that of {UrlRules.Name(url)} did not ({reason})", exception);
    }
}
