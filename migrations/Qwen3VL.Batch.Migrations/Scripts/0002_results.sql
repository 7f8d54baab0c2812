-- Results. Rows of one chunk come from one execution: they are written in the transaction that ends the chunk.
CREATE TABLE vq.pages (
  job_id         uuid             NOT NULL,
  page_no        int              NOT NULL CHECK (page_no > 0),
  chunk_no       int              NOT NULL,
  width_px       int              NOT NULL CHECK (width_px > 0),        -- of the upright raster that pixel boxes refer to
  height_px      int              NOT NULL CHECK (height_px > 0),
  width_points   double precision NOT NULL CHECK (width_points >= 0),   -- of the upright PDF page; 0 for a picture
  height_points  double precision NOT NULL CHECK (height_points >= 0),
  rotation       smallint         NOT NULL CHECK (rotation IN (0, 90, 180, 270)), -- clockwise degrees that made it upright
  truncated      boolean          NOT NULL,
  content_sha256 text             NOT NULL,
  body           text,                                                  -- null: no task asked for the text
  PRIMARY KEY (job_id, page_no)
) PARTITION BY RANGE (job_id);

CREATE TABLE vq.captions (
  job_id   uuid NOT NULL,
  page_no  int  NOT NULL,
  chunk_no int  NOT NULL,
  body     text NOT NULL,
  PRIMARY KEY (job_id, page_no),
  FOREIGN KEY (job_id, page_no) REFERENCES vq.pages (job_id, page_no)
) PARTITION BY RANGE (job_id);

-- Boxes in both coordinate systems. A row says by itself what it means: the raster's size stands beside the pixels, and no box leaves it.
CREATE TABLE vq.boxes (
  job_id         uuid             NOT NULL,
  page_no        int              NOT NULL,
  box_no         int              NOT NULL CHECK (box_no >= 0),
  chunk_no       int              NOT NULL,
  page_width_px  int              NOT NULL,
  page_height_px int              NOT NULL,
  rel_x0         double precision NOT NULL,                             -- 0..1000 of the upright page
  rel_y0         double precision NOT NULL,
  rel_x1         double precision NOT NULL,
  rel_y1         double precision NOT NULL,
  px_x0          double precision NOT NULL,                             -- pixels of the page raster
  px_y0          double precision NOT NULL,
  px_x1          double precision NOT NULL,
  px_y1          double precision NOT NULL,
  adjusted       boolean          NOT NULL,                             -- the model's numbers were repaired
  task           text             NOT NULL CHECK (task IN ('spotting', 'grounding')),
  label          text             NOT NULL,
  -- NaN is greater than every number, so the upper bounds refuse it.
  CHECK (rel_x0 >= 0 AND rel_x0 < rel_x1 AND rel_x1 <= 1000 AND rel_y0 >= 0 AND rel_y0 < rel_y1 AND rel_y1 <= 1000),
  CHECK (px_x0 >= 0 AND px_x0 < px_x1 AND px_x1 <= page_width_px AND px_y0 >= 0 AND px_y0 < px_y1 AND px_y1 <= page_height_px),
  PRIMARY KEY (job_id, page_no, task, box_no),
  FOREIGN KEY (job_id, page_no) REFERENCES vq.pages (job_id, page_no)
) PARTITION BY RANGE (job_id);

-- Stretches of a video, in milliseconds of its time line; the end is exclusive.
CREATE TABLE vq.segments (
  job_id     uuid    NOT NULL,
  chunk_no   int     NOT NULL,
  segment_no int     NOT NULL CHECK (segment_no >= 0),
  start_ms   int     NOT NULL,
  end_ms     int     NOT NULL,
  adjusted   boolean NOT NULL,                                          -- the model's times were repaired
  kind       text    NOT NULL CHECK (kind IN ('window', 'windowEvent', 'event')),
  body       text    NOT NULL,
  CHECK (start_ms >= 0 AND start_ms < end_ms),
  PRIMARY KEY (job_id, kind, chunk_no, segment_no)
) PARTITION BY RANGE (job_id);
CREATE INDEX segments_time ON vq.segments (job_id, kind, start_ms);

-- Partial summaries; part_no is the first level-0 part that is covered.
CREATE TABLE vq.summary_parts (
  job_id   uuid     NOT NULL,
  part_no  int      NOT NULL CHECK (part_no >= 0),
  chunk_no int      NOT NULL,
  level    smallint NOT NULL CHECK (level >= 0),
  body     text     NOT NULL,
  PRIMARY KEY (job_id, level, part_no)
) PARTITION BY RANGE (job_id);

-- Answers that could not be read in full, with the raw text.
CREATE TABLE vq.parse_issues (
  job_id   uuid NOT NULL,
  chunk_no int  NOT NULL,
  issue_no int  NOT NULL,
  unit     int  NOT NULL,                                               -- page number, or start of the window in milliseconds
  task     text NOT NULL CHECK (task IN ('ocr', 'spotting', 'caption', 'grounding', 'events', 'summary')),
  code     text NOT NULL CHECK (length(code) BETWEEN 1 AND 100),
  message  text NOT NULL CHECK (length(message) <= 2000),
  raw_text text NOT NULL,
  PRIMARY KEY (job_id, chunk_no, issue_no)
) PARTITION BY RANGE (job_id);

CREATE TABLE vq.job_outputs (
  job_id     uuid        NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  chunk_no   int         NOT NULL,
  version    int         NOT NULL DEFAULT 1,
  kind       text        NOT NULL CHECK (kind IN ('summary')),
  body       text        NOT NULL,
  PRIMARY KEY (job_id, kind, version)
) PARTITION BY RANGE (job_id);

-- One row for each execution that reached the engine; at most one of a chunk is billable.
CREATE TABLE vq.usage_records (
  job_id        uuid        NOT NULL,
  chunk_no      int         NOT NULL,
  fence         bigint      NOT NULL,
  tenant_id     bigint      NOT NULL,
  at            timestamptz NOT NULL DEFAULT now(),
  engine_us     bigint      NOT NULL CHECK (engine_us >= 0),
  prompt_tokens bigint      NOT NULL CHECK (prompt_tokens >= 0),
  cached_tokens bigint      NOT NULL CHECK (cached_tokens >= 0),
  image_tokens  bigint      NOT NULL CHECK (image_tokens >= 0),
  output_tokens bigint      NOT NULL CHECK (output_tokens >= 0),
  requests      int         NOT NULL CHECK (requests >= 0),
  billable      boolean     NOT NULL,
  CHECK (cached_tokens <= prompt_tokens AND image_tokens <= prompt_tokens),
  PRIMARY KEY (job_id, chunk_no, fence)
) PARTITION BY RANGE (job_id);
CREATE UNIQUE INDEX usage_records_billable ON vq.usage_records (job_id, chunk_no) WHERE billable;
CREATE INDEX usage_records_tenant ON vq.usage_records (tenant_id, at);
