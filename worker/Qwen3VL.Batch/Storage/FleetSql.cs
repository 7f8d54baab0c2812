namespace Qwen3VL.Batch.Storage;

/// <summary>Statements about workers, for people.</summary>
internal static class FleetSql
{
    /// <summary>Workers with the number of groups that each holds.</summary>
    public const string List =
        """
        SELECT w.id, w.host, w.pid AS ProcessId, w.version, w.lanes, w.slots, w.started_at AS StartedAt,
          (SELECT count(*) FROM vq.work k WHERE k.lease_owner = w.id AND k.lease_until IS NOT NULL)::int AS Held,
          extract(epoch FROM now() - w.beat_at)::float8 AS SilentSeconds, w.draining OR w.drain_at IS NOT NULL AS Draining,
          w.stopped_at IS NOT NULL AS Stopped, w.lost
        FROM vq.workers w WHERE @All OR w.stopped_at IS NULL OR w.stopped_at > now() - interval '1 day' ORDER BY w.id
        """;

    /// <summary>Asks for a drain: the worker learns of it from its next heartbeat.</summary>
    public const string RequestDrain =
        """
        UPDATE vq.workers SET drain_at = coalesce(drain_at, now())
        WHERE stopped_at IS NULL AND (@All OR id = ANY(@WorkerIds) OR host = @Host)
        RETURNING id
        """;

    /// <summary>Workers of a list that have not stopped.</summary>
    public const string Running = "SELECT id FROM vq.workers WHERE id = ANY(@WorkerIds) AND stopped_at IS NULL ORDER BY id";
}
