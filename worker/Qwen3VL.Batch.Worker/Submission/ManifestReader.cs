using System.Globalization;
using System.Text.Json;
using Qwen3VL.Batch.Contracts;
using Qwen3VL.Batch.Worker.Commands;

namespace Qwen3VL.Batch.Worker.Submission;

/// <summary>
/// Reads a manifest: one JSON object a line, of the form of <see cref="ManifestEntry"/>; empty lines and lines that begin with <c>#</c> are
/// skipped. All lines are checked before the first is sent, and every wrong line is named.
/// </summary>
internal sealed class ManifestReader
{
    // A line describes one file; anything longer is not a manifest.
    private const int MaxLineChars = 1 << 20;

    private readonly SourceSelection _sources;

    /// <summary>Creates one.</summary>
    /// <param name="sources">Finds the files that lines name.</param>
    public ManifestReader(SourceSelection sources) => _sources = sources;

    /// <summary>The work of all lines. A line whose source is a folder or pattern gives one job a file.</summary>
    /// <param name="reader">The manifest.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="InvalidWorkException">Some lines are wrong.</exception>
    public async Task<IReadOnlyList<RequestedWork>> ReadAsync(TextReader reader, string name, CancellationToken cancellationToken)
    {
        List<RequestedWork> work = [];
        List<string> problems = [];
        for (int lineNo = 1; await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line; lineNo++)
        {
            if (string.IsNullOrWhiteSpace(line) || line.TrimStart().StartsWith('#'))
            {
                continue;
            }

            try
            {
                work.AddRange(ReadLine(line));
            }
            catch (Exception exception) when (exception is JsonException or CommandException)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name}:{lineNo}: {Explain(exception)}"));
            }
        }

        return problems.Count == 0 ? work : throw new InvalidWorkException(problems);
    }

    private IEnumerable<RequestedWork> ReadLine(string line)
    {
        if (line.Length > MaxLineChars)
        {
            throw new CommandException(ExitCodes.Usage, $"a line must hold at most {MaxLineChars} characters; got {line.Length}");
        }

        ManifestEntry entry = JsonSerializer.Deserialize<ManifestEntry>(line, ContractJson.Options)
            ?? throw new CommandException(ExitCodes.Usage, "a line must be a JSON object; got null");
        IReadOnlyList<SelectedSource> sources = _sources.Select([entry.Source.Uri]);
        if (sources.Count > 1 && entry.Source.Sha256 is not null)
        {
            throw new CommandException(ExitCodes.Usage, $"sha256 must be left out when a line names several files; this one names {sources.Count}");
        }

        if (sources.Count > 1 && entry.IdempotencyKey is not null)
        {
            throw new CommandException(
                ExitCodes.Usage,
                $"idempotencyKey must be left out when a line names several files; this one names {sources.Count}");
        }

        return [.. sources.Select(source => new RequestedWork
        {
            Source = source,
            Sha256 = entry.Source.Sha256,
            Kind = entry.Kind,
            Tasks = entry.Tasks,
            Options = entry.Options,
            Key = entry.IdempotencyKey,
            Priority = entry.Priority,
            DeadlineAt = entry.DeadlineAt,
        })];
    }

    private static string Explain(Exception exception) => exception is JsonException json
        ? $"must be a JSON object like {{\"source\":{{\"uri\":\"a.pdf\"}},\"tasks\":[{{\"kind\":\"ocr\"}}]}}; wrong at {(string.IsNullOrEmpty(json.Path) ? "$" : json.Path)}, character {json.BytePositionInLine + 1}"
        : exception.Message;
}
