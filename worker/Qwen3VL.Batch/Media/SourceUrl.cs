using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Qwen3VL.Batch.Media;

/// <summary>Syntax of sources that are http and https URLs. What a worker fetches of them is its configuration's matter. Pure.</summary>
internal static partial class SourceUrl
{
    /// <summary>The rule of <see cref="TryParse"/>, to follow "must be".</summary>
    public const string Rule = "an absolute http or https URL with a host, without user and password, and without a fragment";

    /// <summary>Whether a source is meant as a URL, well formed or not.</summary>
    public static bool IsUrl(string source) =>
        source.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || source.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a URL; false when it breaks <see cref="Rule"/> or has white space or control characters.</summary>
    public static bool TryParse(string source, [NotNullWhen(true)] out Uri? url)
    {
        url = null;
        return IsUrl(source)
            && !source.Any(unit => char.IsControl(unit) || char.IsWhiteSpace(unit))
            && Uri.TryCreate(source, UriKind.Absolute, out url)
            && DnsHost(url) is { Length: > 0 } && url.UserInfo.Length == 0 && url.Fragment.Length == 0
            // An empty user, as in "https://@host", leaves no trace in the parsed form.
            && !source.AsSpan(source.IndexOf("//", StringComparison.Ordinal) + 2).SliceToPath().Contains('@');
    }

    /// <summary>A URL's host in the form that goes into DNS, lower case and punycode; null when it has characters that no name may have.</summary>
    public static string? DnsHost(Uri url)
    {
        try
        {
            return url.IdnHost.ToLowerInvariant();
        }
        catch (UriFormatException)
        {
            // The parser lets such a host pass; only asking for it tells.
            return null;
        }
    }

    /// <summary>
    /// A source as people may see it: a URL without query, user and fragment, which may hold keys; anything else as it is.
    /// </summary>
    public static string Display(string source)
    {
        if (!IsUrl(source))
        {
            return source;
        }

        return Uri.TryCreate(source, UriKind.Absolute, out Uri? url) && DnsHost(url) is not null
            ? url.GetComponents(UriComponents.Scheme | UriComponents.Host | UriComponents.Port | UriComponents.Path, UriFormat.UriEscaped)
            : source[..(source.IndexOf("//", StringComparison.Ordinal) + 2)] + "...";
    }

    /// <summary>A text, for example of a message, with the query of every URL in it left out: it is what lets its holder read a presigned URL.</summary>
    public static string HideQueries(string text) => UrlWithQuery().Replace(text, "$1?...");

    [GeneratedRegex("""(https?://[^\s"'<>?]*)\?[^\s"'<>]*""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UrlWithQuery();

    private static ReadOnlySpan<char> SliceToPath(this ReadOnlySpan<char> authorityAndRest)
    {
        int end = authorityAndRest.IndexOfAny("/\\?#");
        return end < 0 ? authorityAndRest : authorityAndRest[..end];
    }
}
