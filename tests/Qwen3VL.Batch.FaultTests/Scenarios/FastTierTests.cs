using Qwen3VL.Batch.Faults.Scenarios;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Scenarios;

[Collection(FaultServersFixture.Collection)]
[TestCaseOrderer("Qwen3VL.Batch.FaultTests.Scenarios.RunOrder", "Qwen3VL.Batch.FaultTests")]
public sealed class FastTierTests(FaultServersFixture fixture)
{
    public static TheoryData<string> Ids => [.. FastTier.Scenarios.Select(scenario => scenario.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task Fault_OfTheFastTier_LosesNothingAndDoesNothingTwice(string id)
    {
        ScenarioResult result = await FastTier.ResultAsync(id, fixture.Servers);

        if (!result.Passed)
        {
            Assert.Fail(result.Describe());
        }
    }
}
