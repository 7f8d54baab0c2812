using Dapper;
using Npgsql;

namespace Qwen3VL.Batch.FaultWorker;

/// <summary>
/// Writes final events in a transaction of their own after the one that ended the job: what a worker without the guard
/// <see cref="Faults.Control.Guard.OutboxInTransaction"/> does. A trigger of the scenario's database has put them aside.
/// </summary>
internal sealed class LateEvents(NpgsqlDataSource database)
{
    private const string Allow = "SET LOCAL faults.late = 'on'";

    private const string Write = "WITH late AS (DELETE FROM faults.late RETURNING *) INSERT INTO vq.outbox SELECT * FROM late";

    /// <summary>Writes all that were put aside.</summary>
    public async Task WriteAsync()
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await connection.ExecuteAsync(Allow, transaction: transaction);
        await connection.ExecuteAsync(Write, transaction: transaction);
        await transaction.CommitAsync();
    }
}
