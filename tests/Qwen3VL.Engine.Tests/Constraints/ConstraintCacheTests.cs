using Qwen3VL.Engine.Constraints;
using Qwen3VL.Engine.Tests.Execution;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Constraints;

public sealed class ConstraintCacheTests
{
    private readonly ConstraintCache _cache = new(new FakeTokenizer(), [FakeTokenizer.End], followsReasoning: false);

    [Fact]
    public void Get_NinthSchema_DropsTheLeastRecentlyUsed()
    {
        ConstraintAutomaton[] first = [.. Enumerable.Range(0, 8).Select(Get)];
        Get(0).ShouldBeSameAs(first[0]);
        Get(8);
        Get(0).ShouldBeSameAs(first[0]);
        Get(1).ShouldNotBeSameAs(first[1]);
    }

    [Fact]
    public void Get_SameSchemaFromManyThreads_SharesOneAutomaton()
    {
        var found = new ConstraintAutomaton[8];
        using var start = new Barrier(found.Length);
        Thread[] threads = [.. Enumerable.Range(0, found.Length).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            found[i] = Get(0);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        found.Distinct().Count().ShouldBe(1);
        Get(0).ShouldBeSameAs(found[0]);
    }

    [Fact]
    public void Get_RefusedSchema_IsRefusedAgain()
    {
        for (int time = 0; time < 2; time++)
        {
            Should.Throw<InvalidRequestException>(() => _cache.Get(new JsonSchemaConstraint("""{"not":{}}""")));
        }
    }

    private ConstraintAutomaton Get(int value) => _cache.Get(new JsonSchemaConstraint($$"""{"const":{{value}}}"""));
}
