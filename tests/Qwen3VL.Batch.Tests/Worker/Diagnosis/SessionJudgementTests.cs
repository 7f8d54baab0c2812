using Qwen3VL.Batch.Storage;
using Qwen3VL.Batch.Worker.Composition;
using Qwen3VL.Batch.Worker.Diagnosis;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Worker.Diagnosis;

public sealed class SessionJudgementTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly SessionFacts Good = new()
    {
        TimeZone = "UTC",
        SynchronousCommit = "on",
        StatementTimeoutMs = 60_000,
        IdleTimeoutMs = 30_000,
        ServerTime = Now.UtcDateTime,
    };

    [Fact]
    public void Of_GoodSession_IsOneLineThatAllIsWell() => Judge(Good).ShouldHaveSingleItem().Level.ShouldBe(CheckLevel.Ok);

    [Fact]
    public void Of_EachDangerousFact_FailsAndSaysWhatToDo()
    {
        (SessionFacts Facts, string Word)[] dangers =
        [
            (Good with { TimeZone = "America/New_York" }, "America/New_York"),
            (Good with { ReadOnly = true }, "only reads"),
            (Good with { SynchronousCommit = "off" }, "synchronous_commit"),
            (Good with { Superuser = true }, "superuser"),
            (Good with { StatementTimeoutMs = 0 }, "statement_timeout is 0 s"),
            (Good with { StatementTimeoutMs = 601_000 }, "statement_timeout is 601 s"),
            (Good with { OldestTransactionSeconds = 301 }, "open since 301 s"),
            (Good with { ServerTime = Now.UtcDateTime.AddHours(-25) }, "differ by 90000 s"),
        ];

        foreach ((SessionFacts facts, string word) in dangers)
        {
            CheckResult result = Judge(facts).ShouldHaveSingleItem();
            result.Level.ShouldBe(CheckLevel.Fail, word);
            result.Message.ShouldContain(word);
            _ = result.Advice.ShouldNotBeNull(word);
        }
    }

    [Fact]
    public void Of_WhatIsOnlyUnwise_Warns()
    {
        Judge(Good with { IdleTimeoutMs = 0 }).ShouldHaveSingleItem().Level.ShouldBe(CheckLevel.Warn);
        Judge(Good with { ServerTime = Now.UtcDateTime.AddMinutes(6) }).ShouldHaveSingleItem().Level.ShouldBe(CheckLevel.Warn);
    }

    [Theory]
    [InlineData(false, CheckLevel.Fail)]
    [InlineData(true, CheckLevel.Warn)]
    public void Of_PlaintextBeyondLoopback_IsRefusedUnlessAllowed(bool allowed, object level) =>
        Judge(Good, new DatabaseOptions { ConnectionString = "Host=db.example", AllowPlaintext = allowed }).ShouldHaveSingleItem().Level.ShouldBe((CheckLevel)level);

    [Theory]
    [InlineData(10, CheckLevel.Fail)]
    [InlineData(300, CheckLevel.Warn)]
    [InlineData(5_000, CheckLevel.Ok)]
    public void Disk_RoomInTheFolder_IsJudged(int freeMiB, object level) => DiskCheck.Judge("x", freeMiB).Level.ShouldBe((CheckLevel)level);

    private static IReadOnlyList<CheckResult> Judge(SessionFacts facts, DatabaseOptions? database = null)
    {
        Settings settings = Settings.Load(new Dictionary<string, string?>(), 0) with { Database = database ?? new DatabaseOptions { ConnectionString = "Host=localhost" } };
        return SessionJudgement.Of(facts, settings, Now);
    }
}
