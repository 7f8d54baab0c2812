namespace Qwen3VL.Batch.Storage;

/// <summary>Statements that delete old rows of the tables that are not partitioned, a batch at a time.</summary>
internal static class HousekeepingSql
{
    /// <summary>Workers that have not beaten for so long. What they held was taken back when its leases ran out.</summary>
    public const string MarkLost =
        """
        UPDATE vq.workers SET stopped_at = now(), lost = true
        WHERE stopped_at IS NULL AND beat_at < now() - make_interval(secs => @SilenceSeconds)
        """;

    /// <summary>Workers that stopped long ago.</summary>
    public const string DeleteWorkers =
        """
        DELETE FROM vq.workers WHERE id IN (
          SELECT id FROM vq.workers WHERE stopped_at < now() - make_interval(days => @WorkerDays) LIMIT @Batch FOR UPDATE SKIP LOCKED)
        """;

    /// <summary>Keys of jobs that ended: while a job is open, its command may still be repeated.</summary>
    public const string DeleteKeys =
        """
        DELETE FROM vq.idempotency_keys WHERE (tenant_id, idem_key) IN (
          SELECT k.tenant_id, k.idem_key FROM vq.idempotency_keys k
          WHERE k.created_at < now() - make_interval(days => @KeyDays)
            AND NOT EXISTS (SELECT FROM vq.jobs j WHERE j.id = k.job_id AND j.finished_at IS NULL)
          LIMIT @Batch)
        """;

    /// <summary>Refusals.</summary>
    public const string DeleteRejections =
        """
        DELETE FROM vq.rejections WHERE (tenant_id, idem_key, request_hash) IN (
          SELECT tenant_id, idem_key, request_hash FROM vq.rejections
          WHERE created_at < now() - make_interval(days => @KeyDays) LIMIT @Batch)
        """;

    /// <summary>Seen messages.</summary>
    public const string DeleteInbox =
        """
        DELETE FROM vq.inbox WHERE (consumer, message_key, seen_at) IN (
          SELECT consumer, message_key, seen_at FROM vq.inbox
          WHERE seen_at < now() - make_interval(days => @InboxDays) LIMIT @Batch)
        """;

    /// <summary>Dead letters that somebody dealt with; what was done to them stays in the audit.</summary>
    public const string DeleteDeadLetters =
        """
        DELETE FROM vq.dead_letters WHERE id IN (
          SELECT id FROM vq.dead_letters
          WHERE status IN ('replayed', 'discarded') AND status_at < now() - make_interval(days => @DeadLetterDays)
          LIMIT @Batch FOR UPDATE SKIP LOCKED)
        """;
}
