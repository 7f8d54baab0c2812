using Npgsql;

namespace Qwen3VL.Batch.Pipeline;

/// <summary>Tells failures that pass by themselves from those that do not.</summary>
internal static class TransientErrors
{
    // Class 57P: the server shuts down, crashed or starts up (PostgreSQL manual, appendix A).
    private const string ServerShutdownClass = "57P";

    /// <summary>Whether the database is at fault in a way that trying again can mend: connection lost, deadlock, restart, out of resources.</summary>
    public static bool IsTransient(Exception exception) =>
        exception is NpgsqlException { IsTransient: true }
        || (exception is PostgresException postgres && postgres.SqlState.StartsWith(ServerShutdownClass, StringComparison.Ordinal));
}
