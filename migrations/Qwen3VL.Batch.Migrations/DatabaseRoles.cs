namespace Qwen3VL.Batch.Migrations;

/// <summary>Groups of rights; nobody logs in as one of them. Their names hold for the whole server, their rights for one database.</summary>
public static class DatabaseRoles
{
    /// <summary>Owns the schema: migrates, drops months, sets prices.</summary>
    public const string Migrate = "qwen3vl_migrate";

    /// <summary>Works: takes commands, leases, stores results. Makes and drops no table, and deletes no result.</summary>
    public const string Worker = "qwen3vl_worker";

    /// <summary>Reads everything, changes nothing.</summary>
    public const string Read = "qwen3vl_read";
}
