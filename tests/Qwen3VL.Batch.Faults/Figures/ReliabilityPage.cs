using System.Globalization;
using System.Text;
using Qwen3VL.Batch.Faults.Scenarios;

namespace Qwen3VL.Batch.Faults.Figures;

/// <summary>Renders the page on reliability from its numbers.</summary>
internal static class ReliabilityPage
{
    private const string Head =
        """
        # Reliability, measured

        Written by `ops/faults --report` from `reliability.json`; not by hand. `ops/faults --report --only kills` measures one figure anew and keeps
        the others.

        """;

    private const string HowToRead =
        """
        ## How to read it

        * **FaultWorker and the product.** "Deterministic engine" is `tests/Qwen3VL.Batch.FaultWorker`: the product's host with its pipeline, ledger,
          relay, sweeper and consumers, over an engine without a model that answers after a known time, and a decoder without a process. It shows
          what the queue does; it says nothing about inference. The product's own program with its model is killed too, by scenario F0-product of the
          table below, but not often enough for rates.
        * **Zero is not never.** After n kills without an event, the rate is below 3/n with 95 % confidence (rule of three). The page says the bound.
        * **Once** means: rows of one execution, one final state, one bill for a chunk; work in flight at a kill is *executed* again, which the line
          "work redone" counts. Events may arrive more than once, with the same message id.
        * **Times depend on settings.** Leases are 3 s where a line says so; the default is 60 s, and what waits for a lease to run out (a killed or
          stopped worker) takes as much longer: up to the lease, plus a third of it until the next sweep, plus the pause between two looks for work.
        * **The servers** are private ones on the same machine: one broker node, so a quorum queue has a majority of one; PostgreSQL with fsync,
          full-page writes and 256 MB of shared buffers. Clients, workers and servers share the cores.
        * **Medians and worst cases** are of the number of tries that stands beside them. Few tries show no rare event.

        """;

    private const string NotHere =
        """
        ## What cannot be tried here

        Beside what the table says of single faults:

        * A broker of version 4.x: none is to be had on this machine. What differs by documentation (delivery limits, timeouts of consumers, classic
          queues that are transient) the design keeps out of; untested all the same.
        * More than one broker node, a standby of the database, a failover of either: one machine, one node each.
        * Loss, reordering and delay by the kernel (`tc netem`): the kernel has no such module. Delay, cuts, half-open links and answers that are lost
          are made by a proxy in the harness instead.
        * A power cut: processes are killed, the kernel lives, so what was written but not synced survives.
        * A real accelerator running out of memory: the deterministic engine takes the host's memory, or says that a request has no room, instead.
        * Kubernetes, KEDA and their way to end processes: SIGTERM, SIGKILL and SIGSTOP are sent by hand.

        """;

    private const string Weaknesses =
        """
        ## Weaknesses

        * A worker's death costs the rest of its lease before anybody takes over; shorter leases mean more heartbeats and, on a machine that stalls,
          groups that are taken from workers that live.
        * One open snapshot of a foreign program keeps dead rows in the hot list, and claims get slower as long as it is open (figure "claim"). The
          product's own sessions are ended after 30 s of idling; a foreign one must be found in `pg_stat_activity`.
        * Workers of one job wait for each other at the row of its counters: the throughput of the ledger grows less than the number of workers.
        * The ledger is one database: while it is away nothing is claimed, and what the engine has finished is kept only as long as the lease lives.
        * An event waits for the broker as long as it takes; a relay that dies holds the events that it took for up to ten seconds.
        * A chunk whose worker dies four times while it is in the engine is given up, whoever's fault it was. Kills of ordinary workers reach two; from
          then on the chunk runs alone in the quarantine process, so an innocent one is given up only when that process is killed twice over it
          (ADR 0005), as when whole containers are killed again and again. The figure "kills" does that, and counts how many chunks came how far;
          `dead replay` does a given-up one anew. Leases that run out while their worker is seen alive do not count.
        * Everything here ran for minutes. `ops/faults --soak N` looks for what only grows slowly.

        """;

