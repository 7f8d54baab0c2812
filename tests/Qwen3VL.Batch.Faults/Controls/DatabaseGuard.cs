using Qwen3VL.Batch.Faults.Network;

namespace Qwen3VL.Batch.Faults.Controls;

/// <summary>
/// A protection that lives in a statement or in the schema, and how a negative control takes it away: text of statements is exchanged on its way
/// to the database, constraints are dropped in the scenario's database. Both fail loudly when the product no longer has what is taken away.
/// </summary>
/// <param name="Name">Name in lists.</param>
internal sealed record DatabaseGuard(string Name)
{
    private const string DropCounterChecks =
        """
        DO $$
        DECLARE found record; dropped int := 0;
        BEGIN
          FOR found IN
            SELECT conrelid::regclass AS relation, conname FROM pg_constraint
            WHERE contype = 'c' AND conparentid = 0 AND conislocal
              AND ((conrelid = 'vq.jobs'::regclass AND pg_get_constraintdef(oid) LIKE '%total_chunks%')
                OR (conrelid = 'vq.job_stages'::regclass AND pg_get_constraintdef(oid) LIKE '%ended%'))
          LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.relation, found.conname);
            dropped := dropped + 1;
          END LOOP;
          IF dropped < 2 THEN RAISE EXCEPTION 'checks of counters must be on jobs and job_stages; got %', dropped; END IF;
        END $$
        """;

    private const string DivertFinalEvents =
        """
        CREATE SCHEMA faults;
        CREATE TABLE faults.late (LIKE vq.outbox INCLUDING DEFAULTS);
        CREATE FUNCTION faults.divert() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF current_setting('faults.late', true) = 'on' THEN RETURN NEW; END IF;
          INSERT INTO faults.late SELECT NEW.*;
          RETURN NULL;
        END $$;
        CREATE TRIGGER divert BEFORE INSERT ON vq.outbox FOR EACH ROW WHEN (NEW.message_type = 'JobSucceeded') EXECUTE FUNCTION faults.divert()
        """;

    /// <summary>A chunk ends only while it has no outcome: the compare-and-set.</summary>
    public static DatabaseGuard ChunkCas { get; } = new("chunk_cas") { Replacements = [("c.outcome IS NULL\n  AND", "true\n  AND")] };

    /// <summary>A chunk is ended only by who holds its group under the current fence.</summary>
    public static DatabaseGuard LeaseCheck { get; } = new("lease_check")
    {
        // The condition becomes a comment; its parameters stay bound.
        Replacements = [("EXISTS (\n    SELECT FROM vq.work w\n", "true /*"), ("AND w.last_chunk)", "AND w.last_chun*/")],
    };

    /// <summary>No more chunks are counted than a stage and a job have.</summary>
    public static DatabaseGuard CounterChecks { get; } = new("counter_checks") { Ddl = DropCounterChecks };

    /// <summary>A page is stored once.</summary>
    public static DatabaseGuard ResultKeys { get; } = new("result_keys") { Ddl = "ALTER TABLE vq.pages DROP CONSTRAINT pages_pkey CASCADE" };

    /// <summary>A chunk is billed once.</summary>
    public static DatabaseGuard BillableIndex { get; } = new("billable_index") { Ddl = "DROP INDEX vq.usage_records_billable" };

    /// <summary>An idempotency key is taken once.</summary>
    public static DatabaseGuard IdempotencyKey { get; } = new("idempotency_key") { Ddl = "ALTER TABLE vq.idempotency_keys DROP CONSTRAINT idempotency_keys_pkey" };

    /// <summary>A key that comes again with another body is refused.</summary>
    public static DatabaseGuard RequestHash { get; } = new("request_hash") { Replacements = [("request_hash = $1 AS SameBody", "true AS SameBody")] };

    /// <summary>A dead letter is taken for a replay only while it is open: the compare-and-set of replays.</summary>
    public static DatabaseGuard ReplayCas { get; } = new("replay_cas") { Replacements = [("p.status = 'open' AND p.replay_count", "true AND p.replay_count")] };

    /// <summary>A start whose worker died is counted against its chunk.</summary>
    public static DatabaseGuard CrashEvidence { get; } = new("crash_evidence") { Replacements = [("least(c.lost_starts + 1, 32767)", "c.lost_starts")] };

    /// <summary>The table that late events wait in, and what brings them there; see <see cref="Control.Guard.OutboxInTransaction"/>.</summary>
    public static DatabaseGuard OutboxInTransaction { get; } = new(Control.Guard.OutboxInTransaction) { Ddl = DivertFinalEvents };

    /// <summary>Texts of statements and what stands in their place.</summary>
    public IReadOnlyList<(string From, string To)> Replacements { get; init; } = [];

    /// <summary>What is done to the schema; null is nothing.</summary>
    public string? Ddl { get; init; }

    /// <summary>The replacements as rules of a proxy, with counters of their own.</summary>
    public IEnumerable<FlowRewrite> Rewrites() => Replacements.Select(pair => new FlowRewrite(pair.From, pair.To));
}
