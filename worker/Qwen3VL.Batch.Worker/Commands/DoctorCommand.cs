using System.CommandLine;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Diagnosis;
using Qwen3VL.Batch.Worker.Output;
using Spectre.Console;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary><c>doctor</c>: looks at everything the program needs and says what to do about what is missing.</summary>
internal sealed class DoctorCommand : IBatchCommand
{
    private readonly GlobalOptions _globals;
    private readonly Terminal _terminal;
    private readonly TimeProvider _timeProvider;
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a check instead of text" };

    /// <summary>Creates it.</summary>
    public DoctorCommand(GlobalOptions globals, Terminal terminal, TimeProvider timeProvider)
    {
        _globals = globals;
        _terminal = terminal;
        _timeProvider = timeProvider;
        Command = new Command(
            "doctor",
            "Checks settings, broker, database, schema, programs, model, memory, disk and source root; says what to do. Exit 1 on what is dangerous. Changes nothing.");
        Command.Options.Add(_json);
    }

    /// <inheritdoc/>
    public Command Command { get; }

    /// <inheritdoc/>
    public string Examples => """
        qwen3vl-batch doctor
        qwen3vl-batch doctor --json | jq 'select(.level != "ok")'
        """;

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParseResult call, CancellationToken cancellationToken)
    {
        bool failed = false;
        HashSet<string> knownProblems = [];
        Dictionary<string, string?> overrides = _globals.Overrides(call);
        foreach ((SettingsSections section, ICheck check) in Checks())
        {
            IReadOnlyList<CheckResult> results;
            try
            {
                Settings settings = Settings.Load(overrides, section);
                results = await check.RunAsync(settings, cancellationToken).ConfigureAwait(false);
            }
            catch (SettingsException exception)
            {
                results = [.. exception.Problems.Where(knownProblems.Add).Select(problem => new CheckResult(
                    "settings",
                    CheckLevel.Fail,
                    problem,
                    "set it by environment, settings file or option; see the README"))];
            }

            foreach (CheckResult result in results)
            {
                Show(call, result);
                failed |= result.Level == CheckLevel.Fail;
            }
        }

        return failed ? ExitCodes.Failed : ExitCodes.Done;
    }

    private IEnumerable<(SettingsSections Section, ICheck Check)> Checks() =>
    [
        (0, new MachineCheck()),
        (0, new DiskCheck()),
        (SettingsSections.Engine, new ModelCheck()),
        (0, new ProgramsCheck(_timeProvider)),
        (SettingsSections.Media, new SourceRootCheck()),
        (SettingsSections.Media, new UrlSourcesCheck()),
        (SettingsSections.Database, new DatabaseCheck()),
        (SettingsSections.Database, new SchemaCheck(_timeProvider)),
        (SettingsSections.Database, new SessionCheck(_timeProvider)),
        (SettingsSections.Broker, new BrokerCheck(_timeProvider)),
        (SettingsSections.Broker, new BrokerSafetyCheck(_timeProvider)),
    ];

    private void Show(ParseResult call, CheckResult result)
    {
        if (call.GetValue(_json))
        {
            _terminal.Json(result);
            return;
        }

        string level = result.Level.ToString().ToLowerInvariant();
        if (_terminal.OutIsTerminal)
        {
            string colour = result.Level switch { CheckLevel.Ok => "green", CheckLevel.Warn => "yellow", _ => "red" };
            _terminal.OutConsole.Markup($"[{colour}]{level,-4}[/]  ");
        }
        else
        {
            _terminal.Out.Write($"{level,-4}  ");
        }

        _terminal.Line($"{result.Name,-12} {result.Message}");
        if (result.Advice is { } advice)
        {
            _terminal.Line($"      {"",-12} -> {advice}");
        }
    }
}
