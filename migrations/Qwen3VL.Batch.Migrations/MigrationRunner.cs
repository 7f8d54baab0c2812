using System.Diagnostics;
using Npgsql;

namespace Qwen3VL.Batch.Migrations;

/// <summary>
/// Brings a database to the schema of this program, once, however many processes try at the same time. It uses a connection of its own, which
/// must reach PostgreSQL directly: a session lock does not survive a pooler in transaction mode.
/// </summary>
/// <remarks>
/// The lock is polled with <c>pg_try_advisory_lock</c>. Waiting inside <c>pg_advisory_lock</c> would hold a snapshot, and
/// <c>CREATE INDEX CONCURRENTLY</c> of the holder waits for all snapshots: a deadlock.
/// </remarks>
public sealed class MigrationRunner
{
    /// <summary>Oldest schema that workers of this program can use.</summary>
    public const int MinimumVersion = 6;

    private readonly string _connectionString;
    private readonly TimeProvider _time;
    private readonly MigrationOptions _options;
    private readonly IReadOnlyList<MigrationScript> _scripts;

    /// <summary>Creates a runner of the scripts in this assembly.</summary>
    /// <param name="connectionString">Npgsql connection string of a role that owns, or may create, the schema <c>vq</c>.</param>
    /// <param name="time">Clock of the waits.</param>
    /// <param name="options">Waits; null for the defaults.</param>
    public MigrationRunner(string connectionString, TimeProvider time, MigrationOptions? options = null)
        : this(connectionString, time, options ?? new MigrationOptions(), MigrationScript.Embedded())
    {
    }

    /// <summary>Creates a runner of other scripts, for tests of the runner.</summary>
    internal MigrationRunner(string connectionString, TimeProvider time, MigrationOptions options, IReadOnlyList<MigrationScript> scripts)
    {
        // No pool: the session, its lock and its settings end with the connection. No command timeout: an index takes as long as it takes.
        _connectionString = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Pooling = false,
            CommandTimeout = 0,
            ApplicationName = "qwen3vl-migrations",
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ConnectionString;
        _time = time;
        _options = options;
        _scripts = scripts;
    }

    /// <summary>Newest schema that this program knows.</summary>
    public int TargetVersion => _scripts.Count;

    /// <summary>Says what is applied and what is to do; changes nothing.</summary>
    /// <exception cref="MigrationException">An applied script is not the one this program has.</exception>
    public async Task<MigrationPlan> PlanAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        return await ReadPlanAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Applies what is pending, each script in its own transaction, and makes the partitions of the coming months.</summary>
    /// <param name="progress">Told of each script after it was applied; null when nobody listens.</param>
    /// <param name="cancellationToken">Stops between statements; what was applied stays.</param>
    /// <returns>The state after it.</returns>
    /// <exception cref="MigrationException">A checksum differs, the lock was not free in time, or a script failed.</exception>
    public async Task<MigrationPlan> ApplyAsync(IProgress<MigrationStep>? progress, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        long deadline = _time.GetTimestamp() + (long)(_options.LockTimeout.TotalSeconds * _time.TimestampFrequency);
        await TakeLockAsync(connection, deadline, cancellationToken).ConfigureAwait(false);
        var roles = new RoleInstaller(connection);
        await roles.ActAsOwnerAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, MigrationSql.CreateHistory, cancellationToken).ConfigureAwait(false);
        MigrationPlan plan = await ReadPlanAsync(connection, cancellationToken).ConfigureAwait(false);
        foreach (MigrationScript script in _scripts.Where(script => plan.Pending.Any(step => step.Version == script.Version)))
        {
            MigrationStep step = await ApplyAsync(connection, script, deadline, cancellationToken).ConfigureAwait(false);
            progress?.Report(step);
        }

        if (plan.DatabaseVersion >= MinimumVersion || plan.Pending.Any(step => step.Version >= MinimumVersion))
        {
            await EnsurePartitionsAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        await roles.ActAsSelfAsync(cancellationToken).ConfigureAwait(false);
        await RetryAsync(
            () => _options.CreateRoles ? roles.InstallAsync(_options.Logins, cancellationToken) : roles.RefreshAsync(cancellationToken),
            deadline,
            cancellationToken).ConfigureAwait(false);
        return await ReadPlanAsync(connection, cancellationToken).ConfigureAwait(false);
    }

