using System.Reflection;
using System.Text.RegularExpressions;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Storage;

/// <summary>
/// Every statement of the product compares the tenant with the one who asks, or stores it, or stands here by its name with the reason why it need not.
/// One that is new and does none of them fails.
/// </summary>
public sealed partial class TenantStatementTests
{
    private const string UnderLease = "run by the worker that holds a lease of the job: the fence decides, not a client";
    private const string OfFoundJob = "the job was found under its tenant in the same transaction";
    private const string OfFleet = "about workers or groups of all tenants, never with data of one";
    private const string BySweep = "run by the sweep over all tenants, driven by no client";
    private const string LostWithALease = "of a lease that ran out or was given back as lost, decided by its fence, not by a client";
    private const string OfPickedLetters = "of dead letters that were picked under their tenant in the same transaction";
    private const string OfEvent = "events on their way out, each with its tenant in its body";
    private const string ByOperator = "asked for by an operator about the whole database";

    private static readonly (string Class, string Reason, string[] Names)[] WithoutTenant =
    [
        (nameof(ChunkSql), UnderLease,
        [
            "Open", "Start", "End", "GivenUp", "Retry", "InsertAttempt", "InsertUsage", "EndOfStage",
            "ReleaseNextStage", "Count", "EndJob", "SummaryParts", "WindowEvents", "Planned", "Line",
        ]),
        (nameof(CrashSql), BySweep, ["Expired", "TakeBack", "DeleteGroup"]),
        (nameof(CrashSql), LostWithALease, ["CountLost", "InsertLost", "MoveChunks", "InsertQuarantined", "EndCrashed", "GiveBack"]),
        (nameof(DeadLetterRecordSql), "the letter is named by a header and must have the very same body, and with it the tenant", ["ReopenMessage"]),
        (nameof(DeadLetterRecordSql), "found by the id of an event that this product sent", ["ReopenOutbox"]),
        (nameof(DeadLetterRecordSql), OfPickedLetters, ["AuditReopened"]),
        (nameof(DeadLetterReplaySql), OfPickedLetters, ["Close", "InsertAudit", "InsertCommand", "InsertEvent"]),
        (nameof(DeadLetterReplaySql), OfFoundJob, ["IsBasisGone"]),
        (nameof(DeadLetterReplaySql), OfFleet, ["KeepMonths"]),
        (nameof(DeadLetterReplaySql), UnderLease, ["LockReplayed", "Reopen"]),
        (nameof(FleetSql), OfFleet, ["List", "RequestDrain", "Running"]),
        (nameof(HealSql), BySweep,
        [
            "Orphaned", "RebuildGroups", "Unplanned", "RebuildPlanning", "LockRunning", "LockUnplanned",
            "FreeStages", "Miscounted", "LockStages", "CountStages", "CountJob",
        ]),
        (nameof(HousekeepingSql), BySweep, ["MarkLost", "DeleteWorkers", "DeleteKeys", "DeleteRejections", "DeleteInbox", "DeleteDeadLetters"]),
        (nameof(IntakeSql), "the job was found under its tenant by the transaction before", ["MoveGroups"]),
        (nameof(JobInspectorSql), OfFoundJob, ["Chunks", "Groups", "DeadLetters"]),
        (nameof(LeaseSql), OfFleet, ["RegisterWorker", "MarkDraining", "UnregisterWorker", "Beat", "Claim", "Heartbeat"]),
        (nameof(LeaseSql), UnderLease, ["StartPlanning", "Release", "Finish"]),
        (nameof(LedgerSession), "the event's body has the tenant; written in the transaction it tells of", ["InsertEvent"]),
        (nameof(PartitionSql), ByOperator, ["Ensure", "List", "IsOver", "HasOpenWork", "LockMonths", "MarkMonth"]),
        (nameof(PlanSql), UnderLease, ["LockPlanning", "LockJob", "InsertChunks", "InsertStages", "DeletePlanning", "Run", "Fail"]),
        (nameof(PostgresOutbox), OfEvent, ["Take", "Hold", "Delete", "Postpone", "GiveUp"]),
        (nameof(PostgresQuarantine), OfFleet, ["IsReady", "NeedsWorker"]),
        (nameof(ReaderSql), "for workers, who have the id from a lease; the tenant is only returned", ["JobById"]),
        (nameof(ReaderSql), OfFoundJob, ["Pages", "Captions", "Boxes", "Segments", "SummaryParts", "Summary", "Issues", "FailedChunks", "Usage"]),
        (nameof(ResultSql), UnderLease,
        [
            "InsertPages", "InsertCaptions", "InsertBoxes", "InsertSegments",
            "InsertSummaryParts", "InsertSummary", "InsertIssues",
        ]),
        (nameof(SessionLock), OfFleet, ["TryLock"]),
        (nameof(SweepSql), BySweep,
        [
            "Cancelling", "MarkCancelled", "DeleteUnheld", "CancelChunks", "EndCancelled",
            "MarkOverdue", "Overdue", "FailChunks", "DeleteGroups", "EndOverdue",
        ]),
        (nameof(UsageSql), OfFoundJob, ["OfJob"]),
        (nameof(UsageSql), ByOperator, ["Prices", "AddPrice"]),
    ];

