using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class ClaimLaneTests(PostgresServer server) : IAsyncLifetime
{
    private LedgerDatabase _database = null!; // set before each test
    private long _worker;

    public async Task InitializeAsync()
    {
        _database = await LedgerDatabase.CreateAsync(server);
        _worker = await _database.WorkerAsync();
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Claim_LanesOfTheWorker_LeavesTheOthers()
    {
        await FillAsync(groups: 6, lanes: 3);

        IReadOnlyList<ClaimedGroup> claimed = await ClaimAsync(10, 10, Lanes.Bulk, Lanes.Quarantine);

        claimed.Select(group => group.Lane).Order().ShouldBe([Lanes.Bulk, Lanes.Bulk, Lanes.Quarantine, Lanes.Quarantine]);
        (await ClaimAsync(10, 10, Lanes.Interactive)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Claim_SharedRoomUsedUp_TakesInteractiveOnly()
    {
        await FillAsync(groups: 6, lanes: 3);

        IReadOnlyList<ClaimedGroup> claimed = await ClaimAsync(3, 0, Lanes.Bulk, Lanes.Interactive, Lanes.Quarantine);

        claimed.Select(group => group.Lane).ShouldBe([Lanes.Interactive, Lanes.Interactive]);
    }

    [Fact]
    public async Task Claim_SharedRoomOfTwo_CountsAllSharedLanesTogetherInOrder()
    {
        // Lanes take turns in order of the key: bulk 0, interactive 1, quarantine 2, bulk 3, ...
        await FillAsync(groups: 9, lanes: 3);

        IReadOnlyList<ClaimedGroup> claimed = await ClaimAsync(4, 2, Lanes.Bulk, Lanes.Interactive, Lanes.Quarantine);

        claimed.Select(group => group.GroupNo).Order().ShouldBe([0, 1, 2, 4]);
    }

    [Fact]
    public async Task Claim_AHundredThousandReady_IsAnIndexScanThatStopsAfterWhatItNeeds()
    {
        await FillAsync(groups: 100_000, lanes: 2);
        await _database.ExecuteAsync("ANALYZE vq.work");
        await using NpgsqlConnection connection = await _database.Source.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) " + LeaseSql.Claim, connection);
        command.Parameters.Add(new NpgsqlParameter("Lanes", NpgsqlDbType.Array | NpgsqlDbType.Smallint) { Value = new[] { Lanes.Bulk, Lanes.Interactive } });
        command.Parameters.AddWithValue("Interactive", Lanes.Interactive);
        command.Parameters.AddWithValue("Count", 4);
        command.Parameters.AddWithValue("SharedCount", 4);
        command.Parameters.AddWithValue("LeaseSeconds", 60.0);
        command.Parameters.AddWithValue("WorkerId", _worker);
        List<string> plan = [];
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                plan.Add(reader.GetString(0));
            }
        }

        string text = string.Join('\n', plan);
        text.ShouldContain("Index Scan using work_ready on work");
        text.ShouldNotContain("Seq Scan on work");

        // No step saw more than the lanes' limits together: nothing was sorted that was not going to be claimed.
        int[] rows = [.. Regex.Matches(text, @"actual rows=(\d+)").Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))];
        rows.ShouldNotBeEmpty();
        rows.Max().ShouldBeLessThanOrEqualTo(8, text);
    }

    private Task<IReadOnlyList<ClaimedGroup>> ClaimAsync(int count, int shared, params short[] lanes) =>
        _database.Ledger.ClaimAsync(_worker, new ClaimLimits(count, shared, lanes), LedgerDatabase.LeaseTime, default);

    // Groups of one job that is nowhere else: enough for a claim.
    private Task FillAsync(int groups, int lanes) => _database.ExecuteAsync(
        """
        INSERT INTO vq.work (job_id, group_no, order_key, lane, first_chunk, last_chunk)
        SELECT vq.uuid7_floor(now()), n, now() - interval '1 day' + n * interval '1 millisecond', n % @lanes, n, n FROM generate_series(0, @groups - 1) n
        """,
        new { groups, lanes });
}
