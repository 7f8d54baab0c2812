using Npgsql;
using Qwen3VL.Batch.IntegrationTests.Storage;
using Qwen3VL.Batch.Worker.Commands;
using Qwen3VL.TestKit.Servers;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.IntegrationTests.Commands;

/// <summary>However the program fails, a password is not in what it writes.</summary>
[Collection(PostgresServer.Collection)]
public sealed class SecretTests(PostgresServer server)
{
    private const string Marker = "marker-secret-51423";

    public static TheoryData<string> Commands =>
    [
        "status", "status x", "jobs", "jobs show x", "results x", "cancel x", "workers", "drain --all", "sweep", "partitions", "usage", "usage prices",
        "migrate", "migrate --verify", "doctor", "submit x.pdf", "worker",
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Run_PasswordIsWrong_FailsWithoutSayingIt(string command)
    {
        string database = new NpgsqlConnectionStringBuilder(await server.CreateMigratedDatabaseAsync()) { Password = Marker }.ConnectionString;

        await ShouldFailSilentlyAsync(database, command);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Port=1;Username=u;Timeout=2;Password=" + Marker)]
    [InlineData("Host=127.0.0.1;Passwort=" + Marker)]
    [InlineData("Host=127.0.0.1;Port=many;Password=" + Marker)]
    [InlineData("Host=db.example;SSL Mode=Disable;Password=" + Marker)]
    [InlineData("no connection string " + Marker)]
    public async Task Run_ConnectionStringIsWrong_FailsWithoutSayingIt(string database)
    {
        await ShouldFailSilentlyAsync(database, "status");
        await ShouldFailSilentlyAsync(database, "doctor");
        await ShouldFailSilentlyAsync(database, "migrate");
    }

    [Fact]
    public async Task Run_PasswordFromAFile_WorksAndIsNowhereOnTheCommandLine()
    {
        NpgsqlConnectionStringBuilder database = new(await server.CreateMigratedDatabaseAsync());
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, database.Password + "\n");
            await ServerProcess.RunAsync(["chmod", "600", file], CancellationToken.None);
            Dictionary<string, string> environment = new() { ["QWEN3VL_Database__PasswordFile"] = file };

            ProgramRun run = await ProgramRun.RunAsync(
                environment, "workers", "--database", $"Host={database.Host};Port={database.Port};Database={database.Database};Username={database.Username}");

            run.ExitCode.ShouldBe(ExitCodes.Done, run.Output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task ShouldFailSilentlyAsync(string database, string command)
    {
        Dictionary<string, string> environment = new()
        {
            ["QWEN3VL_Database__ConnectionString"] = database,
            ["QWEN3VL_Broker__User"] = "u",
            ["QWEN3VL_Broker__Password"] = Marker,
            ["QWEN3VL_Broker__Port"] = "1",
            ["QWEN3VL_Media__SourceRoot"] = Path.GetTempPath(),
        };

        ProgramRun run = await ProgramRun.RunAsync(environment, [.. command.Split(' '), "--verbose"]);

        run.ExitCode.ShouldNotBe(ExitCodes.Done, run.Output);
        run.Output.ShouldNotContain(Marker);
        run.Output.ShouldNotBeEmpty();
    }
}
