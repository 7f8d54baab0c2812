using Npgsql;
using Qwen3VL.Batch.Faults;

namespace Qwen3VL.Batch.Storage;

/// <summary>
/// The ledger in PostgreSQL. One partial class, one file for each duty: taking commands in, leases, planning, chunks, sweeping. Without state
/// of its own; safe to use from any thread. Transient database errors rise to the caller's retry policy: every method may be repeated.
/// </summary>
/// <remarks>
/// Exactly-once effects hang on one compare-and-set, <see cref="ChunkSql.End"/>: a chunk's outcome goes from null to a value once, in the
/// transaction that writes its results. The lease and its fence decide who may try; the compare-and-set decides who did.
/// </remarks>
internal sealed partial class PostgresJobLedger(NpgsqlDataSource database, ICrashPoints? crashPoints = null) : IJobLedger
{
    private readonly PostgresPartitions _partitions = new(database);

    private Task<LedgerSession> BeginAsync(CancellationToken cancellationToken) => LedgerSession.BeginAsync(database, cancellationToken);
}
