using System.Text.Json;
using Dapper;
using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.IntegrationTests.Messaging;
using Qwen3VL.Batch.IntegrationTests.Storage;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Migrations;
using Qwen3VL.TestKit;
using Qwen3VL.TestKit.Documents;
using RabbitMQ.Client;

namespace Qwen3VL.Batch.IntegrationTests.EndToEnd;

/// <summary>One test's world: a fresh database, a folder of sources, a subscriber to events, and the workers it starts.</summary>
internal sealed class Scenario : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private static readonly string[] FinalEvents = ["job.succeeded", "job.partial", "job.failed", "job.cancelled"];

    private readonly EndToEndServers _servers;
    private readonly string _database;
    private readonly List<WorkerProcess> _workers = [];

    private Scenario(EndToEndServers servers, string database, string folder, EventSubscriber events)
    {
        _servers = servers;
        _database = database;
        Folder = folder;
        Events = events;
    }

    /// <summary>How to connect to the database of the workers.</summary>
    public string Database => _database;

    /// <summary>The workers' source root.</summary>
    public string Folder { get; }

    public EventSubscriber Events { get; }

    public static async Task<Scenario> StartAsync(EndToEndServers servers)
    {
        string database = await servers.Postgres.CreateDatabaseAsync();
        _ = await new MigrationRunner(database, TimeProvider.System, TestLogins.Options).ApplyAsync(null, CancellationToken.None);
        string folder = Directory.CreateTempSubdirectory("qwen3vl-end-to-end-").FullName;
        await PurgeAsync(servers.BrokerOptions);
        return new Scenario(servers, database, folder, await EventSubscriber.StartAsync(servers.BrokerOptions, "test." + Path.GetFileName(folder)));
    }

    /// <summary>Starts a worker.</summary>
    /// <param name="settings">Settings beside the usual ones, keys like <c>Media:MaxPages</c>.</param>
    public WorkerProcess StartWorker(IReadOnlyDictionary<string, string>? settings = null)
    {
        WorkerProcess worker = WorkerProcess.Start(
            _servers.BrokerOptions, TestLogins.AsWorker(_database), Folder, Path.Combine(Folder, $"worker-{_workers.Count}.log"), settings);
        _workers.Add(worker);
        return worker;
    }

    public static SubmitJob Read(string key, string uri) => new()
    {
        IdempotencyKey = key,
        Kind = JobKind.Document,
        Source = new JobSource { Uri = uri },
        Tasks = [new JobTask { Kind = JobTaskKind.Ocr }],
    };

    /// <summary>Writes a PDF of so many pages and submits it.</summary>
    public async Task<Guid> SubmitPagesAsync(string key, int pages)
    {
        PrintedPdf.Write(Path.Combine(Folder, key + ".pdf"), pages);
        await SendAsync(Read(key, key + ".pdf") with { Options = new JobOptions { Dpi = PrintedPdf.Dpi, MaxOutputTokens = 32 } });
        return await JobAsync(key);
    }

    public async Task SendAsync(params SubmitJob[] commands)
    {
        await using CommandClient client = await CommandClient.ConnectAsync(_servers.BrokerOptions, TimeProvider.System, CancellationToken.None);
        foreach (SubmitJob command in commands)
        {
            await client.SendAsync(command, CancellationToken.None);
        }
    }

    public async Task SendAsync(CancelJob command)
    {
        await using CommandClient client = await CommandClient.ConnectAsync(_servers.BrokerOptions, TimeProvider.System, CancellationToken.None);
        await client.SendAsync(command, CancellationToken.None);
    }

    /// <summary>The job of a key, once a worker has recorded it.</summary>
    public async Task<Guid> JobAsync(string key) =>
        await SeeAsync<Guid?>("SELECT job_id FROM vq.idempotency_keys WHERE idem_key = @key", new { key }, job => job is not null, $"job of key {key}") ?? Guid.Empty;

    /// <summary>Waits until so many chunks are stored and the job is still open.</summary>
    public Task DoneChunksAsync(Guid job, int count) =>
        SeeAsync<int>("SELECT done_chunks FROM vq.jobs WHERE id = @job", new { job }, done => done >= count, $"{count} chunks done");

    public Task<int> DoneChunksAsync(Guid job) => ValueAsync<int>("SELECT done_chunks FROM vq.jobs WHERE id = @job", new { job });

    /// <summary>Waits for the job's end; returns its state.</summary>
    public Task<string> FinalStateAsync(Guid job) =>
        SeeAsync<string>("SELECT state FROM vq.jobs WHERE id = @job", new { job }, state => state is "succeeded" or "partial" or "failed" or "cancelled", "the job's end");

    /// <summary>Waits for the job's final event, and one more look at the outbox; returns its routing keys by message id, repeats merged.</summary>
    public async Task<IReadOnlyList<string>> FinalEventsAsync(Guid job)
    {
        await Eventually.TrueAsync(() => Task.FromResult(Final(job).Any()), Patience, "the final event");
        _ = await SeeAsync<long>("SELECT count(*) FROM vq.outbox", null, rows => rows == 0, "an empty outbox");
        return [.. Final(job).DistinctBy(message => message.MessageId).Select(message => message.RoutingKey)];
    }

    /// <summary>Text of each page, in order.</summary>
    public Task<IReadOnlyList<string>> TextsAsync(Guid job) => RowsAsync<string>("SELECT body FROM vq.pages WHERE job_id = @job ORDER BY page_no", new { job });

    /// <summary>One value now.</summary>
    public async Task<T> ValueAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = new NpgsqlConnection(_database + ";Pooling=false");
        return (await connection.QuerySingleOrDefaultAsync<T>(sql, parameters))!; // null only where T allows it
    }

    public async Task<IReadOnlyList<T>> RowsAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = new NpgsqlConnection(_database + ";Pooling=false");
        return [.. await connection.QueryAsync<T>(sql, parameters)];
    }

    /// <summary>Looks until the value is as wanted. Workers that all ended, or a wait that is too long, fail the test with their logs.</summary>
    public async Task<T> SeeAsync<T>(string sql, object? parameters, Func<T, bool> holds, string what)
    {
        try
        {
            return await Eventually.SeeAsync(
                () => _workers.Count > 0 && _workers.TrueForAll(worker => worker.HasExited)
                    ? throw new TimeoutException($"a worker must run while waiting for {what}; all have ended")
                    : ValueAsync<T>(sql, parameters),
                holds,
                Patience,
                what);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException(exception.Message + Environment.NewLine + string.Join(Environment.NewLine, _workers.Select(worker => worker.Log)), exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (WorkerProcess worker in _workers)
        {
            await worker.DisposeAsync();
        }

        await Events.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private IEnumerable<(string RoutingKey, string? MessageId)> Final(Guid job) => Events.Received
        .Where(message => FinalEvents.Contains(message.RoutingKey) && JsonDocument.Parse(message.Body).RootElement.GetProperty("jobId").GetGuid() == job)
        .Select(message => (message.RoutingKey, message.MessageId));

    // A worker that was killed may have left a command behind; it belongs to another test's database.
    private static async Task PurgeAsync(BrokerOptions broker)
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(broker, "test", CancellationToken.None);
        await Topology.DeclareAsync(connection, CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        _ = await channel.QueuePurgeAsync(BrokerNames.Commands);
    }
}
