using Qwen3VL.Batch.Jobs;

namespace Qwen3VL.Batch.Media;

/// <summary>Reads what a client wrote as a source: a path below the root, or a <c>file:</c> URL of one. Touches no file.</summary>
internal static class SourceName
{
    private const string FileScheme = "file:";

    /// <summary>Longest name that is looked at: the longest path that Linux takes.</summary>
    private const int MaxLength = 4_096;

    /// <summary>The names from the root down to the file.</summary>
    /// <param name="uri">What the client wrote.</param>
    /// <param name="root">Absolute path of the source root, as configured.</param>
    /// <exception cref="ContentException">source_refused.</exception>
    public static string[] Components(string uri, string root)
    {
        if (uri.Length is 0 or > MaxLength || uri.Any(char.IsControl))
        {
            throw Refused($"a source must have 1 to {MaxLength} characters and no control characters");
        }

        string path = ToPath(uri);
        if (path.StartsWith('/'))
        {
            string prefix = root.EndsWith('/') ? root : root + "/";
            path = path.StartsWith(prefix, StringComparison.Ordinal)
                ? path[prefix.Length..]
                : throw Refused($"a source must lie below the source root; {uri} does not");
        }

        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names.Length == 0 || names.Any(name => name is "." or "..") || path.Any(char.IsControl))
        {
            throw Refused($"a source must name a file without . and .. ; {uri} does not");
        }

        return names;
    }

    private static string ToPath(string uri)
    {
        if (uri.StartsWith(FileScheme, StringComparison.OrdinalIgnoreCase))
        {
            return Uri.TryCreate(uri, UriKind.Absolute, out Uri? url) && url.IsFile && !url.IsUnc && url.Query.Length == 0 && url.Fragment.Length == 0
                && uri.AsSpan(FileScheme.Length).StartsWith("/")
                && !uri.Contains("..", StringComparison.Ordinal)
                ? url.LocalPath
                : throw Refused($"a file URL must have the form file:///path without host, query and ..; got {uri}");
        }

        int colon = uri.IndexOf("://", StringComparison.Ordinal);
        return colon < 0
            ? uri
            : throw Refused($"a source must be a path below the source root or a file URL; {uri[..colon]} is not served here");
    }

    private static ContentException Refused(string message) => new(ErrorCodes.SourceRefused, message);
}
