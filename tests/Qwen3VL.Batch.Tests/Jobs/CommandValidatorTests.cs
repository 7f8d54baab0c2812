using Qwen3VL.Batch.Contracts.V1;
using Qwen3VL.Batch.Jobs;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Jobs;

public sealed class CommandValidatorTests
{
    private static readonly Guid Id = new("01890000-0000-7000-8000-000000000001");
    private static readonly SetJobPriority Priority = new() { JobId = Id, Priority = 9 };
    private static readonly ReplayDeadLetters ById = new() { ReplayId = Id, RequestedBy = "me", Ids = [Id] };

    [Fact]
    public void Validate_GoodCommands_HaveNoProblems()
    {
        CommandValidator.Validate(Priority).ShouldBeEmpty();
        CommandValidator.Validate(ById).ShouldBeEmpty();
        CommandValidator.Validate(ById with { Ids = [], Filter = new DeadLetterFilter { Code = "internal" } }).ShouldBeEmpty();
    }

    [Fact]
    public void Validate_Cancel_NamesEveryProblem()
    {
        CommandValidator.Validate(new CancelJob { JobId = Guid.Empty, Reason = new string('r', 501) }).Count.ShouldBe(2);
        CommandValidator.Validate(new CancelJob { JobId = Id, Reason = "a\nb" }).ShouldHaveSingleItem().ShouldContain("reason");
        CommandValidator.Validate(new CancelJob { JobId = Id, Reason = "typo" }).ShouldBeEmpty();
    }

    [Fact]
    public void Validate_Priority_NamesEveryProblem() =>
        CommandValidator.Validate(Priority with { SchemaVersion = 2, TenantId = -1, JobId = Guid.Empty, Priority = 10 }).ShouldBe(
            [
                "schemaVersion must be 1; got 2",
                "tenantId must be 0 or more; got -1",
                "jobId must be an id; got the empty id",
                "priority must be 0..9; got 10",
            ]);

    [Fact]
    public void Validate_Replay_NamesEveryProblem()
    {
        CommandValidator.Validate(ById with { Ids = [], RequestedBy = "" }).Count.ShouldBe(2);
        CommandValidator.Validate(ById with { Filter = new DeadLetterFilter { Code = "internal" } }).ShouldHaveSingleItem().ShouldContain("and not both");
        CommandValidator.Validate(ById with { Ids = [], Filter = new DeadLetterFilter() }).ShouldHaveSingleItem().ShouldContain("filter must name");
        CommandValidator.Validate(ById with { Ids = [.. Enumerable.Repeat(Id, 1_001)] }).ShouldHaveSingleItem().ShouldContain("ids must be at most 1000; got 1001");
        CommandValidator.Validate(ById with { RequestedBy = "a\nb" }).ShouldHaveSingleItem().ShouldContain("requestedBy");
        CommandValidator.Validate(ById with { ReplayId = Guid.Empty }).ShouldHaveSingleItem().ShouldContain("replayId");
    }
}
