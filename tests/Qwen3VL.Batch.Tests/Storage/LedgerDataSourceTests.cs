using Npgsql;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Storage;

public sealed class LedgerDataSourceTests
{
    [Fact]
    public void Create_PlainConnectionString_GetsTheSessionSettings()
    {
        using NpgsqlDataSource source = LedgerDataSource.Create(new DatabaseOptions { ConnectionString = "Host=h;Database=d" });

        var settings = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        (settings.Host, settings.Database, settings.MaxPoolSize, settings.GssEncryptionMode).ShouldBe(("h", "d", 40, GssEncryptionMode.Disable));
        settings.Options.ShouldNotBeNull().ShouldContain("timezone=UTC");
    }

    [Fact]
    public void Create_SettingInTheConnectionString_Wins()
    {
        using NpgsqlDataSource source = LedgerDataSource.Create(new DatabaseOptions { ConnectionString = "Server=h;Maximum Pool Size=3" });

        var settings = new NpgsqlConnectionStringBuilder(source.ConnectionString);
        (settings.Host, settings.MaxPoolSize).ShouldBe(("h", 3));
    }

    [Fact]
    public void Create_NoConnectionString_NamesTheSetting() =>
        Should.Throw<ArgumentException>(() => LedgerDataSource.Create(new DatabaseOptions())).Message.ShouldContain("Database:ConnectionString");
}