    // What reads or changes by an id, a key or a filter that a client sent: these may never get a reason.
    private static readonly string[] Driven =
    [
        .. Of(nameof(IntakeSql), nameof(IntakeSql.TakeKey), nameof(IntakeSql.ReadKey), nameof(IntakeSql.InsertJob), nameof(IntakeSql.InsertRejection)),
        .. Of(nameof(IntakeSql), nameof(IntakeSql.RequestCancel), nameof(IntakeSql.IsCancelling), nameof(IntakeSql.SetPriority)),
        .. Of(nameof(ReaderSql), nameof(ReaderSql.FindJob), nameof(ReaderSql.FindRejection), nameof(ReaderSql.FindCommandRejection)),
        .. Of(nameof(ReaderSql), nameof(ReaderSql.Job), nameof(ReaderSql.Jobs)),
        .. Of(nameof(JobInspectorSql), nameof(JobInspectorSql.Newest), nameof(JobInspectorSql.Oldest), nameof(JobInspectorSql.Longest)),
        .. Of(nameof(DeadLetterReplaySql), nameof(DeadLetterReplaySql.List), nameof(DeadLetterReplaySql.Audit), nameof(DeadLetterReplaySql.Take)),
        .. Of(nameof(DeadLetterReplaySql), nameof(DeadLetterReplaySql.Discard), nameof(DeadLetterReplaySql.InsertFollowUp)),
        .. Of(nameof(UsageSql), nameof(UsageSql.ByDay), nameof(UsageSql.ByJob), nameof(UsageSql.ByTenant)),
    ];

    private static readonly (string Name, string Sql)[] Statements =
    [
        .. from type in typeof(PostgresJobLedger).Assembly.GetTypes()
            where type.Namespace == typeof(PostgresJobLedger).Namespace
            from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            where field is { IsLiteral: true, FieldType: { } of } && of == typeof(string)
            let sql = (string?)field.GetRawConstantValue() ?? ""
            where Statement().IsMatch(sql)
            select ($"{type.Name}.{field.Name}", sql),
    ];

    [Fact]
    public void Statements_EveryOne_KeepsTenantsApartOrHasAReasonNotTo()
    {
        Statements.Length.ShouldBeGreaterThan(60);

        string[] offenders = [.. Statements.Where(one => !KeepsApart(one.Sql)).Select(one => one.Name).Except(Excused())];

        offenders.ShouldBeEmpty("compare tenant_id with @TenantId in the statement, or add its name with a reason to this test");
    }

    [Fact]
    public void Statements_ThatClientsDrive_KeepTenantsApart()
    {
        Driven.ShouldBeSubsetOf(Statements.Select(one => one.Name));
        Statements.Where(one => Driven.Contains(one.Name)).ShouldAllBe(one => KeepsApart(one.Sql));
        Driven.Intersect(Excused()).ShouldBeEmpty();
    }

    [Fact]
    public void Reasons_EveryOne_IsOfAStatementThatIsThereAndNeedsIt()
    {
        string[] stale = [.. Excused().Except(Statements.Where(one => !KeepsApart(one.Sql)).Select(one => one.Name))];

        stale.ShouldBeEmpty();
        Excused().ShouldBeUnique();
        WithoutTenant.ShouldAllBe(one => one.Reason.Length > 0);
    }

    [Theory]
    [InlineData("SELECT id FROM vq.jobs WHERE id = @JobId AND tenant_id = @TenantId", true)]
    [InlineData("SELECT j.id FROM vq.jobs j WHERE (@AllTenants OR j.tenant_id = @TenantId)", true)]
    [InlineData("INSERT INTO vq.jobs (id, tenant_id) VALUES (@JobId, @TenantId)", true)]
    [InlineData("SELECT id, tenant_id FROM vq.jobs WHERE id = @JobId", false)]
    [InlineData("SELECT id FROM vq.jobs WHERE tenant_id = @TenantIdOrNone", false)]
    [InlineData("INSERT INTO vq.jobs (id, tenant_id) SELECT @FollowUpId, tenant_id FROM vq.jobs WHERE id = @JobId", false)]
    [InlineData("INSERT INTO vq.rejections (code) VALUES (@TenantId)", false)]
    [InlineData("SELECT 1 FROM vq.a WHERE tenant_id = @TenantId UNION ALL SELECT 1 FROM vq.b WHERE job_id = @JobId", false)]
    [InlineData("SELECT 1 FROM vq.a WHERE tenant_id = @TenantId UNION SELECT 1 FROM vq.b WHERE job_id = @JobId", false)]
    public void KeepsApart_Sample_TakesOnlyTheTenantWhoAsks(string sql, bool apart) => KeepsApart(sql).ShouldBe(apart);

    // A column that is only returned or copied keeps nobody apart; each part of a union is a statement of its own.
    private static bool KeepsApart(string sql) => Union().Split(sql).All(part => Comparison().IsMatch(part) || Storing().IsMatch(part));

    private static IEnumerable<string> Excused() => WithoutTenant.SelectMany(one => Of(one.Class, one.Names));

    private static IEnumerable<string> Of(string type, params string[] names) => names.Select(name => $"{type}.{name}");

    [GeneratedRegex(@"^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")]
    private static partial Regex Statement();

    [GeneratedRegex(@"\bUNION(?: ALL)?\b")]
    private static partial Regex Union();

    [GeneratedRegex(@"\btenant_id = @TenantId\b")]
    private static partial Regex Comparison();

    [GeneratedRegex(@"\bINSERT INTO vq\.\w+ (?:AS \w+ )?\([^)]*\btenant_id\b[^)]*\)\s+(VALUES|SELECT)\b[^;]*@TenantId\b")]
    private static partial Regex Storing();
}
