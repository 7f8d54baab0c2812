using System.CommandLine;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands.Dead;

/// <summary><c>dead replay</c>: does again what was given up.</summary>
internal sealed class DeadReplayCommand : IBatchCommand
{
    private const int MaxAtOnce = 10_000;
    private const double MinRate = 0.001;
    private const double MaxRate = 1_000;

    private readonly Connections _connections;
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly DeadLetterSelection _selection = new(limit: 1_000, maxLimit: MaxAtOnce);
    private readonly ReplayChangeOptions _changes = new();
    private readonly Argument<Guid[]> _ids = new("ID") { Description = "Ids of dead letters", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> _all = new("--all") { Description = "Every open one of the tenant" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Say what would happen and do nothing" };
    private readonly Option<bool> _force = new("--force") { Description = "Also what was replayed three times already" };

    private readonly Option<string> _by = new("--by")
    {
        Description = "Who asks, for the audit",
        DefaultValueFactory = _ => Environment.UserName,
        HelpName = "NAME",
    };

    private readonly Option<double> _rate = new("--rate")
    {
        Description = "Follow-up jobs and messages a second",
        DefaultValueFactory = _ => 50,
        HelpName = "NUMBER",
    };

    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a dead letter instead of text" };

    /// <summary>Creates it.</summary>
    public DeadReplayCommand(GlobalOptions globals, Connections connections, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _connections = connections;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command(
            "replay",
            "Replays dead letters: chunks as one follow-up job for each job, which also does the later chunks that build on them; commands and events are sent again.");
        Command.Arguments.Add(_ids);
        _selection.AddTo(Command);
        Command.Options.Add(_all);
        _changes.AddTo(Command);
        Command.Options.Add(_dryRun);
        Command.Options.Add(_force);
        Command.Options.Add(_by);
        Command.Options.Add(_rate);
        Command.Options.Add(_json);
        _rate.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= MinRate and <= MaxRate))
            {
                result.AddError(FormattableString.Invariant($"--rate must be {MinRate}..{MaxRate}; got {result.GetValueOrDefault<double>()}"));
            }
        });
        _by.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is not { Length: > 0 and <= 200 })
            {
                result.AddError("--by must be 1..200 characters");
            }
        });
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch dead replay --job 0198c7a2-5e1b-7c3d-9f00-3b1d7a5c2e10 --dry-run
        qwen3vl-batch dead replay --code output_truncated --max-output-tokens 4096
        qwen3vl-batch dead replay 0198c7a2-5e1b-7c3d-9f00-3b1d7a5c2e11 --by "night shift"
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Guid[] ids = call.GetValue(_ids) ?? [];
        int ways = (ids.Length > 0 ? 1 : 0) + (_selection.IsGiven(call) ? 1 : 0) + (call.GetValue(_all) ? 1 : 0);
        if (ways != 1 || ids.Length > MaxAtOnce)
        {
            throw new CommandException(
                ExitCodes.Usage,
                "dead letters must be named in one way: by ids, by --job, --code, --source and --since, or by --all; see qwen3vl-batch dead replay --help");
        }

        Settings settings = _globals.Load(call, SettingsSections.Database | SettingsSections.Planning);
        DateTimeOffset now = _timeProvider.GetUtcNow();
        DeadLetterQuery query = _selection.Query(call, call.GetValue(_globals.Tenant), now);
        var replay = new DeadLetterReplay
        {
            Query = ids.Length > 0 ? query with { Ids = ids, Limit = ids.Length } : query,
            ReplayId = Guid.CreateVersion7(now),
            Actor = call.GetValue(_by) ?? Environment.UserName,
            Changes = _changes.Changes(call),
            DryRun = call.GetValue(_dryRun),
            Force = call.GetValue(_force),
            PerSecond = call.GetValue(_rate),
        };
        await using DeadLetterConnection connection = _connections.OpenDeadLetters(settings);
        IReadOnlyList<ReplayedLetter> outcomes = await ReplayAsync(call, connection.DeadLetters, replay, cancellationToken).ConfigureAwait(false);
        if (outcomes.Count == 0)
        {
            _terminal.Note("qwen3vl-batch: no such dead letter is open");
        }

        bool good = outcomes.All(outcome => outcome.Verdict is ReplayVerdict.Replayed or ReplayVerdict.WouldReplay);
        return good && ids.Distinct().Count() <= outcomes.Count ? ExitCodes.Done : ExitCodes.Failed;
    }

    // Each outcome is printed when it holds: what a cut or failure leaves done can be read above its message.
    private async Task<IReadOnlyList<ReplayedLetter>> ReplayAsync(
        ParseResult call, IDeadLetters deadLetters, DeadLetterReplay replay, CancellationToken cancellationToken)
    {
        int replayed = 0;
        try
        {
            return await deadLetters.ReplayAsync(replay with { Answered = Show }, cancellationToken).ConfigureAwait(false);
        }
        catch when (replayed > 0)
        {
            _terminal.Note(FormattableString.Invariant($"qwen3vl-batch: cut short; replayed so far: {replayed}; the same command goes on with the others"));
            throw;
        }

        void Show(ReplayedLetter outcome)
        {
            replayed += outcome.Verdict == ReplayVerdict.Replayed ? 1 : 0;
            if (call.GetValue(_json))
            {
                _terminal.Json(outcome);
            }
            else
            {
                _terminal.Line(DeadLetterWords.Outcome(outcome));
            }
        }
    }
}
