using System.CommandLine;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Commands;

/// <summary>Options every command takes. They win over environment variables, which win over settings files.</summary>
internal sealed class GlobalOptions
{
    /// <summary>Npgsql connection string.</summary>
    public Option<string?> Database { get; } = new("--database")
    {
        Description = "PostgreSQL connection string without a password, which would be seen by other users; that comes from the environment or Database:PasswordFile",
        HelpName = "Host=...;Database=...",
        Recursive = true,
    };

    /// <summary>Broker address.</summary>
    public Option<string?> Broker { get; } = new("--broker")
    {
        Description = "RabbitMQ address without a password, which would be seen by other users; that comes from the environment or Broker:PasswordFile",
        HelpName = "amqp://user@host:port/vhost",
        Recursive = true,
    };

    /// <summary>Model folder.</summary>
    public Option<string?> Model { get; } = new("--model")
    {
        Description = "Hugging Face folder of a Qwen3-VL checkpoint; default: the small model that ships with the program",
        HelpName = "FOLDER",
        Recursive = true,
    };

    /// <summary>Source root.</summary>
    public Option<string?> SourceRoot { get; } = new("--source-root")
    {
        Description = "Folder below which the sources of jobs lie; workers and clients see the same files below it",
        HelpName = "FOLDER",
        Recursive = true,
    };

    /// <summary>Tenant.</summary>
    public Option<long> Tenant { get; } = new("--tenant")
    {
        Description = "Whose jobs: a number from 0; jobs of other tenants are not seen",
        DefaultValueFactory = _ => 0,
        HelpName = "NUMBER",
        Recursive = true,
    };

    /// <summary>Full exceptions on stderr.</summary>
    public Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "On an error print the whole exception, for a bug report",
        Recursive = true,
    };

    /// <summary>Adds all of them to the root.</summary>
    public void AddTo(RootCommand root)
    {
        Tenant.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() < 0)
            {
                result.AddError($"--tenant must be at least 0; got {result.GetValueOrDefault<long>()}");
            }
        });
        root.Options.Add(Database);
        root.Options.Add(Broker);
        root.Options.Add(Model);
        root.Options.Add(SourceRoot);
        root.Options.Add(Tenant);
        root.Options.Add(Verbose);
    }

    /// <summary>The settings of a call: files and environment under what the command line says.</summary>
    /// <exception cref="SettingsException">Something the command needs is missing or out of range.</exception>
    public Settings Load(ParseResult call, SettingsSections sections) => Settings.Load(Overrides(call), sections);

    /// <summary>What the command line says, as configuration keys.</summary>
    /// <exception cref="CommandException">The broker address cannot be read, or one of the two has a password.</exception>
    public Dictionary<string, string?> Overrides(ParseResult call)
    {
        if (call.GetValue(Database) is { } database && DatabaseAddress.HasPassword(database))
        {
            // Refused, not warned of: by the time anybody reads a warning the password stands in process lists and shell histories.
            throw new CommandException(
                ExitCodes.Usage,
                "--database must hold no password, for other users of the machine see command lines; got one: set QWEN3VL_Database__PasswordFile, or QWEN3VL_Database__ConnectionString instead");
        }

        Dictionary<string, string?> overrides = new(StringComparer.OrdinalIgnoreCase)
        {
            ["Database:ConnectionString"] = call.GetValue(Database),
            ["Engine:ModelFolder"] = call.GetValue(Model),
            ["Media:SourceRoot"] = call.GetValue(SourceRoot) is { } root ? Path.GetFullPath(root) : null,
        };
        if (call.GetValue(Broker) is { } broker)
        {
            foreach ((string key, string value) in BrokerAddress.Parse(broker))
            {
                overrides[key] = value;
            }
        }

        return overrides;
    }
}
