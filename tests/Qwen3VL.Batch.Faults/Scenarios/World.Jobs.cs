using System.Globalization;
using Dapper;
using Npgsql;
using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Faults.Checking;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Faults.Oracle;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.TestKit;

namespace Qwen3VL.Batch.Faults.Scenarios;

/// <content>Sending work and looking at it.</content>
internal sealed partial class World
{
    // What waits longer than this hangs, however slow the machine is.
    private const double MostSlowness = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>A new document of so many pages and the expectation of its job; nothing is sent.</summary>
    public ExpectedJob NewJob(int pages, params IReadOnlyList<JobTaskKind> tasks)
    {
        (string key, string salt) = NextKey();
        SyntheticSource source = SyntheticSource.Write(Folder.Sources, key + ".pdf", pages, salt);
        return new ExpectedJob(key, source) { Tasks = tasks.Count == 0 ? [JobTaskKind.Ocr] : tasks };
    }

    /// <summary>The same of a new video of so many seconds.</summary>
    public ExpectedJob NewVideo(int seconds, params IReadOnlyList<JobTaskKind> tasks)
    {
        (string key, string salt) = NextKey();
        SyntheticSource source = SyntheticSource.WriteVideo(Folder.Sources, key + ".mp4", seconds, salt);
        return new ExpectedJob(key, source) { Tasks = tasks };
    }

    private (string Key, string Salt) NextKey()
    {
        string key = string.Create(CultureInfo.InvariantCulture, $"job-{Interlocked.Increment(ref _keys)}");
        return (key, string.Create(CultureInfo.InvariantCulture, $"{Seed}-{key}"));
    }

    /// <summary>The command of an expectation.</summary>
    public static SubmitJob Command(ExpectedJob job) => new()
    {
        TenantId = job.TenantId,
        IdempotencyKey = job.Key,
        Kind = job.Source is { Seconds: > 0 } ? JobKind.Video : JobKind.Document,
        Source = new JobSource { Uri = job.Source?.Name ?? throw new ArgumentException("a job must have a source; got none", nameof(job)) },
        Tasks = [.. job.Tasks.Select(task => new JobTask { Kind = task })],
    };

    /// <summary>Sends jobs of so many pages each; returns what is expected of them. They may not be taken in yet.</summary>
    public async Task<IReadOnlyList<ExpectedJob>> SubmitAsync(int jobs, int pages, params IReadOnlyList<JobTaskKind> tasks)
    {
        ExpectedJob[] expected = [.. Enumerable.Range(0, jobs).Select(_ => NewJob(pages, tasks))];
        await SubmitAsync(expected);
        return expected;
    }

    /// <summary>Sends jobs and expects them.</summary>
    public async Task SubmitAsync(params IReadOnlyList<ExpectedJob> jobs)
    {
        Expected.Jobs.AddRange(jobs);
        await SendAsync([.. jobs.Select(Command)]);
    }

    /// <summary>Sends commands as they are; the ledger knows before and after.</summary>
    public async Task SendAsync(params IReadOnlyList<SubmitJob> commands)
    {
        await using CommandClient client = await CommandClient.ConnectAsync(Broker, Time, CancellationToken.None);
        await SendAsync(client, commands);
    }

    /// <summary>The same over a connection that is there.</summary>
    public async Task SendAsync(CommandClient client, params IReadOnlyList<SubmitJob> commands)
    {
        foreach (SubmitJob command in commands)
        {
            _ledger.Append(new LedgerRecord(LedgerEvent.Submitted) { Key = command.IdempotencyKey });
            await client.SendAsync(command, CancellationToken.None);
            _ledger.Append(new LedgerRecord(LedgerEvent.Confirmed) { Key = command.IdempotencyKey });
        }
    }

    /// <summary>Asks a job to stop.</summary>
    public async Task CancelAsync(ExpectedJob job)
    {
        Guid id = await JobIdAsync(job);
        await using CommandClient client = await CommandClient.ConnectAsync(Broker, Time, CancellationToken.None);
        await client.SendAsync(new CancelJob { TenantId = job.TenantId, JobId = id }, CancellationToken.None);
    }

    /// <summary>Id of a job, once it is taken in.</summary>
    public async Task<Guid> JobIdAsync(ExpectedJob job) => await SeeAsync<Guid?>(
        "SELECT job_id FROM vq.idempotency_keys WHERE tenant_id = @TenantId AND idem_key = @Key", job, id => id is not null, $"job of key {job.Key}") ?? Guid.Empty;

    /// <summary>Chunks of all jobs that succeeded so far.</summary>
    public Task<int> DoneAsync() => ValueAsync<int>("SELECT coalesce(sum(done_chunks), 0)::int FROM vq.jobs");

    /// <summary>Waits until so many chunks have succeeded.</summary>
    public Task UntilDoneAsync(int chunks) =>
        SeeAsync<int>("SELECT coalesce(sum(done_chunks), 0)::int FROM vq.jobs", null, done => done >= chunks, $"{chunks} chunks done");

    /// <summary>Waits for the end of one job; returns its state.</summary>
    public Task<string> UntilEndedAsync(ExpectedJob job, TimeSpan? limit = null) => SeeAsync<string>(
        "SELECT coalesce((SELECT state FROM vq.jobs WHERE tenant_id = @TenantId AND idem_key = @Key), '')",
        job,
        state => state is "succeeded" or "partial" or "failed" or "cancelled",
        $"end of job {job.Key}",
        limit);

    /// <summary>One value now.</summary>
    public async Task<T> ValueAsync<T>(string sql, object? parameters = null)
    {
        await using var connection = new NpgsqlConnection(Database + ";Pooling=false;Timeout=5");
        return (await connection.QuerySingleOrDefaultAsync<T>(sql, parameters))!; // null only where T allows it
    }

    /// <summary>Changes the database behind the product's back.</summary>
    public async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = new NpgsqlConnection(Database + ";Pooling=false;Timeout=5");
        await connection.ExecuteAsync(sql, parameters);
    }

    /// <summary>
    /// Looks until the value is as wanted; a database that is away is looked at again. On a machine on which workers start slowly the limit grows
    /// as bounds do.
    /// </summary>
    /// <exception cref="TimeoutException">It was not in time; names the run's folder.</exception>
    public async Task<T> SeeAsync<T>(string sql, object? parameters, Func<T, bool> holds, string what, TimeSpan? limit = null)
    {
        TimeSpan usual = limit ?? Patience;
        try
        {
            return await LookAsync(sql, parameters, holds, what, usual);
        }
        catch (TimeoutException)
        {
            double slowness = Math.Min(await SlownessAsync(), MostSlowness);
            if (slowness <= 1)
            {
                throw;
            }

            return await LookAsync(sql, parameters, holds, what, usual * (slowness - 1));
        }
    }

    private async Task<T> LookAsync<T>(string sql, object? parameters, Func<T, bool> holds, string what, TimeSpan limit)
    {
        (bool IsSeen, T? Value) seen = await Eventually.SeeAsync(
            async () =>
            {
                try
                {
                    return (true, await ValueAsync<T>(sql, parameters));
                }
                catch (NpgsqlException)
                {
                    return (false, default(T));
                }
            },
            look => look.Item1 && holds(look.Item2!), // the value is there when it was seen
            limit,
            what);
        return seen.Value!; // seen
    }
}
