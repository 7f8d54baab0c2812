-- Jobs and their work. All times are the database's; job ids are UUIDv7 made here, so that a partition exists for every one of them.
CREATE SCHEMA vq;

-- The lowest UUIDv7 of an instant: bounds of partitions and of scans by time.
CREATE FUNCTION vq.uuid7_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

-- RFC 9562, section 5.7: 48 bits of milliseconds, version 7, 74 random bits (taken with the variant from a random UUID).
CREATE FUNCTION vq.uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
    || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid
$$;

-- One job for each client request. Not partitioned: uniqueness must hold over all months.
CREATE TABLE vq.idempotency_keys (
  tenant_id    bigint      NOT NULL,
  idem_key     text        NOT NULL CHECK (length(idem_key) BETWEEN 1 AND 200),
  request_hash bytea       NOT NULL CHECK (length(request_hash) = 32),
  job_id       uuid        NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, idem_key)
);
CREATE INDEX idempotency_keys_created ON vq.idempotency_keys USING brin (created_at);

-- Commands that were refused. A key may be refused and later used well, or the other way round: the hash tells the bodies apart.
CREATE TABLE vq.rejections (
  tenant_id    bigint      NOT NULL,
  idem_key     text        NOT NULL CHECK (length(idem_key) <= 200),
  request_hash bytea       NOT NULL CHECK (length(request_hash) = 32),
  code         text        NOT NULL CHECK (length(code) BETWEEN 1 AND 100),
  message      text        NOT NULL CHECK (length(message) <= 2000),
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, idem_key, request_hash)
);
CREATE INDEX rejections_created ON vq.rejections USING brin (created_at);

