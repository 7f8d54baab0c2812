using System.Text;
using Qwen3VL.Batch.Faults.Network;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Network;

public sealed class PatternWatchTests
{
    [Fact]
    public void Find_EverySplitOfAStream_CountsEachMatchOnce()
    {
        const string text = "--ABA--ABABA--";
        for (int split = 0; split <= text.Length; split++)
        {
            var fault = new FlowFault("ABA"u8.ToArray(), first: 99);
            var watch = new PatternWatch();
            watch.Find(Encoding.ASCII.GetBytes(text[..split]), fault).ShouldBeNull();
            watch.Find(Encoding.ASCII.GetBytes(text[split..]), fault).ShouldBeNull();

            // Matches do not overlap: --ABA--ABA BA--.
            fault.Passed.ShouldBe(2, $"split at {split}");
        }
    }

    [Fact]
    public void Find_MatchThatBeganInThePieceBefore_CutsAtTheStart()
    {
        var fault = new FlowFault("ABCD"u8.ToArray(), first: 1);
        var watch = new PatternWatch();
        watch.Find("xxAB"u8, fault).ShouldBeNull();

        watch.Find("CDyy"u8, fault).ShouldBe(0);
    }

    [Fact]
    public void Hits_FirstAndEvery_HitsTheseAlone()
    {
        var fault = new FlowFault([1], first: 3, every: 2);

        Enumerable.Range(1, 8).Where(_ => fault.Hits()).Count().ShouldBe(3);
        fault.Fired.ShouldBe(3);
    }
}
