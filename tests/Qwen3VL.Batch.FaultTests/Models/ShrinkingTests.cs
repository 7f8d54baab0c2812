using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Models;

public sealed class ShrinkingTests
{
    [Fact]
    public async Task Shrink_TwoStepsThatMatter_LeavesThem()
    {
        LedgerStep[] steps = [.. Enumerable.Range(0, 40).Select(number => new LedgerStep(StepKind.Sweep, number, 0, 0))];
        ModelMismatchException first = await TryAsync(steps) ?? throw new InvalidOperationException("the list must fail");

        (IReadOnlyList<LedgerStep> shrunk, _) = await Shrinking.ShrinkAsync(steps, first, TryAsync, tries: 200);

        shrunk.Select(step => step.First).ShouldBe([7, 23]);
    }

    // Fails at 23 when 7 came before it.
    private static Task<ModelMismatchException?> TryAsync(IReadOnlyList<LedgerStep> steps)
    {
        int[] numbers = [.. steps.Select(step => step.First)];
        int at = Array.IndexOf(numbers, 23);
        bool fails = at >= 0 && numbers.Take(at).Contains(7);
        return Task.FromResult(fails ? new ModelMismatchException(at, "planted") : null);
    }
}
