using Qwen3VL.TestKit.Fuzzing;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Models;

[Collection(FaultServersFixture.Collection)]
[Trait(FuzzRun.Category, FuzzRun.Fuzz)]
public sealed class LedgerModelTests(FaultServersFixture fixture)
{
    private const int StepsPerRun = 200;
    private const int ShrinkTries = 200;

    [Fact]
    public async Task Ledger_RandomSteps_DoesWhatTheStateMachineDoes()
    {
        var states = new HashSet<string>();
        _ = await FuzzRun.RepeatAsync(
            async random =>
            {
                IReadOnlyList<LedgerStep> steps = LedgerStep.Draw(random, StepsPerRun);
                if (await TryAsync(steps, states) is { } failure)
                {
                    (IReadOnlyList<LedgerStep> shrunk, ModelMismatchException last) = await Shrinking.ShrinkAsync(steps, failure, shorter => TryAsync(shorter, []), ShrinkTries);
                    throw new InvalidOperationException($"{last.Message}\nafter only:\n  {string.Join("\n  ", shrunk)}");
                }
            },
            minInputs: 4);

        // Steps that reach nothing find nothing.
        states.ShouldContain("succeeded");
        states.ShouldContain("cancelled");
        states.ShouldContain("failed");
    }

    private async Task<ModelMismatchException?> TryAsync(IReadOnlyList<LedgerStep> steps, HashSet<string> states)
    {
        await using ModelRun run = await ModelRun.StartAsync(await fixture.Servers.CreateDatabaseAsync());
        try
        {
            await run.TakeAsync(steps);
            return null;
        }
        catch (ModelMismatchException failure)
        {
            return failure;
        }
        finally
        {
            states.UnionWith(run.States);
        }
    }
}
