-- What people do about differences: a ledger that only grows; and the reopening of a
-- closed day.

CREATE TABLE resolutions (
    id            TEXT   NOT NULL PRIMARY KEY,
    account_id    TEXT   NOT NULL REFERENCES accounts (id),
    -- The difference as it was then; the same difference of a later run inherits the entry by these.
    difference_id TEXT   NOT NULL REFERENCES differences (id),
    date          TEXT   NOT NULL,
    code          TEXT   NOT NULL,
    entry_kind    TEXT   NOT NULL,
    number        TEXT   NOT NULL,
    channel_minor BIGINT,
    ledger_minor  BIGINT,
    kind          TEXT   NOT NULL,
    -- Channel less books: what the entry moves, in the difference's currency.
    currency      TEXT   NOT NULL,
    amount_minor  BIGINT NOT NULL,
    owner_id      TEXT REFERENCES users (id),
    due_date      TEXT,
    reason        TEXT   NOT NULL,
    -- Another name for a relabelled row.
    label         TEXT,
    -- A cross-day entry: the other side's day and line.
    other_date    TEXT,
    other_line    BIGINT,
    -- A reversing entry: what it reverses.
    reverses      TEXT REFERENCES resolutions (id),
    second_person BIGINT NOT NULL,
    state         TEXT   NOT NULL CHECK (state IN ('proposed', 'in_effect', 'rejected', 'withdrawn', 'reversed')),
    proposed_by   TEXT   NOT NULL REFERENCES users (id),
    proposed_at   BIGINT NOT NULL,
    decided_by    TEXT REFERENCES users (id),
    decided_at    BIGINT,
    decision_note TEXT,
    -- Nobody decides alone about what moves money or books.
    CHECK (second_person = 0 OR state IN ('proposed', 'withdrawn') OR (decided_by IS NOT NULL AND decided_by <> proposed_by))
);
CREATE INDEX resolutions_by_number ON resolutions (account_id, date, number);
CREATE INDEX resolutions_by_state ON resolutions (account_id, state, proposed_at);
CREATE UNIQUE INDEX resolutions_reversed_once ON resolutions (reverses)
    WHERE reverses IS NOT NULL AND state IN ('proposed', 'in_effect');
CREATE TRIGGER resolutions_are_never_deleted BEFORE DELETE ON resolutions
BEGIN SELECT RAISE(ABORT, 'resolutions are never deleted, only reversed'); END;
CREATE TRIGGER resolutions_say_what_they_said BEFORE UPDATE ON resolutions
WHEN NEW.account_id <> OLD.account_id OR NEW.difference_id <> OLD.difference_id OR NEW.kind <> OLD.kind
    OR NEW.amount_minor <> OLD.amount_minor OR NEW.currency <> OLD.currency OR NEW.reason <> OLD.reason
    OR NEW.second_person <> OLD.second_person OR NEW.proposed_by <> OLD.proposed_by OR NEW.proposed_at <> OLD.proposed_at
    OR OLD.state IN ('rejected', 'withdrawn', 'reversed')
BEGIN SELECT RAISE(ABORT, 'an entry of the ledger does not change'); END;

