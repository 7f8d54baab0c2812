using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

[Collection(PostgresServer.Collection)]
public sealed class PostgresOutboxTests(PostgresServer server) : IAsyncLifetime
{
    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(1);

    private LedgerDatabase _database = null!; // set before each test

    public async Task InitializeAsync() => _database = await LedgerDatabase.CreateAsync(server);

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task Take_ManyRelaysAtOnce_EachRowGoesToOne()
    {
        for (int job = 0; job < 20; job++)
        {
            await _database.SubmitAsync($"job {job}");
        }

        IReadOnlyList<OutboxMessage>[] taken = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _database.Outbox.TakeAsync(4, Hold, default)));
        IReadOnlyList<OutboxMessage> rest = await _database.Outbox.TakeAsync(100, Hold, default);

        taken.SelectMany(messages => messages).Concat(rest).Select(message => message.Id).ShouldBeUnique();
        (taken.Sum(messages => messages.Count) + rest.Count).ShouldBe(20);
        (await _database.Outbox.TakeAsync(100, Hold, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Take_HoldEnded_RowComesBackWithItsId()
    {
        await _database.SubmitAsync("a");
        OutboxMessage first = (await _database.Outbox.TakeAsync(1, TimeSpan.Zero, default)).ShouldHaveSingleItem();

        OutboxMessage second = (await _database.Outbox.TakeAsync(1, Hold, default)).ShouldHaveSingleItem();

        second.ShouldBe(first);
    }

    [Fact]
    public async Task Hold_WhileASendingWaits_RowStaysWithItsRelay()
    {
        await _database.SubmitAsync("a");
        OutboxMessage message = (await _database.Outbox.TakeAsync(1, TimeSpan.Zero, default)).ShouldHaveSingleItem();

        await _database.Outbox.HoldAsync([message.Id, Guid.Empty], Hold, default);
        (await _database.Outbox.TakeAsync(1, Hold, default)).ShouldBeEmpty();
        await _database.Outbox.HoldAsync([message.Id], TimeSpan.Zero, default);

        (await _database.Outbox.TakeAsync(1, Hold, default)).ShouldHaveSingleItem().ShouldBe(message);
    }

    [Fact]
    public async Task Postpone_WithDelay_RowWaitsAndKeepsTheError()
    {
        await _database.SubmitAsync("a");
        OutboxMessage message = (await _database.Outbox.TakeAsync(1, TimeSpan.Zero, default)).ShouldHaveSingleItem();

        await _database.Outbox.PostponeAsync(message.Id, Hold, "no route\0" + new string('x', 5_000), refused: true, default);

        (await _database.Outbox.TakeAsync(1, Hold, default)).ShouldBeEmpty();
        (await _database.QueryAsync<int>("SELECT length(last_error) FROM vq.outbox")).ShouldBe([2_000]);
    }

    [Fact]
    public async Task Delete_Confirmed_RowIsGone()
    {
        await _database.SubmitAsync("a");
        OutboxMessage message = (await _database.Outbox.TakeAsync(1, TimeSpan.Zero, default)).ShouldHaveSingleItem();

        await _database.Outbox.DeleteAsync([message.Id], default);
        await _database.Outbox.DeleteAsync([], default);

        (await _database.CountAsync("vq.outbox")).ShouldBe(0);
    }
}
