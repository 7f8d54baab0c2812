using System.Reflection;
using System.Text.RegularExpressions;
using Qwen3VL.Batch.Storage;
using Shouldly;
using Xunit;

namespace Qwen3VL.Batch.Tests.Storage;

/// <summary>
/// Every statement of the product names the tenant, or stands here with the reason why it need not. One that is new and does neither fails.
/// </summary>
public sealed partial class TenantStatementTests
{
    private const string UnderLease = "run by the worker that holds a lease of the job: the fence decides, not a client";
    private const string OfFoundJob = "the job was found under its tenant in the same transaction";
    private const string OfFleet = "about workers or groups of all tenants, never with data of one";
    private const string BySweep = "run by the sweep over all tenants, driven by no client";
    private const string OfPickedLetters = "of dead letters that were picked under their tenant in the same transaction";
    private const string ByOperator = "asked for by an operator about the whole database";

    private static readonly Dictionary<string, string> WithoutTenant = new(StringComparer.Ordinal)
    {
        ["ChunkSql.*"] = UnderLease,
        ["CrashSql.*"] = UnderLease,
        ["DeadLetterRecordSql.AuditReopened"] = OfPickedLetters,
        ["DeadLetterRecordSql.ReopenMessage"] = "the letter is named by a header and must have the very same body, and with it the tenant",
        ["DeadLetterRecordSql.ReopenOutbox"] = "found by the id of an event that this product sent",
        ["DeadLetterReplaySql.Close"] = OfPickedLetters,
        ["DeadLetterReplaySql.InsertAudit"] = OfPickedLetters,
        ["DeadLetterReplaySql.InsertCommand"] = OfPickedLetters,
        ["DeadLetterReplaySql.InsertEvent"] = OfPickedLetters,
        ["DeadLetterReplaySql.IsBasisGone"] = OfFoundJob,
        ["DeadLetterReplaySql.KeepMonths"] = OfFleet,
        ["DeadLetterReplaySql.LockReplayed"] = UnderLease,
        ["DeadLetterReplaySql.Reopen"] = OfPickedLetters,
        ["FleetSql.*"] = OfFleet,
        ["HealSql.*"] = BySweep,
        ["HousekeepingSql.*"] = BySweep,
        ["IntakeSql.MoveGroups"] = "the job was found under its tenant by the transaction before",
        ["JobInspectorSql.Chunks"] = OfFoundJob,
        ["JobInspectorSql.DeadLetters"] = OfFoundJob,
        ["JobInspectorSql.Groups"] = OfFoundJob,
        ["LeaseSql.*"] = OfFleet,
        ["LedgerSession.InsertEvent"] = "the event's body has the tenant; written in the transaction it tells of",
        ["PartitionSql.*"] = ByOperator,
        ["PlanSql.*"] = UnderLease,
        ["PostgresOutbox.*"] = "events on their way out, each with its tenant in its body",
        ["PostgresQuarantine.*"] = OfFleet,
        ["ReaderSql.Boxes"] = OfFoundJob,
        ["ReaderSql.Captions"] = OfFoundJob,
        ["ReaderSql.FailedChunks"] = OfFoundJob,
        ["ReaderSql.Issues"] = OfFoundJob,
        ["ReaderSql.Pages"] = OfFoundJob,
        ["ReaderSql.Segments"] = OfFoundJob,
        ["ReaderSql.Summary"] = OfFoundJob,
        ["ReaderSql.SummaryParts"] = OfFoundJob,
        ["ReaderSql.Usage"] = OfFoundJob,
        ["SessionLock.TryLock"] = OfFleet,
        ["ResultSql.*"] = UnderLease,
        ["SweepSql.*"] = BySweep,
        ["UsageSql.AddPrice"] = ByOperator,
        ["UsageSql.OfJob"] = OfFoundJob,
        ["UsageSql.Prices"] = ByOperator,
    };

    // A column that is only returned does not keep tenants apart: for workers, who ask by id.
    private static readonly string[] ReturnTheTenantOnly = ["ReaderSql.JobById"];

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
    public void Statements_EveryOne_NamesTheTenantOrHasAReasonNotTo()
    {
        Statements.Length.ShouldBeGreaterThan(60);

        string[] offenders = [.. Statements.Where(one => !NamesTenant(one) && Reason(one.Name) is null).Select(one => one.Name)];

        offenders.ShouldBeEmpty("add tenant_id to the statement, or its name with a reason to this test");
    }

    [Fact]
    public void Statements_ThatClientsDrive_CompareTheTenant()
    {
        // What reads or changes by an id or key that a client sent.
        string[] driven =
        [
            nameof(IntakeSql) + "." + nameof(IntakeSql.TakeKey), nameof(IntakeSql) + "." + nameof(IntakeSql.ReadKey),
            nameof(IntakeSql) + "." + nameof(IntakeSql.InsertRejection), nameof(IntakeSql) + "." + nameof(IntakeSql.RequestCancel),
            nameof(IntakeSql) + "." + nameof(IntakeSql.IsCancelling), nameof(ReaderSql) + "." + nameof(ReaderSql.FindJob),
            nameof(ReaderSql) + "." + nameof(ReaderSql.FindRejection), nameof(ReaderSql) + "." + nameof(ReaderSql.FindCommandRejection),
            nameof(ReaderSql) + "." + nameof(ReaderSql.Job), nameof(ReaderSql) + "." + nameof(ReaderSql.Jobs),
        ];

        driven.ShouldBeSubsetOf(Statements.Select(one => one.Name));
        Statements.Where(one => driven.Contains(one.Name)).ShouldAllBe(one => one.Sql.Contains("@TenantId"));
    }

    [Fact]
    public void Reasons_EveryOne_IsOfAStatementThatIsThere()
    {
        // A class of statements may come with another change.
        string[] stale = [.. WithoutTenant.Keys.Where(key => key != "CrashSql.*" && !Statements.Any(one => Matches(key, one.Name)))];

        stale.ShouldBeEmpty();
    }

    private static bool NamesTenant((string Name, string Sql) one) =>
        !ReturnTheTenantOnly.Contains(one.Name) ? one.Sql.Contains("tenant_id", StringComparison.Ordinal) : one.Sql.Contains("@JobId", StringComparison.Ordinal);

    private static string? Reason(string name) => WithoutTenant.FirstOrDefault(pair => Matches(pair.Key, name)).Value;

    private static bool Matches(string key, string name) =>
        key.EndsWith(".*", StringComparison.Ordinal) ? name.StartsWith(key[..^1], StringComparison.Ordinal) : key == name;

    [GeneratedRegex(@"^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")]
    private static partial Regex Statement();
}