    /// <summary>The page.</summary>
    public static string Render(Reliability numbers)
    {
        var page = new StringBuilder();
        page.AppendLine(Head).AppendLine(Machine(numbers)).AppendLine(HowToRead);
        foreach (Figure figure in FigureCatalogue.All)
        {
            page.Append(Section(figure, numbers.Figures.FirstOrDefault(result => result.Id == figure.Id)));
        }

        page.AppendLine(Faults(numbers)).AppendLine(NotHere).Append(Weaknesses.TrimEnd()).AppendLine();
        return page.ToString().ReplaceLineEndings("\n");
    }

    private static string Machine(Reliability numbers) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        Machine: {numbers.Machine.Cores} cores ({numbers.Machine.Processor}), {numbers.Machine.MemoryGiB:F0} GiB, Linux {numbers.Machine.Kernel}, .NET {numbers.Machine.Runtime},
        PostgreSQL {numbers.Machine.Postgres}, RabbitMQ {numbers.Machine.Broker}. Load when it began: {numbers.Machine.Load:F1}.

        """);

    private static string Section(Figure figure, FigureResult? result)
    {
        var text = new StringBuilder();
        text.AppendLine($"## {figure.Title}").AppendLine().AppendLine(figure.Done).AppendLine();
        if (result is null)
        {
            return text.AppendLine($"Not measured yet: `ops/faults --report --only {figure.Id}`.").AppendLine().ToString();
        }

        text.AppendLine("| what | measured | of how much |").AppendLine("|---|---|---|");
        foreach (FigureRow row in result.Rows)
        {
            text.AppendLine($"| {Cell(row.Name)} | {Cell(row.Value)} | {Cell(row.Basis)} |");
        }

        return text.AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"`{result.Command}`, {result.MeasuredAt:yyyy-MM-dd HH:mm} UTC, commit {result.Commit}, took {result.Seconds:F0} s.")
            .AppendLine().ToString();
    }

    private static string Faults(Reliability numbers)
    {
        var text = new StringBuilder();
        text.AppendLine("## Faults").AppendLine();
        text.AppendLine("The design's list, the smallest tier that forces each, and what of it cannot be forced here.").AppendLine();
        text.AppendLine("| | fault | tier | scenarios that passed when last run | not forced here |").AppendLine("|---|---|---|---|---|");
        foreach (FaultRow fault in FaultTable.All)
        {
            IReadOnlyList<Scenario> scenarios = fault.Scenarios;
            string passed = scenarios.Count == 0 ? "-" : Passed(numbers, scenarios);
            text.AppendLine($"| {fault.Id} | {Cell(fault.Fault)} | {Name(fault.Tier)} | {passed} | {Cell(fault.Unavailable ?? fault.Limit)} |");
        }

        text.AppendLine().AppendLine("Every scenario of the suite; each ends with the same twelve rules (`tests/Qwen3VL.Batch.Faults/README.md`).").AppendLine();
        text.AppendLine("| scenario | fault | tier | last run |").AppendLine("|---|---|---|---|");
        foreach (Scenario scenario in Catalogue.All)
        {
            LastRun? row = numbers.Faults.FirstOrDefault(found => found.Id == scenario.Id);
            string last = row?.Describe() ?? "not run";
            string control = scenario.MustReport.Count == 0 ? "" : " (a control: the checker must report it)";
            text.AppendLine($"| {scenario.Id} | {Cell(scenario.Fault)}{control} | {Name(scenario.Tier)} | {Cell(last)} |");
        }

        return text.AppendLine()
            .AppendLine("The last run of a scenario is its newest one, by itself or with others, and stands with the tier of its sizes, its end (UTC) and its commit;")
            .AppendLine("a `+` is of sources that were changed after it. `ops/faults --full` runs all of them.").ToString();
    }

    private static string Passed(Reliability numbers, IReadOnlyList<Scenario> scenarios)
    {
        LastRun[] runs = [.. numbers.Faults.Where(run => scenarios.Any(scenario => scenario.Id == run.Id))];
        return runs.Length == 0 ? "not run" : string.Create(CultureInfo.InvariantCulture, $"{runs.Count(run => run.Passed && run.Skipped is null)} of {scenarios.Count}");
    }

    private static string Name(Tier? tier) => tier switch
    {
        Tier.Fast => "fast",
        Tier.Full => "full",
        _ => "none",
    };

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
