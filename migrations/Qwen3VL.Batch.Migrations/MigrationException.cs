namespace Qwen3VL.Batch.Migrations;

/// <summary>The schema is not, or cannot be made, what this program needs. The message says what to do; it carries no data of the database.</summary>
public sealed class MigrationException : Exception
{
    /// <summary>Creates one.</summary>
    public MigrationException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one with its cause.</summary>
    public MigrationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
