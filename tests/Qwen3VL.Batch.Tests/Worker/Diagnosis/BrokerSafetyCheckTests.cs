using Qwen3VL.Batch.Messaging;
using Qwen3VL.Batch.Worker.Diagnosis;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Diagnosis;

public sealed class BrokerSafetyCheckTests
{
    [Theory]
    [InlineData(TopologyState.Declared, TopologyState.Declared, TopologyState.Declared, CheckLevel.Ok)]
    [InlineData(TopologyState.Missing, TopologyState.Declared, TopologyState.Declared, CheckLevel.Ok)]
    [InlineData(TopologyState.Missing, TopologyState.Missing, TopologyState.Missing, CheckLevel.Warn)]
    [InlineData(TopologyState.Declared, TopologyState.Declared, TopologyState.Missing, CheckLevel.Fail)]
    [InlineData(TopologyState.Declared, TopologyState.Missing, TopologyState.Declared, CheckLevel.Fail)]
    [InlineData(TopologyState.Differs, TopologyState.Declared, TopologyState.Declared, CheckLevel.Fail)]
    [InlineData(TopologyState.Declared, TopologyState.Differs, TopologyState.Declared, CheckLevel.Fail)]
    [InlineData(TopologyState.Declared, TopologyState.Declared, TopologyState.Differs, CheckLevel.Fail)]
    public void JudgeDeadLetters_WhatTheBrokerHas_IsDangerousWhenLettersCouldGoNowhere(object commands, object exchange, object queue, object level) =>
        BrokerSafetyCheck.JudgeDeadLetters(Entries((TopologyState)commands, (TopologyState)exchange, (TopologyState)queue)).Level.ShouldBe((CheckLevel)level);

    [Fact]
    public void JudgeDeadLetters_NotComparable_WarnsWithTheBrokersWords()
    {
        TopologyEntry[] entries = Entries(TopologyState.Declared, TopologyState.Declared, TopologyState.Declared);
        entries[0] = entries[0] with { Problem = "ACCESS_REFUSED" };

        CheckResult result = BrokerSafetyCheck.JudgeDeadLetters(entries);

        result.Level.ShouldBe(CheckLevel.Warn);
        result.Message.ShouldContain("ACCESS_REFUSED");
    }

    private static TopologyEntry[] Entries(TopologyState commands, TopologyState exchange, TopologyState queue) =>
    [
        new("queue", BrokerNames.Commands, commands),
        new("exchange", BrokerNames.Commands, TopologyState.Declared),
        new("exchange", BrokerNames.Dead, exchange),
        new("queue", BrokerNames.Dead, queue),
    ];
}
