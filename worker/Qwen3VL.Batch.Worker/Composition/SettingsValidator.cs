using System.Globalization;
using System.Net;
using Npgsql;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Fetching;
using Qwen3VL.Batch.Messaging;

namespace Qwen3VL.Batch.Worker.Composition;

/// <summary>Checks configuration once at start. Every message names the key, the rule and the value, but never a secret.</summary>
internal static class SettingsValidator
{
    /// <summary>All problems of the sections asked for.</summary>
    public static IReadOnlyList<string> Validate(Settings settings, SettingsSections sections)
    {
        List<string> problems = [];
        Run(SettingsSections.Database, Database);
        Run(SettingsSections.Broker, Broker);
        Run(SettingsSections.Media, Media);
        Run(SettingsSections.Planning, Planning);
        Run(SettingsSections.Worker, Worker);
        Run(SettingsSections.Engine, Engine);
        return problems;

        void Run(SettingsSections section, Action<Settings, List<string>> check)
        {
            if (sections.HasFlag(section))
            {
                check(settings, problems);
            }
        }
    }

    private static void Database(Settings settings, List<string> problems)
    {
        if (settings.Database.ConnectionString.Length == 0)
        {
            problems.Add("Database:ConnectionString must be set, for example QWEN3VL_Database__ConnectionString='Host=127.0.0.1;Database=qwen3vl;Username=...;Password=...'");
            return;
        }

        try
        {
            _ = new NpgsqlConnectionStringBuilder(settings.Database.ConnectionString);
        }
        catch (ArgumentException)
        {
            // The parser's message may quote the value, and the value holds a password.
            problems.Add("Database:ConnectionString must be a PostgreSQL connection string of key=value pairs; it cannot be parsed");
        }
    }

    private static void Broker(Settings settings, List<string> problems)
    {
        Required(problems, "Broker:Host", settings.Broker.Host);
        Range(problems, "Broker:Port", settings.Broker.Port, 1, 65_535);
        Required(problems, "Broker:VirtualHost", settings.Broker.VirtualHost);
        Required(problems, "Broker:User", settings.Broker.User);
        Required(problems, "Broker:Password", settings.Broker.Password);
        if (settings.Broker.Tls == BrokerTls.Off && !settings.Broker.AllowPlaintext && !IsLoopback(settings.Broker.Host))
        {
            problems.Add($"Broker:Tls must be On for a broker on another machine, or Broker:AllowPlaintext true; got Off for {settings.Broker.Host}");
        }

        if (settings.Broker.Tls == BrokerTls.Off && (settings.Broker.CaFile.Length > 0 || settings.Broker.CertificateFile.Length > 0 || settings.Broker.KeyFile.Length > 0))
        {
            problems.Add("Broker:Tls must be On when Broker:CaFile, Broker:CertificateFile or Broker:KeyFile is set; got Off");
        }

        if ((settings.Broker.CertificateFile.Length > 0) != (settings.Broker.KeyFile.Length > 0))
        {
            problems.Add("Broker:CertificateFile and Broker:KeyFile must be set together; got one of them");
        }

        Exists(problems, "Broker:CaFile", settings.Broker.CaFile);
        Exists(problems, "Broker:CertificateFile", settings.Broker.CertificateFile);
        Exists(problems, "Broker:KeyFile", settings.Broker.KeyFile);
    }

    private static void Media(Settings settings, List<string> problems)
    {
        if (settings.Media.AllowedHosts.Count == 0)
        {
            Required(problems, "Media:SourceRoot", settings.Media.SourceRoot);
        }

        if (settings.Media.SourceRoot.Length > 0 && !Directory.Exists(settings.Media.SourceRoot))
        {
            problems.Add($"Media:SourceRoot must be an existing folder; got {settings.Media.SourceRoot}");
        }

        Range(problems, "Media:MaxFileBytes", settings.Media.MaxFileBytes, 1, long.MaxValue);
        Range(problems, "Media:MaxPages", settings.Media.MaxPages, 1, 1_000_000);
        Range(problems, "Media:MaxImagePixels", settings.Media.MaxImagePixels, 1, int.MaxValue / 3);
        Range(problems, "Media:MaxDurationSeconds", settings.Media.MaxDurationSeconds, 0.001, int.MaxValue / 1000);
        Range(problems, "Media:ProcessTimeoutSeconds", settings.Media.ProcessTimeoutSeconds, 0.1, 86_400);
        Range(problems, "Media:MaxDecodedMiB", settings.Media.MaxDecodedMiB, 1, 1 << 20);
        Range(problems, "Media:ProcessMemoryMiB", settings.Media.ProcessMemoryMiB, 64, 1 << 20);
        Urls(settings.Media, problems);
    }

