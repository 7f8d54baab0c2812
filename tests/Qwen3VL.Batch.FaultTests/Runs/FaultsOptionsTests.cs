using Qwen3VL.Batch.Faults.Runs;
using Qwen3VL.Batch.Faults.Scenarios;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Runs;

public sealed class FaultsOptionsTests
{
    [Fact]
    public void Parse_AllOptions_AreRead()
    {
        FaultsOptions options = FaultsOptions.Parse(["run", "--tier", "full", "--only", "F1, F2", "--seed", "9", "--parallel", "3", "--json", "/tmp/a.json", "--record", "/tmp/b.json", "--commit", "abc"], 1);

        options.ShouldSatisfyAllConditions(
            read => read.Command.ShouldBe("run"),
            read => read.Tier.ShouldBe(Tier.Full),
            read => read.Only.ShouldBe(["F1", "F2"]),
            read => read.Seed.ShouldBe(9),
            read => read.Parallel.ShouldBe(3),
            read => read.Json.ShouldBe("/tmp/a.json"),
            read => read.Record.ShouldBe("/tmp/b.json"),
            read => read.Commit.ShouldBe("abc"));
    }

    [Fact]
    public void Parse_NoSeed_TakesTheDefault() => FaultsOptions.Parse(["run"], 42).Seed.ShouldBe(42);

    [Theory]
    [InlineData("walk")]
    [InlineData("run", "--tier", "slow")]
    [InlineData("run", "--seed", "x")]
    [InlineData("run", "--seed")]
    [InlineData("run", "--parallel", "0")]
    [InlineData("run", "--what", "1")]
    public void Parse_WrongWords_AreRefused(params string[] words) => Should.Throw<UsageException>(() => FaultsOptions.Parse(words, 1));
}
