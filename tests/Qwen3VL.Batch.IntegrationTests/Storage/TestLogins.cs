using System.Security.Cryptography;
using Npgsql;
using Qwen3VL.Batch.Migrations;

namespace Qwen3VL.Batch.IntegrationTests.Storage;

/// <summary>The users that workers and readers of tests connect as: with the rights that the product gives them, and no others.</summary>
internal static class TestLogins
{
    private const string WorkerName = "test_worker";
    private const string ReaderName = "test_reader";

    private static readonly string Password = RandomNumberGenerator.GetHexString(24);

    /// <summary>Migrates with roles and both users.</summary>
    public static MigrationOptions Options { get; } = new()
    {
        CreateRoles = true,
        Logins = [new RoleLogin(WorkerName, DatabaseRoles.Worker, Password), new RoleLogin(ReaderName, DatabaseRoles.Read, Password)],
    };

    /// <summary>The same database as its workers connect to it.</summary>
    public static string AsWorker(string connectionString) => As(connectionString, WorkerName);

    /// <summary>The same database for one who reads.</summary>
    public static string AsReader(string connectionString) => As(connectionString, ReaderName);

    private static string As(string connectionString, string name) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Username = name, Password = Password }.ConnectionString;
}
