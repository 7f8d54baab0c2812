using System.Text;
using Qwen3VL.Batch.Faults.Network;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.FaultTests.Network;

public sealed class StreamRewriterTests
{
    [Fact]
    public void Take_EverySplitOfAStream_GivesTheSameBytes()
    {
        const string text = "aab guard guguard guar";
        for (int split = 0; split <= text.Length; split++)
        {
            var rewriter = new StreamRewriter([new FlowRewrite("guard", "open")]);
            byte[] first = rewriter.Take(Encoding.ASCII.GetBytes(text[..split]));
            byte[] second = rewriter.Take(Encoding.ASCII.GetBytes(text[split..]));

            Encoding.ASCII.GetString([.. first, .. second, .. rewriter.Flush()]).ShouldBe("aab open  guopen  guar", $"split at {split}");
        }
    }

    [Fact]
    public void FlowRewrite_LongerReplacement_IsRefused() => Should.Throw<ArgumentException>(() => new FlowRewrite("a", "ab"));
}