CREATE TABLE vq.jobs (
  id            uuid        NOT NULL,
  tenant_id     bigint      NOT NULL,
  created_at    timestamptz NOT NULL DEFAULT now(),
  started_at    timestamptz,
  finished_at   timestamptz,
  deadline_at   timestamptz,
  cancel_at     timestamptz,                                -- cancel was asked for: set once, never reset
  overdue_at    timestamptz,                                -- the deadline was seen to have passed: set once, never reset
  progress_at   timestamptz,                                -- last JobProgress event
  total_chunks  int CHECK (total_chunks > 0),               -- null until planned
  done_chunks   int         NOT NULL DEFAULT 0 CHECK (done_chunks >= 0),
  failed_chunks int         NOT NULL DEFAULT 0 CHECK (failed_chunks >= 0),
  priority      smallint    NOT NULL CHECK (priority BETWEEN 0 AND 9),
  state         text        NOT NULL DEFAULT 'accepted' CHECK (state IN
                  ('accepted', 'splitting', 'running', 'cancelling', 'succeeded', 'partial', 'failed', 'cancelled')),
  kind          text        NOT NULL CHECK (kind IN ('document', 'video')),
  idem_key      text        NOT NULL,
  source_uri    text        NOT NULL CHECK (length(source_uri) <= 4096),
  source_sha256 text,
  cancel_reason text CHECK (length(cancel_reason) <= 500),
  error_code    text CHECK (length(error_code) BETWEEN 1 AND 100),
  error_message text CHECK (length(error_message) <= 2000),
  tasks         jsonb       NOT NULL,
  options       jsonb       NOT NULL,
  facts         jsonb,                                      -- what probing found; null until planned
  CHECK (done_chunks + failed_chunks <= total_chunks),
  CHECK ((state IN ('succeeded', 'partial', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
  CHECK ((error_code IS NULL) = (error_message IS NULL)),
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX jobs_tenant ON vq.jobs (tenant_id, id DESC);
CREATE INDEX jobs_open ON vq.jobs (state, id) WHERE state IN ('accepted', 'splitting', 'running', 'cancelling');
CREATE INDEX jobs_deadline ON vq.jobs (deadline_at)
  WHERE deadline_at IS NOT NULL AND state IN ('accepted', 'splitting', 'running');

-- The hot list: one row for each unfinished group of chunks, the unit of lease. Small, not partitioned, never grows with history.
CREATE TABLE vq.work (
  job_id      uuid        NOT NULL,
  group_no    int         NOT NULL,                         -- 0 is the planning of the job
  order_key   timestamptz NOT NULL,                         -- created + slack of the priority: order with ageing, nothing starves
  run_at      timestamptz NOT NULL DEFAULT now(),           -- not before
  lease_until timestamptz,                                  -- null: ready
  fence       bigint      NOT NULL DEFAULT 0,               -- + 1 at every claim; every write of a holder must present it
  lease_owner bigint,                                       -- workers.id
  first_chunk int         NOT NULL,
  last_chunk  int         NOT NULL,
  stage       smallint    NOT NULL DEFAULT 0,
  lost_count  smallint    NOT NULL DEFAULT 0,               -- leases that ran out without a release
  lane        smallint    NOT NULL DEFAULT 0,               -- a worker claims from its lanes only; 0 is the general one
  cost        smallint    NOT NULL DEFAULT 1,               -- engine slots the group may use at once
  waiting     boolean     NOT NULL DEFAULT false,           -- a chunk of the stage before has not ended
  cancelled   boolean     NOT NULL DEFAULT false,
  CHECK ((lease_until IS NULL) = (lease_owner IS NULL)),
  PRIMARY KEY (job_id, group_no)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX work_ready ON vq.work (lane, order_key, job_id, group_no)
  WHERE lease_until IS NULL AND NOT waiting AND NOT cancelled;
CREATE INDEX work_leased ON vq.work (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX work_cancelled ON vq.work (job_id) WHERE cancelled;

-- The permanent record of the work. Outcome null -> value is the compare-and-set that everything else hangs on.
CREATE TABLE vq.chunks (
  job_id        uuid     NOT NULL,
  chunk_no      int      NOT NULL CHECK (chunk_no >= 0),
  group_no      int      NOT NULL CHECK (group_no > 0),
  first_unit    int      NOT NULL,
  last_unit     int      NOT NULL,
  stage         smallint NOT NULL CHECK (stage >= 0),
  starts        smallint NOT NULL DEFAULT 0,                -- times handed to a worker; starts without an outcome are suspects
  failures      smallint NOT NULL DEFAULT 0,                -- failures that code reported, as opposed to crashes
  started_at    timestamptz,
  finished_at   timestamptz,
  not_before    timestamptz,
  fence         bigint,
  kind          text     NOT NULL CHECK (kind IN ('pages', 'window', 'merge', 'reduce')),
  outcome       text CHECK (outcome IN ('succeeded', 'failed', 'cancelled')),
  error_code    text CHECK (length(error_code) BETWEEN 1 AND 100),
  error_message text CHECK (length(error_message) <= 2000),
  CHECK ((outcome IS NULL) = (finished_at IS NULL)),
  CHECK (outcome <> 'failed' OR (error_code IS NOT NULL AND error_message IS NOT NULL)),
  PRIMARY KEY (job_id, chunk_no)
) PARTITION BY RANGE (job_id);

-- History, one row for each execution that ended.
CREATE TABLE vq.chunk_attempts (
  job_id        uuid        NOT NULL,
  chunk_no      int         NOT NULL,
  fence         bigint      NOT NULL,
  worker_id     bigint      NOT NULL,
  started_at    timestamptz NOT NULL,
  finished_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  start_no      smallint    NOT NULL,
  outcome       text        NOT NULL CHECK (outcome IN ('succeeded', 'failed', 'superseded')),
  error_code    text CHECK (length(error_code) BETWEEN 1 AND 100),
  error_message text CHECK (length(error_message) <= 2000),
  PRIMARY KEY (job_id, chunk_no, fence)
) PARTITION BY RANGE (job_id);

-- Chunks of a stage wait until all of the stage before have ended.
CREATE TABLE vq.job_stages (
  job_id uuid     NOT NULL,
  total  int      NOT NULL CHECK (total > 0),
  ended  int      NOT NULL DEFAULT 0 CHECK (ended >= 0 AND ended <= total),
  stage  smallint NOT NULL,
  PRIMARY KEY (job_id, stage)
) PARTITION BY RANGE (job_id);

CREATE TABLE vq.workers (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT now(),
  beat_at    timestamptz NOT NULL DEFAULT now(),
  stopped_at timestamptz,
  pid        int         NOT NULL,
  slots      int         NOT NULL CHECK (slots > 0),
  draining   boolean     NOT NULL DEFAULT false,
  host       text        NOT NULL,
  version    text        NOT NULL,
  lanes      smallint[]  NOT NULL DEFAULT '{0}'
) WITH (fillfactor = 50);
