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

    private readonly Option<bool> _createRoles = new("--create-roles")
    {
        Description = "Makes the roles qwen3vl_migrate, qwen3vl_worker and qwen3vl_read with their rights, and hands the schema over to the first",
    };

    private readonly Option<string?> _workerLogin = new("--worker-login") { Description = "Makes a user with the rights of workers", HelpName = "NAME" };
    private readonly Option<string?> _workerPassword = new("--worker-password-file") { Description = "File with that user's password", HelpName = "FILE" };
    private readonly Option<string?> _readerLogin = new("--reader-login") { Description = "Makes a user who only reads", HelpName = "NAME" };
    private readonly Option<string?> _readerPassword = new("--reader-password-file") { Description = "File with that user's password", HelpName = "FILE" };
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
        foreach (Option option in (Option[])[_createRoles, _workerLogin, _workerPassword, _readerLogin, _readerPassword, _json])
        {
            Command.Options.Add(option);
        }

        Command.Validators.Add(result =>
        {
            if (result.GetValue(_dryRun) && result.GetValue(_verify))
            {
                result.AddError("at most one of --dry-run and --verify must be given; got both");
            }

            foreach ((Option<string?> login, Option<string?> password) in Logins)
            {
                bool named = result.GetValue(login) is not null;
                if (named != (result.GetValue(password) is not null) || (named && !result.GetValue(_createRoles)))
                {
                    result.AddError($"{login.Name} and {password.Name} must be given together, and with --create-roles");
                }
            }
        });
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch migrate --dry-run
        qwen3vl-batch migrate
        qwen3vl-batch migrate --create-roles --worker-login app --worker-password-file app.password
        qwen3vl-batch migrate --verify          exit 1 when workers of this program cannot use the schema
        """;

    private (Option<string?> Login, Option<string?> Password)[] Logins => [(_workerLogin, _workerPassword), (_readerLogin, _readerPassword)];

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        Settings settings = _globals.Load(call, SettingsSections.Database);
        MigrationRunner runner = new(settings.Database.ConnectionString, _timeProvider, Options(call));
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

    private MigrationOptions Options(ParseResult call)
    {
        List<RoleLogin> logins = [];
        foreach (((Option<string?> login, Option<string?> password), string role) in Logins.Zip([DatabaseRoles.Worker, DatabaseRoles.Read]))
        {
            if (call.GetValue(login) is { } name && call.GetValue(password) is { } file)
            {
                logins.Add(new RoleLogin(name, role, SecretFile.Read(password.Name, file)));
            }
        }

        return new MigrationOptions { CreateRoles = call.GetValue(_createRoles), Logins = logins };
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