    // One table for each call, and so for each transaction, until none is missing.
    private async Task EnsurePartitionsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var partitions = new NpgsqlCommand(MigrationSql.EnsurePartitions, connection);
        partitions.Parameters.AddWithValue("months", _options.PartitionMonthsAhead);
        while (await partitions.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is > 0)
        {
        }
    }

    /// <summary>Checks that workers of this program can use the database as it is. Workers call it at start and never migrate.</summary>
    /// <returns>The database's version.</returns>
    /// <exception cref="MigrationException">The schema is older than <see cref="MinimumVersion"/>, newer than this program, or altered.</exception>
    public async Task<int> VerifyAsync(CancellationToken cancellationToken)
    {
        MigrationPlan plan = await PlanAsync(cancellationToken).ConfigureAwait(false);
        int minimum = Math.Min(MinimumVersion, TargetVersion);
        if (plan.DatabaseVersion < minimum)
        {
            throw new MigrationException(
                $"database schema must be at least version {minimum}; got {plan.DatabaseVersion}: apply the migrations of this program");
        }

        return plan.DatabaseVersion <= TargetVersion
            ? plan.DatabaseVersion
            : throw new MigrationException(
                $"database schema must be at most version {TargetVersion}; got {plan.DatabaseVersion}: this program is older than the schema");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task TakeLockAsync(NpgsqlConnection connection, long deadline, CancellationToken cancellationToken)
    {
        int lockMs = (int)_options.StatementLockTimeout.TotalMilliseconds;
        await ExecuteAsync(connection, $"SET lock_timeout = {lockMs}; SET statement_timeout = 0; SET timezone = 'UTC'", cancellationToken)
            .ConfigureAwait(false);
        while (true)
        {
            await using var command = new NpgsqlCommand(MigrationSql.TryLock, connection);
            if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true)
            {
                return;
            }

            if (_time.GetTimestamp() >= deadline)
            {
                throw new MigrationException(
                    $"migration lock must be free within {_options.LockTimeout}; another process holds it: wait for it to end and try again");
            }

            await Task.Delay(_options.PollInterval, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<MigrationStep> ApplyAsync(NpgsqlConnection connection, MigrationScript script, long deadline, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await ApplyOnceAsync(connection, script, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable && _time.GetTimestamp() < deadline)
            {
                await Task.Delay(_options.PollInterval, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException error)
            {
                throw new MigrationException(
                    $"migration {script.Version:0000}_{script.Name} must apply; got {error.SqlState}: {error.MessageText}", error);
            }
        }
    }

    // Owners and rights take locks of every table: what is in the way is a statement that ends soon.
    private async Task RetryAsync(Func<Task> step, long deadline, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await step().ConfigureAwait(false);
                return;
            }
            catch (PostgresException error) when (
                error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected && _time.GetTimestamp() < deadline)
            {
                await Task.Delay(_options.PollInterval, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<MigrationStep> ApplyOnceAsync(NpgsqlConnection connection, MigrationScript script, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await using NpgsqlTransaction? transaction = script.InTransaction
            ? await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false)
            : null;
        await ExecuteAsync(connection, script.Sql, cancellationToken).ConfigureAwait(false);
        if (!script.InTransaction)
        {
            await RefuseInvalidIndexesAsync(connection, script, cancellationToken).ConfigureAwait(false);
        }

        await using var record = new NpgsqlCommand(MigrationSql.Record, connection);
        record.Parameters.AddWithValue("version", script.Version);
        record.Parameters.AddWithValue("name", script.Name);
        record.Parameters.AddWithValue("sha256", script.Sha256);
        record.Parameters.AddWithValue("duration", watch.ElapsedMilliseconds);
        object? appliedAt = await record.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        if (transaction is not null)
        {
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }

        return new MigrationStep(script.Version, script.Name, new DateTimeOffset((DateTime)(appliedAt ?? default(DateTime))), watch.Elapsed);
    }

    // CREATE INDEX CONCURRENTLY that fails leaves an index behind that is kept up but never used.
    private static async Task RefuseInvalidIndexesAsync(NpgsqlConnection connection, MigrationScript script, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(MigrationSql.InvalidIndexes, connection);
        if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string names)
        {
            throw new MigrationException($"indexes must be valid after {script.Version:0000}_{script.Name}; got invalid {names}: drop them and try again");
        }
    }

    private async Task<MigrationPlan> ReadPlanAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new List<MigrationStep>();
        await using var exists = new NpgsqlCommand(MigrationSql.HistoryExists, connection);
        if (await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is true)
        {
            await using var command = new NpgsqlCommand(MigrationSql.ReadHistory, connection);
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var step = new MigrationStep(
                    reader.GetInt32(0), reader.GetString(1), new DateTimeOffset(reader.GetDateTime(3)), TimeSpan.FromMilliseconds(reader.GetInt64(4)));
                CheckUnaltered(step, reader.GetString(2));
                applied.Add(step);
            }
        }

        HashSet<int> done = [.. applied.Select(step => step.Version)];
        MigrationStep[] pending =
        [
            .. _scripts.Where(script => !done.Contains(script.Version)).Select(script => new MigrationStep(script.Version, script.Name, null, null)),
        ];
        return new MigrationPlan(applied.Count == 0 ? 0 : applied[^1].Version, TargetVersion, applied, pending);
    }

    private void CheckUnaltered(MigrationStep step, string sha256)
    {
        MigrationScript? script = _scripts.FirstOrDefault(script => script.Version == step.Version);
        if (script is not null && script.Sha256 != sha256)
        {
            throw new MigrationException(
                $"migration {step.Version:0000}_{step.Name} must be the one that was applied (sha256 {sha256}); got {script.Sha256}: "
                + "an applied script is never edited, add a new one");
        }
    }
}
