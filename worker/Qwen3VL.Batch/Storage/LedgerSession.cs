using System.Text.Json;
using Dapper;
using Npgsql;
using Qwen3VL.Batch.Contracts;

namespace Qwen3VL.Batch.Storage;

/// <summary>One transaction of one use case. Not committed when it is disposed: rolled back. Owner: the method that began it.</summary>
/// <remarks>
/// Lock order of all transactions: dead letters that the job replays, chunks, results, the chunks' own dead letters, job_stages, work, jobs;
/// several work rows in order of group number. A job's own letters are replayed only after it has ended, so the two kinds never meet.
/// </remarks>
internal sealed class LedgerSession : IAsyncDisposable
{
    private const string InsertEvent = "INSERT INTO vq.outbox (job_id, message_type, body) VALUES (@JobId, @MessageType, @Body::jsonb)";

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private readonly CancellationToken _cancellationToken;

    private LedgerSession(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        _connection = connection;
        _transaction = transaction;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Opens a connection and begins a READ COMMITTED transaction; the token applies to every statement.</summary>
    public static async Task<LedgerSession> BeginAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return new LedgerSession(connection, await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false), cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Runs a statement; returns the number of rows it changed.</summary>
    public Task<int> ExecuteAsync(string sql, object? parameters = null) => _connection.ExecuteAsync(Command(sql, parameters));

    /// <summary>Rows of a statement.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql, object? parameters = null) =>
        [.. await _connection.QueryAsync<T>(Command(sql, parameters)).ConfigureAwait(false)];

    /// <summary>The one row of a statement, null when there is none.</summary>
    public Task<T?> FindAsync<T>(string sql, object? parameters = null)
        where T : class => _connection.QuerySingleOrDefaultAsync<T>(Command(sql, parameters));

    /// <summary>The one value of a statement, null when there is no row.</summary>
    public Task<T?> FindValueAsync<T>(string sql, object? parameters = null)
        where T : struct => _connection.QuerySingleOrDefaultAsync<T?>(Command(sql, parameters));

    /// <summary>Puts an event record of the contracts into the outbox: sent if, and only if, this transaction commits.</summary>
    public Task AddEventAsync(Guid? jobId, object contract)
    {
        string body = JsonSerializer.Serialize(contract, contract.GetType(), ContractJson.Options);
        return ExecuteAsync(InsertEvent, new { JobId = jobId, MessageType = contract.GetType().Name, Body = body });
    }

    /// <summary>Commits. When it throws, the outcome is unknown: every use case may be repeated.</summary>
    public Task CommitAsync() => _transaction.CommitAsync(_cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private CommandDefinition Command(string sql, object? parameters) => new(sql, parameters, _transaction, cancellationToken: _cancellationToken);
}
