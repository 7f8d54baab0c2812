using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;
using Qwen3VL.Batch.Faults.Servers;
using Qwen3VL.Batch.Messaging;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>What the numbers were measured on. No names of hosts or people.</summary>
internal sealed record MachineFacts
{
    /// <summary>Processors.</summary>
    public int Cores { get; init; }

    /// <summary>Model of the processor.</summary>
    public string Processor { get; init; } = "";

    /// <summary>Memory in GiB.</summary>
    public double MemoryGiB { get; init; }

    /// <summary>Version of the kernel.</summary>
    public string Kernel { get; init; } = "";

    /// <summary>Version of .NET.</summary>
    public string Runtime { get; init; } = "";

    /// <summary>Version of the database.</summary>
    public string Postgres { get; init; } = "";

    /// <summary>Version of the broker.</summary>
    public string Broker { get; init; } = "";

    /// <summary>Processes that wanted to run when the measurement began: more than the cores means a busy machine and worse numbers.</summary>
    public double Load { get; init; }

    /// <summary>Reads them.</summary>
    public static async Task<MachineFacts> ReadAsync(FaultServers servers, CancellationToken cancellationToken)
    {
        string[] processor = await File.ReadAllLinesAsync("/proc/cpuinfo", cancellationToken);
        string load = await File.ReadAllTextAsync("/proc/loadavg", cancellationToken);
        string kernel = await File.ReadAllTextAsync("/proc/sys/kernel/osrelease", cancellationToken);
        await using var connection = new NpgsqlConnection(servers.Postgres.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(cancellationToken);
        BrokerOptions broker = await servers.CreateVirtualHostAsync();
        await using IConnection link = await BrokerConnection.OpenAsync(broker, "report", cancellationToken);
        return new MachineFacts
        {
            Cores = Environment.ProcessorCount,
            Processor = processor.FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString(),
            MemoryGiB = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30),
            Kernel = kernel.Trim().Split('-')[0],
            Runtime = Environment.Version.ToString(),
            Postgres = connection.PostgreSqlVersion.ToString(),
            Broker = Text(link.ServerProperties?["version"]),
            Load = double.Parse(load.Split(' ')[0], CultureInfo.InvariantCulture),
        };
    }

    private static string Text(object? value) => value is byte[] bytes ? System.Text.Encoding.UTF8.GetString(bytes) : value?.ToString() ?? "";
}
