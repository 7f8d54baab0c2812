-- Crash evidence, retries, quarantine, replay, fairness, prices. Only adds: workers of the version before go on beside it. They find chunks by the
-- range of their group alone: one of them that claims a group from which a suspect was moved runs the suspect too. It ends once all the same.

-- A start is lost when the lease that it was made under runs out: counted by the sweep, never by the worker that may be dead. Starts that a
-- worker gave back in order leave no evidence.
ALTER TABLE vq.chunks
  ADD COLUMN start_fence bigint,                                        -- fence of the claim that started it last
  ADD COLUMN lost_starts smallint NOT NULL DEFAULT 0,                   -- starts that no worker answered for: crash suspects
  ADD COLUMN degradation smallint NOT NULL DEFAULT 0;                   -- steps by which its media were made smaller to fit

ALTER TABLE vq.chunk_attempts DROP CONSTRAINT chunk_attempts_outcome_check;
ALTER TABLE vq.chunk_attempts ADD CONSTRAINT chunk_attempts_outcome_check
  CHECK (outcome IN ('succeeded', 'failed', 'superseded', 'retry', 'lost')) NOT VALID;

-- A follow-up job does chunks of an ended job anew; the ended job stays as it is.
ALTER TABLE vq.jobs
  ADD COLUMN replay_of uuid,
  ADD COLUMN replay_chunks int[];                                       -- null: all chunks; else the numbers that are planned
CREATE INDEX jobs_replay_of ON vq.jobs (replay_of) WHERE replay_of IS NOT NULL;

-- The tenant of a group, for fairness among those that wait.
ALTER TABLE vq.work ADD COLUMN tenant_id bigint NOT NULL DEFAULT 0;
CREATE INDEX work_tenant ON vq.work (tenant_id);

-- Who asked a worker to drain, and when: it learns of it from its heartbeat.
ALTER TABLE vq.workers ADD COLUMN drain_at timestamptz;

-- Replayed commands leave through the outbox too, to another exchange than events.
ALTER TABLE vq.outbox
  ADD COLUMN destination text NOT NULL DEFAULT 'vq.events' CHECK (length(destination) BETWEEN 1 AND 200),
  ADD COLUMN headers jsonb NOT NULL DEFAULT '{}';

ALTER TABLE vq.dead_letters
  ADD COLUMN tenant_id bigint NOT NULL DEFAULT 0,
  ADD COLUMN replay_job_id uuid;                                        -- the follow-up job, when a chunk was replayed
CREATE INDEX dead_letters_tenant ON vq.dead_letters (tenant_id, last_at DESC);
CREATE INDEX dead_letters_replay ON vq.dead_letters (replay_job_id) WHERE replay_job_id IS NOT NULL;

-- Who did what to a dead letter. Only ever inserted into.
CREATE TABLE vq.dead_letter_audit (
  dead_letter_id uuid        NOT NULL,
  at             timestamptz NOT NULL DEFAULT clock_timestamp(),
  id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  action         text        NOT NULL CHECK (action IN ('recorded', 'repeated', 'replaying', 'replayed', 'discarded', 'reopened')),
  actor          text        NOT NULL CHECK (length(actor) BETWEEN 1 AND 200),
  detail         jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX dead_letter_audit_letter ON vq.dead_letter_audit (dead_letter_id, id);

-- Prices, for cost beside usage: a version is never changed, a new one takes over from its date. Nano units of the currency.
CREATE TABLE vq.price_list (
  version                 int         PRIMARY KEY CHECK (version > 0),
  valid_from              timestamptz NOT NULL UNIQUE,
  currency                text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  nano_per_prompt_token   bigint      NOT NULL CHECK (nano_per_prompt_token >= 0),
  nano_per_cached_token   bigint      NOT NULL CHECK (nano_per_cached_token >= 0),
  nano_per_output_token   bigint      NOT NULL CHECK (nano_per_output_token >= 0),
  nano_per_engine_second  bigint      NOT NULL CHECK (nano_per_engine_second >= 0)
);

ALTER TABLE vq.usage_records
  ADD COLUMN price_version int,
  ADD COLUMN cost_nano     bigint CHECK (cost_nano >= 0);               -- null: no price was valid then

-- What is kept of usage when its partitions are dropped: one row for each tenant and day (UTC).
CREATE TABLE vq.usage_daily (
  tenant_id         bigint NOT NULL,
  day               date   NOT NULL,
  chunks            bigint NOT NULL,
  executions        bigint NOT NULL,
  engine_us         bigint NOT NULL,
  prompt_tokens     bigint NOT NULL,
  cached_tokens     bigint NOT NULL,
  image_tokens      bigint NOT NULL,
  output_tokens     bigint NOT NULL,
  cost_nano         bigint NOT NULL,
  wasted_engine_us  bigint NOT NULL,                                    -- of executions that were not billable
  PRIMARY KEY (tenant_id, day)
);
