using System.Text;
using Npgsql;
using Qwen3VL.Batch.Jobs;
using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Storage;
using Qwen3VL.TestKit;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Messaging;

public sealed class DeadLetterIngestTests(BrokerFixture broker) : IClassFixture<BrokerFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Ingest_MessageThatTheBrokerMoved_NamesQueueReasonAndCount()
    {
        await PublishAsync("""{"tenantId":9,"x":1}""", "moved", new Dictionary<string, object?>
        {
            ["x-death"] = new List<object> { new Dictionary<string, object> { ["queue"] = "vq.commands", ["reason"] = "delivery_limit", ["count"] = 20L } },
            ["MT-MessageType"] = "urn:message:Qwen3VL.Batch.Contracts.V1:SubmitJob",
        });

        NewDeadLetter letter = await SeeAsync(letter => letter.DedupKey.Contains("moved", StringComparison.Ordinal));

        (letter.ErrorCode, letter.Queue, letter.Attempts, letter.TenantId).ShouldBe((ErrorCodes.DeliveryLimit, "vq.commands", 20, 9));
        letter.DedupKey.ShouldStartWith("msg:vq.commands:moved:");
        await EmptyAsync();
    }

    [Fact]
    public async Task Ingest_HostileHeadersAndBodies_AreRecordedAndNeverComeBack()
    {
        Dictionary<string, object?> headers = Enumerable.Range(0, 200).ToDictionary(no => $"h{no}\0\u202e", no => (object?)new string('v', 300));
        headers["MT-MessageType"] = new byte[] { 0xff, 0xfe, 0 };
        headers["vq-code"] = "made_up";
        headers["table"] = new Dictionary<string, object> { ["a"] = 1 };
        await PublishAsync("{\"a\":\"\\u0000\"}", "hostile-nul", headers);
        await PublishAsync("{\"a\":\"\\ud800\"}", "hostile-surrogate", headers);
        await PublishAsync(new string('[', 100_000), "hostile-depth", headers);
        await PublishAsync(new string('a', 3_000_000), "hostile-size", headers);

        foreach (string id in (string[])["hostile-nul", "hostile-surrogate", "hostile-depth", "hostile-size"])
        {
            NewDeadLetter letter = await SeeAsync(letter => letter.DedupKey.Contains(id, StringComparison.Ordinal));
            letter.Body.ShouldBeNull();
            letter.BodyRaw.ShouldNotBeNull().Length.ShouldBeLessThanOrEqualTo(256 * 1024);
            letter.ErrorCode.ShouldBe(ErrorCodes.Internal);
            letter.Headers.ShouldNotBeNull().Length.ShouldBeLessThan(32 * 700);
            letter.Headers.ShouldNotContain("\\u0000");
        }

        await EmptyAsync();
    }

    [Fact]
    public async Task Ingest_DatabaseRefusesTheContent_RecordsTheBytesAlone()
    {
        broker.DeadLetters.Before = letter =>
        {
            if (letter is { Headers: not null } && letter.DedupKey.Contains("refused", StringComparison.Ordinal))
            {
                throw new PostgresException("unsupported Unicode escape sequence", "ERROR", "ERROR", "22P05");
            }
        };
        await PublishAsync("{\"a\":1}", "refused", []);

        NewDeadLetter letter = await SeeAsync(letter => letter.Headers is null && Encoding.UTF8.GetString(letter.BodyRaw ?? []) == "{\"a\":1}");

        broker.DeadLetters.Before = _ => { };
        (letter.ErrorCode, letter.Body, letter.MessageType).ShouldBe((ErrorCodes.CommandUnreadable, null, null));
        await EmptyAsync();
    }

    [Fact]
    public async Task Ingest_DatabaseAway_MessageStaysOnTheBrokerAndIsRecordedLater()
    {
        int refused = 0;
        broker.DeadLetters.Before = letter =>
        {
            if (letter is not null)
            {
                _ = Interlocked.Increment(ref refused);
                throw new NpgsqlException("away", new IOException());
            }
        };
        await PublishAsync("{\"a\":2}", "away", []);
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref refused) > 0), Patience, "a refusal");
        broker.DeadLetters.Recorded.ShouldNotContain(letter => letter.DedupKey.Contains("away", StringComparison.Ordinal));

        broker.DeadLetters.Before = _ => { };

        _ = await SeeAsync(letter => letter.DedupKey.Contains("away", StringComparison.Ordinal));
        await EmptyAsync();
    }

    [Fact]
    public async Task Ingest_QueueDeleted_IsDeclaredAgainAndReadOn()
    {
        await using (IConnection connection = await BrokerConnection.OpenAsync(broker.Options, "test", CancellationToken.None))
        await using (IChannel channel = await connection.CreateChannelAsync())
        {
            _ = await channel.QueueDeleteAsync(BrokerNames.Dead, ifUnused: false, ifEmpty: false);
        }

        // Declared by the worker itself, and not by this test: a declaration in the moment of a deletion is the broker's own race.
        _ = await Eventually.SeeAsync(ConsumersAsync, count => count > 0, Patience, "the worker's new queue");
        await PublishAsync("{\"a\":3}", "after-deletion", []);

        _ = await SeeAsync(letter => letter.DedupKey.Contains("after-deletion", StringComparison.Ordinal));
    }

    private async Task<uint> ConsumersAsync()
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(broker.Options, "test", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        try
        {
            return await channel.ConsumerCountAsync(BrokerNames.Dead);
        }
        catch (RabbitMQ.Client.Exceptions.OperationInterruptedException)
        {
            return 0;
        }
    }

    private Task<NewDeadLetter> SeeAsync(Func<NewDeadLetter, bool> wanted) => Eventually.SeeAsync(
        () => Task.FromResult(broker.DeadLetters.Recorded.FirstOrDefault(wanted)!), letter => letter is not null, Patience, "the dead letter");

    // A closed connection gives back what is not acknowledged: nothing ready and nothing in hand is nothing at all.
    private async Task EmptyAsync()
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(broker.Options, "test", CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync();
        await Eventually.TrueAsync(async () => await channel.MessageCountAsync(BrokerNames.Dead) == 0, Patience, "an empty queue");
    }

    private async Task PublishAsync(string body, string messageId, Dictionary<string, object?> headers)
    {
        await using IConnection connection = await BrokerConnection.OpenAsync(broker.Options, "test", CancellationToken.None);
        await Topology.DeclareAsync(connection, CancellationToken.None);
        await using IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        var properties = new BasicProperties { MessageId = messageId, ContentType = "application/json", Persistent = true, Headers = headers };
        await channel.BasicPublishAsync(BrokerNames.Dead, "", mandatory: true, properties, Encoding.UTF8.GetBytes(body));
    }
}
