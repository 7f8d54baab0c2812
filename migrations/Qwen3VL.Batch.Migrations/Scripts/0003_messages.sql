-- Events that wait to be sent. Written in the transaction they tell of; deleted when the broker has confirmed them.
CREATE TABLE vq.outbox (
  id           uuid        NOT NULL DEFAULT vq.uuid7() PRIMARY KEY,     -- becomes the message id
  job_id       uuid,
  created_at   timestamptz NOT NULL DEFAULT now(),
  run_at       timestamptz NOT NULL DEFAULT now(),                      -- not before
  tries        int         NOT NULL DEFAULT 0,
  message_type text        NOT NULL,
  body         jsonb       NOT NULL,
  last_error   text CHECK (length(last_error) <= 2000)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX outbox_due ON vq.outbox (run_at, id);

-- Seen messages of consumers whose effect has no key of its own. The key holds the time, so it narrows the window of repeats, no more:
-- a natural key is better wherever there is one.
CREATE TABLE vq.inbox (
  consumer    text        NOT NULL,
  message_key text        NOT NULL,
  seen_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, message_key, seen_at)
);
CREATE INDEX inbox_seen ON vq.inbox USING brin (seen_at);

CREATE TABLE vq.dead_letters (
  id           uuid        NOT NULL DEFAULT vq.uuid7() PRIMARY KEY,
  source       text        NOT NULL CHECK (source IN ('chunk', 'message', 'outbox')),
  dedup_key    text        NOT NULL,                                    -- chunk:<job>:<no>, or msg:<queue>:<message id>
  job_id       uuid,
  chunk_no     int,
  queue        text,
  message_type text,
  headers      jsonb,
  body         jsonb,
  body_raw     bytea,
  error_code   text        NOT NULL,
  error_text   text CHECK (length(error_text) <= 4000),
  attempts     int         NOT NULL,
  occurrences  int         NOT NULL DEFAULT 1,
  first_at     timestamptz NOT NULL DEFAULT now(),
  last_at      timestamptz NOT NULL DEFAULT now(),
  status       text        NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'replaying', 'replayed', 'discarded')),
  status_at    timestamptz NOT NULL DEFAULT now(),
  status_by    text,
  replay_count int         NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX dead_letters_open ON vq.dead_letters (dedup_key) WHERE status IN ('open', 'replaying');
CREATE INDEX dead_letters_status ON vq.dead_letters (status, last_at DESC);
CREATE INDEX dead_letters_job ON vq.dead_letters (job_id) WHERE job_id IS NOT NULL;
