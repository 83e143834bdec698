-- Files made for people to take along, and receipts issued in batches.

CREATE TABLE exports (
    id          TEXT   NOT NULL PRIMARY KEY,
    kind        TEXT   NOT NULL,
    format      TEXT   NOT NULL CHECK (format IN ('csv', 'xlsx', 'jsonl', 'zip')),
    file_name   TEXT   NOT NULL,
    -- JSON: what was asked for, so that it can be made again.
    request     TEXT   NOT NULL,
    -- `running` in a process that is gone becomes `interrupted` at the next start.
    state       TEXT   NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed', 'interrupted', 'removed')),
    row_count   BIGINT NOT NULL DEFAULT 0,
    problems    BIGINT NOT NULL DEFAULT 0,
    -- JSON: sums by currency.
    sums        TEXT   NOT NULL DEFAULT '[]',
    path        TEXT,
    bytes       BIGINT NOT NULL DEFAULT 0,
    sha256      TEXT,
    -- JSON: what went wrong.
    error       TEXT,
    created_by  TEXT   NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    finished_at BIGINT,
    -- The file goes then; the row and its digest stay.
    expires_at  BIGINT NOT NULL
);
CREATE INDEX exports_by_person ON exports (created_by, id);
CREATE INDEX exports_by_expiry ON exports (state, expires_at);

CREATE TABLE receipt_batches (
    id          TEXT   NOT NULL PRIMARY KEY,
    number      BIGINT NOT NULL UNIQUE,
    -- What was chosen, in the person's words or as the search said it.
    title       TEXT   NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed', 'interrupted')),
    created_by  TEXT   NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    finished_at BIGINT
);

CREATE TABLE receipt_batch_rows (
    batch_id   TEXT   NOT NULL REFERENCES receipt_batches (id),
    position   BIGINT NOT NULL,
    order_id   TEXT   NOT NULL REFERENCES orders (id),
    outcome    TEXT   NOT NULL DEFAULT 'waiting' CHECK (outcome IN ('waiting', 'issued', 'already', 'failed')),
    receipt_id TEXT REFERENCES receipts (id),
    -- JSON: the error of a failed one.
    error      TEXT,
    PRIMARY KEY (batch_id, position),
    UNIQUE (batch_id, order_id)
);
CREATE INDEX receipt_batch_rows_by_outcome ON receipt_batch_rows (batch_id, outcome, position);
