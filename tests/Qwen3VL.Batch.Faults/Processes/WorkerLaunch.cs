using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Faults.Control;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.TestKit.Servers;

namespace Qwen3VL.Batch.Faults.Processes;

/// <summary>Turns a setup into a command and its environment.</summary>
internal static class WorkerLaunch
{
    /// <summary>The launch of one worker.</summary>
    /// <param name="setup">How.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="database">Connection string of the database itself.</param>
    /// <param name="broker">The broker itself.</param>
    /// <param name="seed">Seed of the delays.</param>
    /// <param name="logFile">Gets what it prints.</param>
    public static ServerLaunch Of(WorkerSetup setup, RunFolder folder, string database, BrokerOptions broker, int seed, string logFile)
    {
        var connection = new NpgsqlConnectionStringBuilder(database);
        connection.Port = setup.DatabasePort ?? connection.Port;
        var environment = new Dictionary<string, string>
        {
            ["QWEN3VL_Broker__Host"] = broker.Host,
            ["QWEN3VL_Broker__Port"] = Text(setup.BrokerPort ?? broker.Port),
            ["QWEN3VL_Broker__VirtualHost"] = broker.VirtualHost,
            ["QWEN3VL_Broker__User"] = broker.User,
            ["QWEN3VL_Broker__Password"] = broker.Password,
            ["QWEN3VL_Database__ConnectionString"] = connection.ConnectionString,
            ["QWEN3VL_Media__SourceRoot"] = folder.Sources,
            ["QWEN3VL_Engine__ModelFolder"] = WorkerPrograms.Model,
            ["QWEN3VL_Worker__LeaseSeconds"] = Text(setup.LeaseSeconds),
            ["QWEN3VL_Worker__PollSeconds"] = Text(setup.PollSeconds),
            ["QWEN3VL_Worker__GraceSeconds"] = Text(setup.GraceSeconds),
            ["QWEN3VL_Worker__Slots"] = Text(setup.Slots),
            ["QWEN3VL_Worker__ChunksAtOnce"] = Text(setup.ChunksAtOnce),
            ["QWEN3VL_Planning__ChunksPerGroup"] = Text(setup.ChunksPerGroup),

            // Many short-lived processes on few cores: compile quickly, not well.
            ["DOTNET_TieredPGO"] = "0",
            ["DOTNET_gcServer"] = "0",
        };
        if (setup.Kind == WorkerKind.Deterministic)
        {
            environment[FaultVariables.Folder] = folder.Path;
            environment[FaultVariables.Seed] = Text(seed);
            environment[FaultVariables.DelayMs] = Text(setup.DelayMs);
            environment[FaultVariables.CrashAt] = setup.CrashAt ?? "";
            environment[FaultVariables.PauseAt] = setup.PauseAt ?? "";
            environment[FaultVariables.WithoutGuards] = setup.WithoutGuards ?? "";
            environment[FaultVariables.Media] = setup.RealMedia ? "real" : "";
        }

        foreach ((string name, string value) in setup.Environment)
        {
            environment[name] = value;
        }

        return new ServerLaunch(logFile, [.. setup.Prefix, .. WorkerPrograms.Command(setup.Kind)]) { Environment = environment };
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