    private static void Urls(MediaOptions media, List<string> problems)
    {
        foreach (string host in media.AllowedHosts.Where(host => !HostPattern.TryParse(host, out _)))
        {
            problems.Add($"Media:AllowedHosts must hold hosts such as store.example.org, *.example.org or 10.0.0.5:9000; got {host}");
        }

        foreach (string scheme in media.AllowedSchemes.Where(scheme => scheme is not ("http" or "https")))
        {
            problems.Add($"Media:AllowedSchemes must hold http and https only; got {scheme}");
        }

        Range(problems, "Media:FetchTimeoutSeconds", media.FetchTimeoutSeconds, 0.1, 86_400);
        Range(problems, "Media:MaxRedirects", media.MaxRedirects, 0, 20);
        Range(problems, "Media:FetchCacheMiB", media.FetchCacheMiB, 1, 1 << 30);
        if (media.AllowedHosts.Count > 0 && (long)media.FetchCacheMiB << 20 < media.MaxFileBytes)
        {
            problems.Add(string.Create(
                CultureInfo.InvariantCulture, $"Media:FetchCacheMiB must hold a file of Media:MaxFileBytes, {media.MaxFileBytes} bytes; got {media.FetchCacheMiB} MiB"));
        }
    }

    private static void Planning(Settings settings, List<string> problems)
    {
        Range(problems, "Planning:Dpi", settings.Planning.Dpi, 36, 600);
        Range(problems, "Planning:PagesPerChunk", settings.Planning.PagesPerChunk, 1, 64);
        Range(problems, "Planning:ChunksPerGroup", settings.Planning.ChunksPerGroup, 1, 1_000);
        Range(problems, "Planning:WindowSeconds", settings.Planning.WindowSeconds, 1, 3_600);
        Range(problems, "Planning:OverlapSeconds", settings.Planning.OverlapSeconds, 0, settings.Planning.WindowSeconds / 2);
        Range(problems, "Planning:SummaryFanIn", settings.Planning.SummaryFanIn, 2, 64);
        Range(problems, "Planning:MaxOutputTokens", settings.Planning.MaxOutputTokens, 1, 262_144);
    }

    private static void Worker(Settings settings, List<string> problems)
    {
        Range(problems, "Worker:Slots", settings.Worker.Slots, 1, 256);
        Range(problems, "Worker:ChunksAtOnce", settings.Worker.ChunksAtOnce, 1, 64);
        Range(problems, "Worker:LeaseSeconds", settings.Worker.LeaseSeconds, 1, 3_600);
        Range(problems, "Worker:PollSeconds", settings.Worker.PollSeconds, 0.05, 60);
        Range(problems, "Worker:GraceSeconds", settings.Worker.GraceSeconds, 0, 3_600);
        Range(problems, "Worker:StuckSeconds", settings.Worker.StuckSeconds, 0, 86_400);
        Range(problems, "Worker:ChunkTimeoutSeconds", settings.Worker.ChunkTimeoutSeconds, 1, 86_400);
        Range(problems, "Worker:HealthPort", settings.Worker.HealthPort, 0, 65_535);
        Lanes(settings, problems);
        Range(problems, "Retention:KeyDays", settings.Retention.KeyDays, 1, 36_500);
        Range(problems, "Retention:InboxDays", settings.Retention.InboxDays, 1, 36_500);
        Range(problems, "Retention:DeadLetterDays", settings.Retention.DeadLetterDays, 1, 36_500);
        Range(problems, "Retention:WorkerDays", settings.Retention.WorkerDays, 1, 36_500);
        Range(problems, "Retention:ResultMonths", settings.Retention.ResultMonths, 0, 1_200);
    }

    private static void Lanes(Settings settings, List<string> problems)
    {
        if (!Storage.Lanes.TryParse(settings.Worker.Lanes, out short[]? lanes))
        {
            problems.Add($"Worker:Lanes must be names of lanes (bulk, interactive, quarantine), each once, with commas between them; got {settings.Worker.Lanes}");
            return;
        }

        if (lanes.Length > 1 && lanes.Contains(Storage.Lanes.Quarantine))
        {
            problems.Add($"Worker:Lanes must name quarantine alone, because what runs there may end its process; got {settings.Worker.Lanes}");
        }

        bool sharedOnly = !lanes.Contains(Storage.Lanes.Interactive);
        Range(problems, "Worker:ReservedSlots", settings.Worker.ReservedSlots, 0, sharedOnly ? 0 : Math.Max(settings.Worker.Slots - 1, 0));
    }

    private static void Engine(Settings settings, List<string> problems)
    {
        if (!Directory.Exists(settings.Engine.ModelFolder))
        {
            problems.Add($"Engine:ModelFolder must be an existing model folder; got {settings.Engine.ModelFolder}");
        }

        Range(problems, "Cpu:Threads", settings.Cpu.Threads, 0, 1_024);
        try
        {
            settings.Engine.Validate();
        }
        catch (ArgumentException exception)
        {
            problems.Add("Engine:" + exception.Message);
        }
    }

    // What a name resolves to may change; only what says of itself that it stays here does.
    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static void Exists(List<string> problems, string key, string file)
    {
        if (file.Length > 0 && !File.Exists(file))
        {
            problems.Add($"{key} must be an existing file; got {file}");
        }
    }

    private static void Required(List<string> problems, string key, string value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            problems.Add($"{key} must be set, for example by {Settings.EnvironmentPrefix}{key.Replace(":", "__", StringComparison.Ordinal)}");
        }
    }

    private static void Range(List<string> problems, string key, double value, double minimum, double maximum)
    {
        if (!(value >= minimum && value <= maximum))
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{key} must be {minimum}..{maximum}; got {value}"));
        }
    }
}
