using System.CommandLine;
using System.Globalization;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Storage;

namespace Qwen3VL.Batch.Worker.Commands.Dead;

/// <summary>Options that say which dead letters by what they have in common.</summary>
internal sealed class DeadLetterSelection
{
    private readonly Option<Guid?> _job = new("--job") { Description = "Of this job", HelpName = "ID" };
    private readonly Option<string?> _code = new("--code") { Description = "With this error code, for example decode_failed", HelpName = "CODE" };
    private readonly Option<DeadLetterSource?> _source = new("--source") { Description = "Of this kind: chunk, message or outbox" };

    private readonly Option<string?> _since = new("--since")
    {
        Description = "Seen last since then: 30m, 12h, 7d, or a time like 2030-01-31T12:00Z",
        HelpName = "TIME",
    };

    private readonly Option<int> _limit = new("--limit") { Description = "At most so many, newest first", HelpName = "NUMBER" };

    /// <summary>Creates the options.</summary>
    /// <param name="limit">Default of <c>--limit</c>.</param>
    /// <param name="maxLimit">Its upper bound.</param>
    public DeadLetterSelection(int limit, int maxLimit)
    {
        _limit.DefaultValueFactory = _ => limit;
        _limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is int given && (given < 1 || given > maxLimit))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"--limit must be 1..{maxLimit}; got {given}"));
            }
        });
    }

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_job);
        command.Options.Add(_code);
        command.Options.Add(_source);
        command.Options.Add(_since);
        command.Options.Add(_limit);
    }

    /// <summary>Whether any of them was given.</summary>
    public bool IsGiven(ParseResult call) =>
        call.GetValue(_job) is not null || call.GetValue(_code) is not null || call.GetValue(_source) is not null || call.GetValue(_since) is not null;

    /// <summary>The query.</summary>
    /// <exception cref="CommandException">A time cannot be read.</exception>
    public DeadLetterQuery Query(ParseResult call, long tenantId, DateTimeOffset now) => new()
    {
        TenantId = tenantId,
        JobId = call.GetValue(_job),
        Code = call.GetValue(_code),
        Source = call.GetValue(_source),
        Since = call.GetValue(_since) is { } since ? Time(since, now) : null,
        Limit = call.GetValue(_limit),
    };

    private static DateTimeOffset Time(string text, DateTimeOffset now)
    {
        if (text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int amount))
        {
            TimeSpan? back = text[^1] switch
            {
                'm' => TimeSpan.FromMinutes(amount),
                'h' => TimeSpan.FromHours(amount),
                'd' => TimeSpan.FromDays(Math.Min(amount, 36_500)),
                _ => null,
            };
            if (back is { } span && span < now - DateTimeOffset.UnixEpoch)
            {
                return now - span;
            }
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw new CommandException(ExitCodes.Usage, "--since must be like 30m, 12h, 7d or 2030-01-31T12:00Z; got another form");
    }
}
