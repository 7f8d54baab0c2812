using System.Globalization;
using Dapper;
using Npgsql;

namespace Qwen3VL.Batch.Storage;

/// <summary>Partitions in PostgreSQL.</summary>
internal sealed class PostgresPartitions(NpgsqlDataSource database) : IPartitions
{
    private const string MonthFormat = "yyyyMM";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PartitionMonth>> ListAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<PartitionTable> tables = await TablesAsync(cancellationToken).ConfigureAwait(false);
        return [.. tables.GroupBy(table => table.Month).OrderBy(month => month.Key, StringComparer.Ordinal).Select(Month)];
    }

    /// <inheritdoc/>
    public async Task<int> EnsureAsync(CancellationToken cancellationToken)
    {
        int made = 0;
        while (true)
        {
            // One table for each transaction: all of them in one would hold locks against the order in which chunks end.
            await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
            int step = await session.FindValueAsync<int>(PartitionSql.Ensure).ConfigureAwait(false) ?? 0;
            await session.CommitAsync().ConfigureAwait(false);
            if (step == 0)
            {
                return made;
            }

            made += step;
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DateOnly>> MonthsBeforeAsync(DateOnly first, CancellationToken cancellationToken) =>
        [.. (await ListAsync(cancellationToken).ConfigureAwait(false)).Select(month => month.Month).Where(month => month < first)];

    /// <inheritdoc/>
    public async Task<MonthDrop> DropMonthAsync(DateOnly month, CancellationToken cancellationToken)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        DateTime begin = new(month.Year, month.Month, 1, 0, 0, 0, DateTimeKind.Utc);
        var span = new { Begin = begin, End = begin.AddMonths(1) };
        if (!await IsAsync(connection, PartitionSql.IsOver, span, cancellationToken).ConfigureAwait(false))
        {
            return MonthDrop.NotOver;
        }

        if (!await MarkAsync(month, span, cancellationToken).ConfigureAwait(false))
        {
            return MonthDrop.HasOpenWork;
        }

        await ExecuteAsync(connection, PartitionSql.DropSession, cancellationToken).ConfigureAwait(false);
        string key = begin.ToString(MonthFormat, CultureInfo.InvariantCulture);
        Dictionary<string, PartitionTable> tables = (await TablesAsync(cancellationToken).ConfigureAwait(false))
            .Where(table => table.Month == key)
            .ToDictionary(table => table.Parent);
        foreach (string parent in PartitionSql.Parents)
        {
            if (tables.TryGetValue(parent, out PartitionTable? table))
            {
                await DropAsync(connection, table, cancellationToken).ConfigureAwait(false);
            }
        }

        return MonthDrop.Dropped;
    }

    // The decision, in one transaction against replays: what begins before it is seen here as open work, what begins after it sees the mark.
    private async Task<bool> MarkAsync(DateOnly month, object span, CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync(PartitionSql.LockMonths, new { Number = AdvisoryLocks.Months }).ConfigureAwait(false);
        if (await session.FindValueAsync<bool>(PartitionSql.HasOpenWork, span).ConfigureAwait(false) is true)
        {
            return false;
        }

        await session.ExecuteAsync(PartitionSql.MarkMonth, new { Month = month.ToDateTime(TimeOnly.MinValue) }).ConfigureAwait(false);
        await session.CommitAsync().ConfigureAwait(false);
        return true;
    }

    private static async Task DropAsync(NpgsqlConnection connection, PartitionTable table, CancellationToken cancellationToken)
    {
        if (table.Attached)
        {
            string detach = table.Pending ? PartitionSql.FinishDetach(table) : PartitionSql.Detach(table);
            await ExecuteAsync(connection, detach, cancellationToken).ConfigureAwait(false);
        }

        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (table.Parent == "usage_records")
        {
            await ExecuteAsync(connection, PartitionSql.RollUp(table), cancellationToken).ConfigureAwait(false);
        }

        await ExecuteAsync(connection, PartitionSql.Drop(table), cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // The session's own limits hold, not the client's: a detachment waits for those who read the month.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static Task<bool> IsAsync(NpgsqlConnection connection, string sql, object parameters, CancellationToken cancellationToken) =>
        connection.ExecuteScalarAsync<bool>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken));

    private static PartitionMonth Month(IGrouping<string, PartitionTable> tables) => new(
        DateOnly.ParseExact(tables.Key, MonthFormat, CultureInfo.InvariantCulture),
        tables.Count(table => table.Attached),
        [.. PartitionSql.Parents.Except(tables.Where(table => table.Attached).Select(table => table.Parent))],
        tables.Sum(table => table.Rows),
        tables.Sum(table => table.Bytes));

    private async Task<IReadOnlyList<PartitionTable>> TablesAsync(CancellationToken cancellationToken)
    {
        await using LedgerSession session = await LedgerSession.BeginAsync(database, cancellationToken).ConfigureAwait(false);
        return await session.QueryAsync<PartitionTable>(PartitionSql.List, new { Parents = PartitionSql.Parents.ToArray() }).ConfigureAwait(false);
    }
}
