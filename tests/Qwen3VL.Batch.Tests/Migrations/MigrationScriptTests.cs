using Qwen3VL.Batch.Migrations;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Migrations;

public sealed class MigrationScriptTests
{
    [Fact]
    public void Embedded_Always_CountsFromOneAndReachesTheMinimum()
    {
        IReadOnlyList<MigrationScript> scripts = MigrationScript.Embedded();

        scripts.Select(script => script.Version).ShouldBe(Enumerable.Range(1, scripts.Count));
        scripts.Count.ShouldBeGreaterThanOrEqualTo(MigrationRunner.MinimumVersion);
    }

    [Fact]
    public void Parse_LineEndsOfAnotherSystem_HasTheSameChecksum() =>
        MigrationScript.Parse("0001_a.sql", "SELECT 1;\r\nSELECT 2;\r\n").Sha256.ShouldBe(MigrationScript.Parse("0001_a.sql", "SELECT 1;\nSELECT 2;\n").Sha256);

    [Theory]
    [InlineData("-- no-transaction\nVACUUM", false)]
    [InlineData("SELECT 1; -- no-transaction", true)]
    public void Parse_FirstLine_DecidesOnTheTransaction(string sql, bool inTransaction) =>
        MigrationScript.Parse("0001_a.sql", sql).InTransaction.ShouldBe(inTransaction);

    [Theory]
    [InlineData("1_a.sql")]
    [InlineData("0001_A.sql")]
    [InlineData("0001_a.txt")]
    public void Parse_OtherName_IsRefused(string name) =>
        Should.Throw<MigrationException>(() => MigrationScript.Parse(name, "SELECT 1")).Message.ShouldContain(name);

    [Fact]
    public void InOrder_GapOrRepeat_IsRefused()
    {
        MigrationScript one = MigrationScript.Parse("0001_a.sql", "");
        MigrationScript three = MigrationScript.Parse("0003_c.sql", "");

        Should.Throw<MigrationException>(() => MigrationScript.InOrder([three, one]));
        Should.Throw<MigrationException>(() => MigrationScript.InOrder([one, one]));
    }
}
