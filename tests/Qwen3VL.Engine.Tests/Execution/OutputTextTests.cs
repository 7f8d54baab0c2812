using Qwen3VL.Engine.Execution;
using Shouldly;
using Xunit;

namespace Qwen3VL.Engine.Tests.Execution;

public sealed class OutputTextTests
{
    [Fact]
    public void Append_StopStringOverThreePieces_EndsBeforeItAndNeverReleasesItsStart()
    {
        var text = new OutputText(["<END>"], false);
        text.Append("so <E").ShouldBeFalse();
        text.Release(false).ShouldBe("so ");
        text.Append("N").ShouldBeFalse();
        text.Release(false).ShouldBe("");
        text.Append("D> and more").ShouldBeTrue();
        text.Release(true).ShouldBe("");
        text.Answer.ShouldBe("so ");
    }

    [Fact]
    public void Release_HeldBackTextTurnsOutHarmless_IsReleased()
    {
        var text = new OutputText(["END"], false);
        text.Append("It is E");
        text.Release(false).ShouldBe("It is ");
        text.Append("ast");
        text.Release(false).ShouldBe("East");
    }

    [Fact]
    public void Append_TwoStopStrings_EndsAtTheEarlierOne()
    {
        var text = new OutputText(["later", "soon"], false);
        text.Append("a soon b later").ShouldBeTrue();
        text.Answer.ShouldBe("a ");
    }

    [Fact]
    public void Release_Final_GivesWhatWasHeldBack()
    {
        var text = new OutputText(["END"], false);
        text.Append("the EN");
        text.Release(false).ShouldBe("the ");
        text.Release(true).ShouldBe("EN");
        text.Answer.ShouldBe("the EN");
    }

    [Fact]
    public void Append_InReasoning_KeepsItApartAndIgnoresStopStrings()
    {
        var text = new OutputText(["x"], true);
        text.Append("\nthe x of it\n").ShouldBeFalse();
        text.Release(false).ShouldBe("");
        text.EndReasoning();
        text.Append("\n").ShouldBeFalse();
        text.Append("\nYes").ShouldBeFalse();
        text.Release(true).ShouldBe("Yes");
        text.Reasoning.ShouldBe("the x of it");
        text.Answer.ShouldBe("Yes");
    }

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    public void Release_RandomPieces_JoinsToTheAnswerAndTheAnswerIsTheTextBeforeTheStop(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 500; round++)
        {
            string whole = string.Concat(Enumerable.Range(0, 30).Select(_ => "ab"[random.Next(2)]));
            string[] stops = [.. Enumerable.Range(0, random.Next(3)).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => "ab"[random.Next(2)])))];
            var text = new OutputText(stops, false);
            string released = "";
            bool stopped = false;
            for (int at = 0; at < whole.Length && !stopped;)
            {
                int length = Math.Min(whole.Length - at, random.Next(1, 5));
                stopped = text.Append(whole.AsSpan(at, length));
                at += length;
                released += stopped ? "" : text.Release(false);
            }

            released += text.Release(true);
            int[] found = [.. stops.Select(stop => whole.IndexOf(stop, StringComparison.Ordinal)).Where(index => index >= 0)];

            // What counts is the stop string that is complete first; among those complete in one piece, the one that begins first.
            released.ShouldBe(text.Answer, $"seed {seed} round {round}");
            stopped.ShouldBe(found.Length > 0, $"seed {seed} round {round}");
            whole.ShouldStartWith(released);
            stops.ShouldAllBe(stop => !released.Contains(stop, StringComparison.Ordinal));
        }
    }
}
