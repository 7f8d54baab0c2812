using Qwen3VL.Batch.Faults.Scenarios;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Scenarios;

[Collection(FaultServersFixture.Collection)]
public sealed class ScenarioRunnerTests(FaultServersFixture fixture)
{
    [Fact]
    public async Task Run_ScenarioThatThrows_FailsAndLeavesWhatItsDatabaseSaid()
    {
        var scenario = new Scenario("X-throws", "nothing", async world =>
        {
            await world.ExecuteAsync("INSERT INTO vq.outbox (message_type, body) VALUES ('JobSucceeded', '{}')");
            throw new InvalidOperationException("planted");
        });

        ScenarioResult result = await ScenarioRunner.RunAsync(scenario, fixture.Servers, 7, Tier.Fast);

        result.Describe().ShouldContain("planted");
        (await File.ReadAllTextAsync(Path.Combine(result.Folder, "database.txt"))).ShouldContain("JobSucceeded 1");
        Directory.Delete(result.Folder, recursive: true);
    }

    [Fact]
    public async Task Run_WhatCannotBePutBack_FailsItsScenarioAndPutsBackTheRest()
    {
        bool isPutBack = false;
        var scenario = new Scenario("X-undo", "nothing", world =>
        {
            world.AtEnd(() =>
            {
                isPutBack = true;
                return Task.CompletedTask;
            });
            world.AtEnd(() => throw new InvalidOperationException("planted"));
            return Task.CompletedTask;
        });

        ScenarioResult result = await ScenarioRunner.RunAsync(scenario, fixture.Servers, 7, Tier.Fast);

        result.Describe().ShouldContain("planted");
        isPutBack.ShouldBeTrue();
        Directory.Delete(result.Folder, recursive: true);
    }
}
