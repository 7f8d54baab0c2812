-- Monthly partitions by job id: all rows of a job lie in one partition of each table. There is no default partition: a missing month
-- must be a loud error that is retried, not rows in the wrong place.
--
-- Makes the partitions of last month up to months_ahead months from now, of the first table that lacks some, and returns how many it made;
-- 0 when none is missing. One table for each call, and so for each transaction: making a partition locks its parent, and locks on several
-- parents at once could wait in a circle with a transaction that ends a chunk. Safe to call at any time: one caller works, the others return 0. It runs as the schema's owner, so that workers need no right to create tables.
CREATE FUNCTION vq.ensure_partitions(months_ahead int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  parent    text;
  month     timestamp;
  partition text;
  storage   text;
  made      int := 0;
BEGIN
  -- The number names this function among advisory locks; released with the transaction.
  IF NOT pg_try_advisory_xact_lock(7310450231) THEN
    RETURN 0;
  END IF;

  -- Pages before captions and boxes, which refer to them.
  FOREACH parent IN ARRAY ARRAY['jobs', 'chunks', 'chunk_attempts', 'job_stages', 'pages', 'captions', 'boxes', 'segments', 'summary_parts',
    'parse_issues', 'job_outputs', 'usage_records'] LOOP
    -- Rows of these three are updated: room on the page keeps the updates off the indexes.
    storage := CASE WHEN parent IN ('jobs', 'chunks', 'job_stages')
      THEN 'WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02)' ELSE 'WITH (autovacuum_vacuum_insert_scale_factor = 0.1)' END;
    FOR i IN -1..greatest(months_ahead, 0) LOOP
      month := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => i);
      partition := parent || '_' || to_char(month, 'YYYYMM');
      IF to_regclass(format('vq.%I', partition)) IS NULL THEN
        EXECUTE format('CREATE TABLE vq.%I PARTITION OF vq.%I FOR VALUES FROM (%L) TO (%L) %s', partition, parent,
          vq.uuid7_floor(month AT TIME ZONE 'UTC'), vq.uuid7_floor((month + interval '1 month') AT TIME ZONE 'UTC'), storage);
        made := made + 1;
      END IF;
    END LOOP;
    EXIT WHEN made > 0;
  END LOOP;
  RETURN made;
END
$$;

DO $$ BEGIN WHILE vq.ensure_partitions(2) > 0 LOOP END LOOP; END $$;
