using System.CommandLine;
using System.Globalization;
using Qwen3VL.Batch.Migrations;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Output;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>migrate</c>: brings the database's schema to what this program needs.</summary>
internal sealed class MigrateCommand : IBatchCommand
{
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Says what would be applied; changes nothing" };

    private readonly Option<bool> _verify = new("--verify")
    {
        Description = "Says whether this program's workers can use the schema; changes nothing",
    };

    private readonly Option<bool> _json = new("--json") { Description = "One JSON object instead of text" };

    /// <summary>Creates it.</summary>
    public MigrateCommand(GlobalOptions globals, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command(
            "migrate",
            "Applies what the database's schema lacks. Safe to run at any time, by several at once, again and again.");
        Command.Options.Add(_dryRun);
        Command.Options.Add(_verify);
        Command.Options.Add(_json);
        Command.Validators.Add(result =>
        {
            if (result.GetValue(_dryRun) && result.GetValue(_verify))
            {
                result.AddError("at most one of --dry-run and --verify must be given; got both");
            }
        });
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch migrate --dry-run
        qwen3vl-batch migrate
        qwen3vl-batch migrate --verify          exit 1 when workers of this program cannot use the schema
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Settings settings = _globals.Load(call, SettingsSections.Database);
        MigrationRunner runner = new(settings.Database.ConnectionString, _timeProvider);
        if (call.GetValue(_verify))
        {
            int version = await runner.VerifyAsync(cancellationToken).ConfigureAwait(false);
            Show(
                call,
                await runner.PlanAsync(cancellationToken).ConfigureAwait(false),
                [],
                string.Create(CultureInfo.InvariantCulture, $"schema version {version} can be used"));
            return ExitCodes.Done;
        }

        if (call.GetValue(_dryRun))
        {
            MigrationPlan plan = await runner.PlanAsync(cancellationToken).ConfigureAwait(false);
            Show(call, plan, plan.Pending, plan.Pending.Count == 0 ? "nothing to apply" : "these would be applied");
            return ExitCodes.Done;
        }

        AppliedSteps applied = new();
        MigrationPlan after = await runner.ApplyAsync(applied, cancellationToken).ConfigureAwait(false);
        Show(call, after, applied.Steps, string.Create(
            CultureInfo.InvariantCulture,
            $"schema version {after.DatabaseVersion}, {applied.Steps.Count} applied"));
        return ExitCodes.Done;
    }

    private void Show(ParseResult call, MigrationPlan plan, IReadOnlyList<MigrationStep> steps, string conclusion)
    {
        if (call.GetValue(_json))
        {
            _terminal.Json(plan);
            return;
        }

        foreach (MigrationStep step in steps)
        {
            string duration = step.Duration is { } time ? $"  {Timecode.Duration(time)}" : "";
            _terminal.Line(string.Create(CultureInfo.InvariantCulture, $"{step.Version:0000}  {step.Name}{duration}"));
        }

        _terminal.Line(conclusion);
    }

    // Progress<T> posts to another thread and may report after the end; this one is called in order.
    private sealed class AppliedSteps : IProgress<MigrationStep>
    {
        public List<MigrationStep> Steps { get; } = [];

        public void Report(MigrationStep value) => Steps.Add(value);
    }
}
