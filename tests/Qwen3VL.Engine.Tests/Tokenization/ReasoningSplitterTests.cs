using Qwen3VL.Engine.Tokenization;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Tokenization;

public sealed class ReasoningSplitterTests
{
    [Theory]
    [InlineData("r1\nr2\n</think>\n\nanswer\n", "r1\nr2", "answer\n", true)]
    [InlineData("cut while thinking\n", "cut while thinking", "", false)]
    [InlineData("<think>\nr\n</think>\n\na", "r", "a", true)]
    [InlineData("</think>a </think> b", "", "a </think> b", true)]
    [InlineData("", "", "", false)]
    public void Split_Output_GivesReasoningAndAnswer(string output, string reasoning, string answer, bool isComplete) =>
        ReasoningSplitter.Split(output).ShouldBe(new ReasonedAnswer(reasoning, answer, isComplete));
}
