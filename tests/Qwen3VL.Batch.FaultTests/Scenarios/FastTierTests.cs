using Qwen3VL.Batch.Faults.Scenarios;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Scenarios;

[Collection(FaultServersFixture.Collection)]
public sealed class FastTierTests(FaultServersFixture fixture)
{
    public static TheoryData<string> Ids => [.. FastTier.Scenarios.Select(scenario => scenario.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Fault_OfTheFastTier_LosesNothingAndDoesNothingTwice(string id)
    {
        ScenarioResult result = await FastTier.ResultAsync(id, fixture.Servers);

        result.Passed.ShouldBeTrue(result.Describe());
    }
}
