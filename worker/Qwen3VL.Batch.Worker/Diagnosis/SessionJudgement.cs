using System.Globalization;
using Npgsql;
using Qwen3VL.Batch.Worker.Composition;

namespace Qwen3VL.Batch.Worker.Diagnosis;

/// <summary>Says which facts of a session are dangerous, and why.</summary>
internal static class SessionJudgement
{
    private const string Name = "sessions";

    // Times of leases are the server's; a clock that is off by more misleads people who compare logs, and by a day it is simply wrong.
    private static readonly TimeSpan ClockWarning = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ClockLimit = TimeSpan.FromHours(24);

    // While a snapshot is open, dead rows of the hot table stay, and every claim walks over them.
    private const double OldestSnapshotSeconds = 300;

    // A statement that may run for longer than this many leases holds locks that the owners of the leases wait for.
    private const double StatementsPerLease = 10;

    /// <summary>What is wrong; one line that all is well when nothing is.</summary>
    public static IReadOnlyList<CheckResult> Of(SessionFacts facts, Settings settings, DateTimeOffset now)
    {
        List<CheckResult> results = [];
        Judge(facts.TimeZone is not ("UTC" or "Etc/UTC"), CheckLevel.Fail, $"time zone {facts.TimeZone}; must be UTC, or times without a zone are shifted", "remove the time zone from the connection string, or its Options");
        Judge(facts.ReadOnly, CheckLevel.Fail, "the server only reads: a standby, or default_transaction_read_only", "connect to the primary");
        Judge(facts.SynchronousCommit == "off", CheckLevel.Fail, "synchronous_commit is off: a crash of the server loses work that was said to be stored", "set synchronous_commit = on");
        Judge(facts.Superuser, CheckLevel.Fail, "the user is a superuser", "run workers as a member of qwen3vl_worker (qwen3vl-batch migrate --create-roles)");
        Judge(facts.IdleTimeoutMs == 0, CheckLevel.Warn, "idle_in_transaction_session_timeout is off: a forgotten transaction slows every claim", "remove Options from the connection string");
        double statement = facts.StatementTimeoutMs / 1_000.0;
        double lease = settings.Worker.LeaseSeconds;
        Judge(
            statement == 0 || statement > StatementsPerLease * lease,
            CheckLevel.Fail,
            Text($"statement_timeout is {statement} s with leases of {lease} s; must be above 0 and at most {StatementsPerLease} leases"),
            "set statement_timeout in proportion to Worker:LeaseSeconds");
        Judge(
            facts.OldestTransactionSeconds > OldestSnapshotSeconds,
            CheckLevel.Fail,
            Text($"a transaction is open since {facts.OldestTransactionSeconds:0} s; claims slow down while it is"),
            "find it in pg_stat_activity and end it; run long reads on a replica");
        TimeSpan skew = (now.UtcDateTime - facts.ServerTime).Duration();
        Judge(
            skew > ClockWarning,
            skew > ClockLimit ? CheckLevel.Fail : CheckLevel.Warn,
            Text($"clocks of this machine and the server differ by {skew.TotalSeconds:0} s"),
            "set both by NTP");
        string? host = new NpgsqlConnectionStringBuilder(settings.Database.ConnectionString).Host;
        Judge(
            !facts.Encrypted && !DatabaseAddress.IsLocal(host),
            settings.Database.AllowPlaintext ? CheckLevel.Warn : CheckLevel.Fail,
            $"passwords and results go to {host} without encryption",
            "use SSL Mode=VerifyFull");
        return results.Count > 0 ? results : [new CheckResult(Name, CheckLevel.Ok, "UTC, durable commits, no more rights than needed")];

        void Judge(bool bad, CheckLevel level, string message, string advice)
        {
            if (bad)
            {
                results.Add(new CheckResult(Name, level, message, advice));
            }
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
