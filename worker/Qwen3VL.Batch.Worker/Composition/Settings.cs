using Microsoft.Extensions.Configuration;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Pipeline;
using Qwen3VL.Batch.Planning;
using Qwen3VL.Batch.Storage;
using Qwen3VL.Engine;
using Qwen3VL.Engine.Cpu;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>
/// All configuration, read once. Later sources win: <c>appsettings.json</c> beside the executable, the file named by
/// <c>QWEN3VL_CONFIG</c>, environment variables <c>QWEN3VL_Section__Key</c>, then what the command line gave.
/// </summary>
internal sealed record Settings
{
    /// <summary>Prefix of environment variables.</summary>
    public const string EnvironmentPrefix = "QWEN3VL_";

    /// <summary>Environment variable that names a second settings file.</summary>
    public const string ConfigFileVariable = "QWEN3VL_CONFIG";

    /// <summary>Folder of the model that ships with the product, relative to the executable.</summary>
    public const string BundledModel = "models/qwen3vl-tiny";

    /// <summary>Section <c>Database</c>.</summary>
    public required DatabaseOptions Database { get; init; }

    /// <summary>Section <c>Broker</c>.</summary>
    public required BrokerOptions Broker { get; init; }

    /// <summary>Section <c>Media</c>.</summary>
    public required MediaOptions Media { get; init; }

    /// <summary>Section <c>Planning</c>.</summary>
    public required PlanningOptions Planning { get; init; }

    /// <summary>Section <c>Worker</c>.</summary>
    public required WorkerOptions Worker { get; init; }

    /// <summary>Section <c>Retention</c>.</summary>
    public required RetentionOptions Retention { get; init; }

    /// <summary>Section <c>Engine</c>; an empty <c>ModelFolder</c> has become the bundled model's.</summary>
    public required EngineOptions Engine { get; init; }

    /// <summary>Section <c>Cpu</c>: threads and vector level of the local engine.</summary>
    public required CpuBackendOptions Cpu { get; init; }

    /// <summary>The merged configuration, for logging levels.</summary>
    public required IConfigurationRoot Configuration { get; init; }

    /// <summary>What the command line gave, for a process that is to run with the same settings. May hold secrets.</summary>
    public IReadOnlyDictionary<string, string?> Overrides { get; init; } = new Dictionary<string, string?>();

    /// <summary>Reads and validates.</summary>
    /// <param name="overrides">Keys like <c>Broker:Host</c> from the command line; null values are skipped.</param>
    /// <param name="sections">What the caller needs.</param>
    /// <exception cref="SettingsException">Something needed is missing or out of range.</exception>
    public static Settings Load(IReadOnlyDictionary<string, string?> overrides, SettingsSections sections)
    {
        ConfigurationBuilder builder = new();
        string shipped = Path.Combine(AppContext.BaseDirectory, "appsettings.json");
        builder.AddJsonFile(shipped, optional: true);
        string? file = Environment.GetEnvironmentVariable(ConfigFileVariable) is { Length: > 0 } named ? Path.GetFullPath(named) : null;
        if (file is not null)
        {
            builder.AddJsonFile(file, optional: false);
        }

        builder.AddEnvironmentVariables(EnvironmentPrefix);
        builder.AddInMemoryCollection(overrides.Where(pair => pair.Value is not null));
        IConfigurationRoot configuration;
        try
        {
            configuration = builder.Build();
        }
        catch (Exception exception) when (exception is FileNotFoundException or InvalidDataException)
        {
            throw new SettingsException([$"settings file must be readable JSON; {exception.Message}"]);
        }

        SecretsInFiles.Check(shipped);
        if (file is not null)
        {
            SecretsInFiles.Check(file);
        }

        Settings settings = Bind(configuration) with { Overrides = overrides };
        if (sections.HasFlag(SettingsSections.Broker))
        {
            // Only then: a command that needs no broker must not fail on a file it never needs.
            settings = settings with { Broker = WithPassword(settings.Broker) };
        }

        IReadOnlyList<string> problems = SettingsValidator.Validate(settings, sections);
        if (problems.Count > 0)
        {
            throw new SettingsException(problems);
        }

        return sections.HasFlag(SettingsSections.Database) ? settings with { Database = DatabaseAddress.Resolve(settings.Database) } : settings;
    }