-- The difference itself keeps where it has come to. What a run found of a locked day never changes;
-- what people do about it afterwards is an entry of a later day and may.
CREATE TABLE differences_with_resolutions (
    id           TEXT   NOT NULL PRIMARY KEY,
    run_id       TEXT   NOT NULL REFERENCES recon_runs (id),
    account_id   TEXT   NOT NULL,
    date         TEXT   NOT NULL,
    position     BIGINT NOT NULL,
    code         TEXT   NOT NULL,
    bucket       TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    number       TEXT   NOT NULL,
    order_no     TEXT   NOT NULL,
    currency     TEXT   NOT NULL,
    gap_minor    BIGINT NOT NULL,
    channel_line BIGINT,
    channel_currency TEXT,
    channel_minor BIGINT,
    channel_state TEXT,
    channel_at   BIGINT,
    ledger_line  BIGINT,
    ledger_currency TEXT,
    ledger_minor BIGINT,
    ledger_state TEXT,
    ledger_at    BIGINT,
    twin_line    BIGINT,
    disposition  TEXT   NOT NULL DEFAULT 'open'
        CHECK (disposition IN ('open', 'suspended', 'pending', 'resolved', 'written_off')),
    -- The entry that brought it there; absent while open.
    resolution_id TEXT REFERENCES resolutions (id),
    owner_id     TEXT REFERENCES users (id),
    due_date     TEXT,
    note         TEXT,
    disposed_by  TEXT REFERENCES users (id),
    disposed_at  BIGINT,
    CHECK (disposition <> 'suspended' OR (owner_id IS NOT NULL AND due_date IS NOT NULL AND note IS NOT NULL))
);
INSERT INTO differences_with_resolutions
    SELECT id, run_id, account_id, date, position, code, bucket, kind, number, order_no, currency, gap_minor,
           channel_line, channel_currency, channel_minor, channel_state, channel_at,
           ledger_line, ledger_currency, ledger_minor, ledger_state, ledger_at, twin_line,
           disposition, NULL, owner_id, due_date, note, disposed_by, disposed_at
    FROM differences;
DROP TABLE differences;
ALTER TABLE differences_with_resolutions RENAME TO differences;
CREATE UNIQUE INDEX differences_by_run ON differences (run_id, position);
CREATE INDEX differences_by_order ON differences (account_id, order_no);
CREATE INDEX differences_by_number ON differences (account_id, number);
CREATE INDEX differences_by_standing ON differences (disposition, account_id, date, due_date, run_id);
CREATE TRIGGER locked_day_keeps_its_differences BEFORE UPDATE OF
    run_id, account_id, date, position, code, bucket, kind, number, order_no, currency, gap_minor,
    channel_line, channel_currency, channel_minor, channel_state, channel_at,
    ledger_line, ledger_currency, ledger_minor, ledger_state, ledger_at, twin_line ON differences
WHEN EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = OLD.account_id AND c.date = OLD.date AND c.locked_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;

-- A closed day is opened again by two people with a reason; what was signed stays readable for ever.
CREATE TABLE closed_before (
    account_id   TEXT   NOT NULL REFERENCES accounts (id),
    date         TEXT   NOT NULL,
    -- From 1: how many times the day had been closed.
    version      BIGINT NOT NULL,
    locked_at    BIGINT NOT NULL,
    digest       TEXT   NOT NULL,
    content      TEXT   NOT NULL,
    checks       TEXT   NOT NULL,
    maker_id     TEXT   NOT NULL REFERENCES users (id),
    checker_id   TEXT   NOT NULL REFERENCES users (id),
    reason       TEXT   NOT NULL,
    requested_by TEXT   NOT NULL REFERENCES users (id),
    requested_at BIGINT NOT NULL,
    reopened_by  TEXT   NOT NULL REFERENCES users (id),
    reopened_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, date, version),
    CHECK (reopened_by <> requested_by)
);
CREATE TRIGGER closed_before_never_changes BEFORE UPDATE ON closed_before
BEGIN SELECT RAISE(ABORT, 'what was signed does not change'); END;
CREATE TRIGGER closed_before_is_never_deleted BEFORE DELETE ON closed_before
BEGIN SELECT RAISE(ABORT, 'what was signed is never deleted'); END;
-- At most one wish to reopen a day at a time.
CREATE TABLE reopening_wishes (
    account_id   TEXT   NOT NULL REFERENCES accounts (id),
    date         TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    requested_by TEXT   NOT NULL REFERENCES users (id),
    requested_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, date)
);
DROP TRIGGER locked_day_is_never_deleted;
CREATE TRIGGER locked_day_is_deleted_only_into_history BEFORE DELETE ON day_closes
WHEN OLD.locked_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM closed_before b WHERE b.account_id = OLD.account_id AND b.date = OLD.date
      AND b.digest = OLD.digest AND b.locked_at = OLD.locked_at)
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;
