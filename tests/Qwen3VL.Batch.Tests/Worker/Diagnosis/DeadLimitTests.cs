using Qwen3VL.Batch.Worker.Diagnosis;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Diagnosis;

public sealed class DeadLimitTests
{
    [Theory]
    [InlineData("4.1.0", "-1", CheckLevel.Ok, "lifts")]
    [InlineData("4.1.0", "none", CheckLevel.Warn, "no policy lifts")]
    [InlineData("4.0.0-rc.1", "50\n", CheckLevel.Warn, "comes back 50 times")]
    [InlineData("10.0.0", "missing", CheckLevel.Warn, "not there yet")]
    [InlineData(null, "none", CheckLevel.Warn, "no policy lifts")]
    [InlineData("3.13.7", "none", CheckLevel.Ok, "from 4.0 on")]
    [InlineData("3.13.7", "missing", CheckLevel.Ok, "from 4.0 on")]
    [InlineData("3.13.7", "10", CheckLevel.Warn, "comes back 10 times")]
    public void Judge_WhatTheNodeSays_MattersFromTheVersionThatLimits(string? version, string value, object level, string words)
    {
        CheckResult result = DeadLimit.Judge(version, new NodeAnswer([5672], value), port: 5672);

        result.Level.ShouldBe((CheckLevel)level);
        result.Message.ShouldContain(words);
    }

    [Fact]
    public void Judge_NoAnswerOrAnotherNodes_IsNotCheckedAndSaysWhy()
    {
        DeadLimit.Judge("4.1.0", null, port: 5672).Message.ShouldStartWith("not checked, policies are not readable over AMQP");
        CheckResult other = DeadLimit.Judge("4.1.0", new NodeAnswer([5673], "-1"), port: 5672);

        DeadLimit.Judge("3.13.7", null, port: 5672).Message.ShouldEndWith("policies not checked, policies are not readable over AMQP");
        other.Level.ShouldBe(CheckLevel.Warn);
        other.Message.ShouldStartWith("not checked, rabbitmqctl on this machine asks a node with AMQP port 5673");
    }
}