    private static Settings Bind(IConfigurationRoot configuration)
    {
        RefuseUnknownSections(configuration);
        RefuseWordsForLists(configuration);
        try
        {
            EngineOptions engine = Read(configuration, "Engine", new EngineOptions { ModelFolder = "" });
            if (engine.ModelFolder.Length == 0)
            {
                engine = engine with { ModelFolder = Path.Combine(AppContext.BaseDirectory, BundledModel) };
            }

            return new Settings
            {
                Database = Read(configuration, "Database", new DatabaseOptions()),
                Broker = Read(configuration, "Broker", new BrokerOptions()),
                Media = Read(configuration, "Media", new MediaOptions()),
                Planning = Read(configuration, "Planning", new PlanningOptions()),
                Worker = Read(configuration, "Worker", new WorkerOptions()),
                Retention = Read(configuration, "Retention", new RetentionOptions()),
                Engine = engine,
                Cpu = Read(configuration, "Cpu", new CpuBackendOptions()),
                Configuration = configuration,
            };
        }
        catch (InvalidOperationException exception)
        {
            // The binder's message names the key and the type it must have. It does not repeat the value unless a conversion failed,
            // and no secret is a number.
            throw new SettingsException([exception.Message]);
        }
    }

    private static BrokerOptions WithPassword(BrokerOptions broker)
    {
        if (broker.PasswordFile.Length == 0)
        {
            return broker;
        }

        return broker.Password.Length == 0
            ? broker with { Password = SecretFile.Read("Broker:PasswordFile", broker.PasswordFile), PasswordFile = "" }
            : throw new SettingsException(["Broker:Password or Broker:PasswordFile must be set, and not both; got both"]);
    }

    // A misspelt section would silently leave all of its defaults in force. Plain values such as QWEN3VL_CONFIG are not sections.
    private static void RefuseUnknownSections(IConfigurationRoot configuration)
    {
        string[] known = [nameof(Database), nameof(Broker), nameof(Media), nameof(Planning), nameof(Worker), nameof(Retention), nameof(Engine), nameof(Cpu), "Logging"];
        string[] problems =
        [
            .. configuration.GetChildren()
                .Where(section => section.GetChildren().Any() && !known.Contains(section.Key, StringComparer.OrdinalIgnoreCase))
                .Select(section => $"section must be one of {string.Join(", ", known)}; got {section.Key}"),
        ];
        if (problems.Length > 0)
        {
            throw new SettingsException(problems);
        }
    }

    // The binder would drop a single word without a sound, and the list would stay empty.
    private static void RefuseWordsForLists(IConfigurationRoot configuration)
    {
        string[] lists = [$"Media:{nameof(MediaOptions.AllowedHosts)}", $"Media:{nameof(MediaOptions.AllowedSchemes)}"];
        string[] problems =
        [
            .. lists.Where(key => !string.IsNullOrEmpty(configuration[key]))
                .Select(key => $"{key} must be a list, its first entry being {EnvironmentPrefix}{key.Replace(":", "__", StringComparison.Ordinal)}__0; got a single value"),
        ];
        if (problems.Length > 0)
        {
            throw new SettingsException(problems);
        }
    }

    private static T Read<T>(IConfigurationRoot configuration, string section, T defaults)
        where T : notnull
    {
        // An unknown key in a section is a typo that would silently leave a default in force.
        configuration.GetSection(section).Bind(defaults, options => options.ErrorOnUnknownConfiguration = true);
        return defaults;
    }
}
