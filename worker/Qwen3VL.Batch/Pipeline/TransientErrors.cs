using System.Net.Sockets;
using Npgsql;
using Qwen3VL.Batch.Media;
using Qwen3VL.Batch.Media.Processes;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>Tells failures that pass by themselves, or by an operator's hand, from those of the work. States: PostgreSQL manual, appendix A.</summary>
internal static class TransientErrors
{
    // Class 57P: the server shuts down, crashed or starts up.
    private const string ServerShutdownClass = "57P";

    // Class 28: the login is refused, for example between two steps of a change of password.
    private const string LoginRefusedClass = "28";

    // 25P03: the server ended an idle transaction, for example of a process that was stopped for a while.
    private const string IdleTransactionEnded = "25P03";

    /// <summary>Whether the work is not at fault and trying again later can succeed: connection lost, deadlock, restart, failover, rights, no room.</summary>
    public static bool IsTransient(Exception exception) =>
        exception is NpgsqlException { IsTransient: true } or DecoderInterruptedException
        || exception is SourceUnavailableException or SocketException
        || MachineShortage.IsCause(exception)
        || (exception is PostgresException postgres && IsOfServer(postgres));

    /// <summary>Whether the database refuses this user. It passes only when somebody mends it, so a start says so instead of waiting.</summary>
    public static bool IsAccessRefused(Exception exception) =>
        exception is PostgresException postgres
        && (postgres.SqlState == PostgresErrorCodes.InsufficientPrivilege || postgres.SqlState.StartsWith(LoginRefusedClass, StringComparison.Ordinal));

    private static bool IsOfServer(PostgresException postgres) =>
        postgres.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or IdleTransactionEnded
        || postgres.SqlState.StartsWith(ServerShutdownClass, StringComparison.Ordinal)
        || IsAccessRefused(postgres)
        || IsMissingPartition(postgres);

    // A row without a partition is reported as a CHECK violation, but of no constraint: the sweep makes the partition.
    private static bool IsMissingPartition(PostgresException postgres) =>
        postgres.SqlState == PostgresErrorCodes.CheckViolation && string.IsNullOrEmpty(postgres.ConstraintName);
}
