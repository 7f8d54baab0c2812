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

    private readonly TimeOption _since = new("--since", "Seen last at this time or later");
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
        command.Options.Add(_since.Option);
        command.Options.Add(_limit);
    }

    /// <summary>Whether any of them was given.</summary>
    public bool IsGiven(ParseResult call) =>
        call.GetValue(_job) is not null || call.GetValue(_code) is not null || call.GetValue(_source) is not null || _since.IsGiven(call);

    /// <summary>The query.</summary>
    public DeadLetterQuery Query(ParseResult call, long tenantId, DateTimeOffset now) => new()
    {
        TenantId = tenantId,
        JobId = call.GetValue(_job),
        Code = call.GetValue(_code),
        Source = call.GetValue(_source),
        Since = _since.Value(call, now),
        Limit = call.GetValue(_limit),
    };
}
