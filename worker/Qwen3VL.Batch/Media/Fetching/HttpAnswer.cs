using System.Globalization;
using System.Net;
using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media.Fetching;

/// <summary>What the head of an HTTP answer says about a source. Pure.</summary>
internal static class HttpAnswer
{
    /// <summary>Passes an answer whose body is the file, as far as its head tells.</summary>
    /// <exception cref="ContentException">source_refused, source_not_found, limit_exceeded or unsupported_media.</exception>
    /// <exception cref="SourceUnavailableException">The server is busy or broken.</exception>
    public static void Check(Uri url, HttpResponseMessage response, long maxFileBytes)
    {
        int status = (int)response.StatusCode;
        string message = string.Create(CultureInfo.InvariantCulture, $"a URL's server must answer 200 with the file; {UrlRules.Name(url)} answered {status}");
        switch (response.StatusCode)
        {
            case HttpStatusCode.OK:
                break;
            case HttpStatusCode.NotFound or HttpStatusCode.Gone:
                throw new ContentException(ErrorCodes.SourceNotFound, message);
            case HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 or >= HttpStatusCode.InternalServerError:
                throw new SourceUnavailableException(message);
            default:
                throw new ContentException(ErrorCodes.SourceRefused, message);
        }

        // Nothing was asked to be packed. Unpacking would need a bound of its own; what arrives is what is counted, hashed and read.
        if (response.Content.Headers.ContentEncoding.Any(coding => !coding.Equals("identity", StringComparison.OrdinalIgnoreCase)))
        {
            throw new ContentException(ErrorCodes.UnsupportedMedia, $"a source must be sent as it is, without content coding; {UrlRules.Name(url)} sent it packed");
        }

        // A length that is too large saves the transfer; one that is small proves nothing.
        if (response.Content.Headers.ContentLength > maxFileBytes)
        {
            throw TooLarge(url, maxFileBytes);
        }
    }

    /// <summary>The error for a body that goes on past the limit.</summary>
    public static ContentException TooLarge(Uri url, long maxFileBytes) =>
        new(ErrorCodes.LimitExceeded, $"the source must have at most {maxFileBytes} bytes; that of {UrlRules.Name(url)} has more");
}
