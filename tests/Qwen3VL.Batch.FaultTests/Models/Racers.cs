using Dapper;
using Npgsql;
using Qwen3VL.Batch.Faults.Models;
using Shouldly;

namespace Qwen3VL.Batch.FaultTests.Models;

/// <summary>Two hands at one ledger.</summary>
internal sealed class Racers : IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;

    private Racers(NpgsqlConnection connection, IReadOnlyList<LedgerHand> hands)
    {
        _connection = connection;
        Hands = hands;
    }

    public IReadOnlyList<LedgerHand> Hands { get; }

    public static async Task<Racers> StartAsync(string database)
    {
        var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        return new Racers(connection, [await LedgerHand.StartAsync(database, CancellationToken.None), await LedgerHand.StartAsync(database, CancellationToken.None)]);
    }

    /// <summary>All jobs have ended, nothing is left in the hot list, and the rules hold.</summary>
    public async Task CheckEndedAsync()
    {
        (await LedgerDump.ReadAsync(_connection)).ShouldNotContain(line => line.StartsWith("group ", StringComparison.Ordinal));
        (await LedgerDump.BrokenRulesAsync(_connection)).ShouldBeEmpty();
    }

    /// <summary>Changes the database behind the ledger's back.</summary>
    public Task ExecuteAsync(string sql, object? parameters) => _connection.ExecuteAsync(sql, parameters);

    public async ValueTask DisposeAsync()
    {
        foreach (LedgerHand hand in Hands)
        {
            await hand.DisposeAsync();
        }

        await _connection.DisposeAsync();
    }
}
