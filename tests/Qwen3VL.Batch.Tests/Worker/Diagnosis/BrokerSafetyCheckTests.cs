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

    [Theory]
    [InlineData("{answer,[{port,5672},{port,5671}],{ok,1560000}}\n", CheckLevel.Ok, "26 min")]
    [InlineData("{answer,[{port,5671},\n         {port,5672}],\n        {ok,1559999}}\n", CheckLevel.Fail, "26 min")]
    [InlineData("{answer,[{port,5672}],undefined}\n", CheckLevel.Warn, "not readable over AMQP")]
    [InlineData("{answer,[{port,25672},{port,5671}],{ok,60000}}\n", CheckLevel.Warn, "AMQP port 25672 and 5671; Broker:Port is 5672")]
    [InlineData("{answer,[],{ok,60000}}\n", CheckLevel.Warn, "AMQP port none; Broker:Port is 5672")]
    [InlineData("Error: unable to perform an operation on node 'rabbit@a'.", CheckLevel.Warn, "not readable over AMQP")]
    [InlineData(null, CheckLevel.Warn, "not readable over AMQP")]
    public void JudgeTimeout_WhatRabbitmqctlPrinted_IsJudgedOnlyWhenItIsOfTheBrokersNode(string? printed, object level, string words)
    {
        CheckResult result = ConsumerTimeout.Judge("3.10.8", LocalNode.Parse(printed) is [var answer] ? answer : null, policy: null, port: 5672);

        result.Level.ShouldBe((CheckLevel)level);
        result.Message.ShouldContain(words);
    }

    [Fact]
    public void Parse_SeveralAnswers_AreInOrderAndOfTheSameNode() =>
        LocalNode.Parse("{answer,[{port,5671},\n         {port,5672}],\n        {ok,1800000},none,\n        -1}\n")
            .Select(answer => (string.Join(' ', answer.Ports), answer.Value)).ShouldBe([("5671 5672", "{ok,1800000}"), ("5671 5672", "none"), ("5671 5672", "-1")]);

    [Theory]
    [InlineData("3.13.7", "{ok,1800000}", "60000", CheckLevel.Fail, "1 min by a policy on vq.commands")]
    [InlineData("3.13.7", "{ok,600000}", "3600000\n", CheckLevel.Ok, "60 min by a policy")]
    [InlineData("3.13.7", "{ok,1800000}", "none", CheckLevel.Ok, "30 min, as")]
    [InlineData("3.13.7", "{ok,600000}", "missing", CheckLevel.Fail, "10 min, as")]
    [InlineData("3.13.7", "{ok,undefined}", "none", CheckLevel.Ok, "none is set")]
    [InlineData("3.13.7", "{ok,undefined}", "60000", CheckLevel.Fail, "1 min by a policy")]
    [InlineData("3.10.8", "{ok,1800000}", "60000", CheckLevel.Ok, "30 min, as")]
    public void JudgeTimeout_PolicyOfTheQueue_GoesBeforeTheNodesFromTheVersionThatReadsIt(string version, string node, string policy, object level, string words)
    {
        CheckResult result = ConsumerTimeout.Judge(version, new NodeAnswer([5672], node), new NodeAnswer([5672], policy), port: 5672);

        result.Level.ShouldBe((CheckLevel)level);
        result.Message.ShouldContain(words);
    }

    [Theory]
    [InlineData("8.4.1", CheckLevel.Ok)]
    [InlineData("9.0.0", CheckLevel.Fail)]
    public void JudgeLibrary_Version_FailsFromTheOneThatNeedsALicence(string version, object level) =>
        BrokerSafetyCheck.JudgeLibrary(Version.Parse(version)).Level.ShouldBe((CheckLevel)level);

    private static TopologyEntry[] Entries(TopologyState commands, TopologyState exchange, TopologyState queue) =>
    [
        new("queue", BrokerNames.Commands, commands),
        new("exchange", BrokerNames.Commands, TopologyState.Declared),
        new("exchange", BrokerNames.Dead, exchange),
        new("queue", BrokerNames.Dead, queue),
    ];
}
