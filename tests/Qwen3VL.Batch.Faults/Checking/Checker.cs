using Qwen3VL.Batch.Faults.Checking.Rules;
using Qwen3VL.Batch.Faults.Ledger;
using Qwen3VL.Batch.Faults.Servers;

namespace Qwen3VL.Batch.Faults.Checking;

/// <summary>The one checker of every scenario: all rules, and the counts that reports are made of. Pure.</summary>
internal static class Checker
{
    // Enough to see the pattern; a broken run may have thousands.
    private const int MessagesPerRule = 10;

    /// <summary>The rules, I1 to I12.</summary>
    public static IReadOnlyList<IRule> Rules { get; } =
    [
        new FinalStateRule(), new CounterRule(), new ResultSetRule(), new ContentRule(), new BillRule(), new FinalEventRule(), new LeftoverRule(),
        new AccountRule(), new RedoneRule(), new DeadLetterRule(), new LeakRule(), new RecoveryRule(),
    ];

    /// <summary>Holds a run against all rules.</summary>
    public static CheckReport Check(RunState state, RunExpectation expected)
    {
        var violations = new List<Violation>();
        foreach (IRule rule in Rules)
        {
            string[] messages = [.. rule.Check(state, expected)];
            violations.AddRange(messages.Take(MessagesPerRule).Select(message => new Violation(rule.Id, message)));
            if (messages.Length > MessagesPerRule)
            {
                violations.Add(new Violation(rule.Id, $"and {messages.Length - MessagesPerRule} more"));
            }
        }

        return new CheckReport(violations, Counts(state));
    }

    private static Dictionary<string, double> Counts(RunState state) => new()
    {
        ["jobs"] = state.Jobs.Count,
        ["jobs lost"] = state.Jobs.Count(job => !job.IsFinal),
        ["chunks"] = state.Chunks.Count,
        ["chunks done again"] = RedoneRule.Count(state),
        ["claims lost"] = RedoneRule.LostClaims(state),
        ["completions refused"] = state.Ledger.Count(record => record is { Event: LedgerEvent.Committed, Note: "Superseded" }),
        ["duplicate result rows"] = state.Pages.Count - state.Pages.Select(page => (page.Job, page.PageNo)).Distinct().Count(),
        ["events"] = state.Events.Select(seen => seen.MessageId).Distinct().Count(),
        ["event repeats"] = Repeats(state.Events),
        ["faults injected"] = state.Ledger.Count(record => record.Event == LedgerEvent.FaultInjected),
        ["peak memory MiB"] = state.ResidentMiB,
    };

    private static int Repeats(IReadOnlyList<SeenEvent> events) => events.Count - events.Select(seen => seen.MessageId).Distinct().Count();
}
