-- Fairness by urgency, sources that are away, workers that were lost. Only adds: workers of the version before go on beside it.

-- In another transaction than the constraint was added in, and before anything else here is locked: writers go on while all rows are read.
ALTER TABLE vq.chunk_attempts VALIDATE CONSTRAINT chunk_attempts_outcome_check;

-- Groups that are as urgent or more put a tenant's next job back; those that may wait do not.
ALTER TABLE vq.work ADD COLUMN priority smallint NOT NULL DEFAULT 5 CHECK (priority BETWEEN 0 AND 9);
UPDATE vq.work w SET tenant_id = j.tenant_id, priority = j.priority FROM vq.jobs j WHERE j.id = w.job_id;
DROP INDEX vq.work_tenant;
CREATE INDEX work_tenant ON vq.work (tenant_id, priority);
CREATE INDEX work_owner ON vq.work (lease_owner) WHERE lease_until IS NOT NULL;

-- How often in a row the source of its job could not be had, and how often a claim ended by what nobody can explain. Not told from the fence,
-- which counts every claim.
ALTER TABLE vq.work
  ADD COLUMN outages int NOT NULL DEFAULT 0,
  ADD COLUMN defects int NOT NULL DEFAULT 0;

-- Months whose results are being deleted, or were: nothing may build on them any more, however far the deleting has come.
CREATE TABLE vq.dropped_months (
  month date        PRIMARY KEY,
  at    timestamptz NOT NULL DEFAULT now()
);

-- Stopped without a word: taken from its silence, and taken back when it beats again.
ALTER TABLE vq.workers ADD COLUMN lost boolean NOT NULL DEFAULT false;
