using Npgsql;
using Qwen3VL.TestKit.Servers;
using RabbitMQ.Client;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Servers;

public sealed class PrivateServersTests
{
    [Fact]
    public async Task Postgres_KilledAndStartedAgain_KeepsWhatWasCommitted()
    {
        await using PrivatePostgres postgres = await PrivatePostgres.StartAsync();
        string database = await postgres.CreateDatabaseAsync();
        await ExecuteAsync(database, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)");

        await postgres.KillAsync();
        await Should.ThrowAsync<NpgsqlException>(() => ExecuteAsync(database, "SELECT 1"));
        await postgres.StartAgainAsync();

        (await ExecuteAsync(database, "SELECT n FROM kept")).ShouldBe(7);
        await postgres.StopAsync();
        await Should.ThrowAsync<NpgsqlException>(() => ExecuteAsync(database, "SELECT 1"));
    }

    [Fact]
    public async Task RabbitMq_KilledAndStartedAgain_KeepsConfirmedMessages()
    {
        await using PrivateRabbitMq broker = await PrivateRabbitMq.StartAsync();
        var factory = new ConnectionFactory
        {
            HostName = broker.Host,
            Port = broker.Port,
            UserName = broker.User,
            Password = broker.Password,
            AutomaticRecoveryEnabled = false,
        };
        await using (IConnection connection = await factory.CreateConnectionAsync())
        {
            await using IChannel channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
            await channel.QueueDeclareAsync("kept", durable: true, exclusive: false, autoDelete: false);
            var persistent = new BasicProperties { Persistent = true };
            await channel.BasicPublishAsync("", "kept", mandatory: true, persistent, "body"u8.ToArray());
        }

        await broker.FlushDeclarationsAsync();
        await broker.KillAsync();
        await broker.StartAgainAsync();

        await using IConnection again = await factory.CreateConnectionAsync();
        await using IChannel reader = await again.CreateChannelAsync();
        BasicGetResult? message = await reader.BasicGetAsync("kept", autoAck: true);
        message.ShouldNotBeNull().Body.ToArray().ShouldBe("body"u8.ToArray());
    }

    private static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
