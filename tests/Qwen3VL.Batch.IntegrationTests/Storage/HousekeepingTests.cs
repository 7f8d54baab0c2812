using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class HousekeepingTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(10);

    private LedgerDatabase _database = null!; // set before each test
    private long _worker;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Run_SilentWorker_IsLostUntilItBeatsAgain()
    {
        await _database.ExecuteAsync("UPDATE vq.workers SET beat_at = now() - interval '11 minutes'");
        long live = await _database.WorkerAsync();

        (await KeepAsync()).LostWorkers.ShouldBe(1);
        (await StateAsync(_worker)).ShouldBe("lost");
        (await StateAsync(live)).ShouldBe("live");

        await _database.Ledger.HeartbeatAsync(_worker, [], LedgerDatabase.LeaseTime, default);
        (await StateAsync(_worker)).ShouldBe("live");
        (await KeepAsync()).LostWorkers.ShouldBe(0);
    }

    [Fact]
    public async Task Run_WorkersStoppedLongAgo_AreForgotten()
    {
        long recent = await _database.WorkerAsync();
        await _database.Ledger.UnregisterWorkerAsync(_worker, default);
        await _database.Ledger.UnregisterWorkerAsync(recent, default);
        await _database.ExecuteAsync("UPDATE vq.workers SET stopped_at = now() - interval '8 days' WHERE id = @id", new { id = _worker });

        (await KeepAsync()).DeletedRows.ShouldBe(1);

        (await _database.QueryAsync<long>("SELECT id FROM vq.workers")).ShouldBe([recent]);
    }

    [Fact]
    public async Task Run_OldKeys_GoWhenTheirJobHasEnded()
    {
        Guid open = await _database.SubmitAsync("open");
        await _database.SubmitAsync("young");
        await _database.ExecuteAsync(
            "INSERT INTO vq.idempotency_keys (tenant_id, idem_key, request_hash, job_id) VALUES (7, 'ended', sha256('a'), vq.uuid7()), (7, 'same age', sha256('a'), vq.uuid7())");
        await _database.ExecuteAsync(
            "UPDATE vq.idempotency_keys SET created_at = now() - interval '31 days' WHERE idem_key IN ('open', 'ended')");

        (await KeepAsync()).DeletedRows.ShouldBe(1);

        (await _database.QueryAsync<string>("SELECT idem_key FROM vq.idempotency_keys ORDER BY 1")).ShouldBe(["open", "same age", "young"]);
        (await _database.SubmitAsync("open")).ShouldBe(open);
    }

    [Fact]
    public async Task Run_OldRowsOfEveryTable_GoInBatchesAndOpenDeadLettersStay()
    {
        int many = PostgresHousekeeping.Batch + 5;
        await _database.ExecuteAsync(
            "INSERT INTO vq.inbox (consumer, message_key, seen_at) SELECT 'c', n::text, now() - interval '8 days' FROM generate_series(1, @many) n", new { many });
        await _database.ExecuteAsync("INSERT INTO vq.inbox (consumer, message_key, seen_at) VALUES ('c', 'young', now() - interval '6 days')");
        await _database.ExecuteAsync(
            """
            INSERT INTO vq.rejections (tenant_id, idem_key, request_hash, code, message, created_at)
            VALUES (7, 'old', sha256('a'), 'c', 'm', now() - interval '31 days'), (7, 'young', sha256('a'), 'c', 'm', now() - interval '29 days')
            """);
        await _database.ExecuteAsync(
            """
            INSERT INTO vq.dead_letters (source, dedup_key, error_code, attempts, status, status_at)
            SELECT 'chunk', status || age, 'c', 1, status, now() - age FROM unnest(array['open', 'replaying', 'replayed', 'discarded']) status,
              unnest(array[interval '91 days', interval '89 days']) age
            """);

        (await KeepAsync()).DeletedRows.ShouldBe(many + 1 + 2);

        (await _database.QueryAsync<string>("SELECT message_key FROM vq.inbox")).ShouldBe(["young"]);
        (await _database.QueryAsync<string>("SELECT idem_key FROM vq.rejections")).ShouldBe(["young"]);
        (await _database.CountAsync("vq.dead_letters")).ShouldBe(6);
        (await _database.CountAsync("vq.dead_letters WHERE status IN ('open', 'replaying')")).ShouldBe(4);
        (await KeepAsync()).ShouldBe(new HousekeepingReport(0, 0));
    }

    [Fact]
    public async Task Run_OneTableInTheWay_TheOthersArePutInOrder()
    {
        await _database.ExecuteAsync("INSERT INTO vq.inbox (consumer, message_key, seen_at) VALUES ('c', 'old', now() - interval '8 days')");
        await _database.ExecuteAsync("ALTER TABLE vq.rejections RENAME TO elsewhere");

        await Should.ThrowAsync<Npgsql.PostgresException>(KeepAsync);

        (await _database.CountAsync("vq.inbox")).ShouldBe(0);
    }

    private Task<HousekeepingReport> KeepAsync() => new PostgresHousekeeping(_database.WorkerSource).RunAsync(new RetentionOptions(), Silence, default);

    private async Task<string> StateAsync(long worker) =>
        (await new PostgresFleet(_database.ReaderSource).ListAsync(all: false, default)).Single(row => row.Id == worker).State(leaseSeconds: 60);
}
