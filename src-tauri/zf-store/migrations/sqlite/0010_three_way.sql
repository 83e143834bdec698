-- The other two legs of a day: the trade bill tied to the fund flow, and the fund flow's payouts tied to
-- the bank's statement.

-- One tie a day; made anew when either bill changes.
CREATE TABLE flow_ties (
    account_id   TEXT   NOT NULL REFERENCES accounts (id),
    date         TEXT   NOT NULL,
    -- Of exactly the two files it compared; empty where the channel says there was no trade.
    trade_sha256 TEXT   NOT NULL,
    flow_sha256  TEXT   NOT NULL,
    currency     TEXT   NOT NULL,
    -- Vouchers that tie to the last minor unit.
    tied         BIGINT NOT NULL,
    trade_rows   BIGINT NOT NULL,
    flow_rows    BIGINT NOT NULL,
    -- JSON: the running balance, and the way from trades to movements.
    outcome      TEXT   NOT NULL,
    -- Absent when the program made it by itself after a bill came in.
    tied_by      TEXT REFERENCES users (id),
    tied_at      BIGINT NOT NULL,
    PRIMARY KEY (account_id, date)
);
CREATE TABLE flow_findings (
    account_id     TEXT   NOT NULL,
    date           TEXT   NOT NULL,
    position       BIGINT NOT NULL,
    code           TEXT   NOT NULL
        CHECK (code IN ('not_booked', 'booked_otherwise', 'refund_closed', 'not_traded', 'other_entry')),
    business_no    TEXT   NOT NULL,
    expected_minor BIGINT NOT NULL,
    booked_minor   BIGINT NOT NULL,
    trade_line     BIGINT,
    -- Comma-separated lines of the fund-flow bill.
    flow_lines     TEXT   NOT NULL,
    -- The channel's own word for the movement, and its remark.
    word           TEXT   NOT NULL,
    remark         TEXT   NOT NULL,
    -- The refund that came back, in an earlier trade bill.
    earlier_day    TEXT,
    earlier_line   BIGINT,
    PRIMARY KEY (account_id, date, position),
    FOREIGN KEY (account_id, date) REFERENCES flow_ties (account_id, date)
);
-- What people say a movement or a finding is. Never deleted, only taken back.
CREATE TABLE flow_names (
    id             TEXT   NOT NULL PRIMARY KEY,
    account_id     TEXT   NOT NULL REFERENCES accounts (id),
    date           TEXT   NOT NULL,
    code           TEXT   NOT NULL,
    business_no    TEXT   NOT NULL,
    expected_minor BIGINT NOT NULL,
    booked_minor   BIGINT NOT NULL,
    flow_line      BIGINT NOT NULL,
    name           TEXT   NOT NULL
        CHECK (name IN ('withdrawal', 'top_up', 'service_fee', 'adjustment', 'explained')),
    reason         TEXT   NOT NULL,
    named_by       TEXT   NOT NULL REFERENCES users (id),
    named_at       BIGINT NOT NULL,
    undone_by      TEXT REFERENCES users (id),
    undone_at      BIGINT,
    undone_reason  TEXT
);
CREATE UNIQUE INDEX flow_named_once ON flow_names (account_id, date, code, business_no, booked_minor, flow_line)
    WHERE undone_at IS NULL;
CREATE TRIGGER flow_names_are_never_deleted BEFORE DELETE ON flow_names
BEGIN SELECT RAISE(ABORT, 'names are never deleted, only taken back'); END;
CREATE TRIGGER flow_names_say_what_they_said BEFORE UPDATE ON flow_names
WHEN OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR NEW.name <> OLD.name OR NEW.reason <> OLD.reason
    OR NEW.named_by <> OLD.named_by OR NEW.named_at <> OLD.named_at OR NEW.business_no <> OLD.business_no
    OR NEW.date <> OLD.date OR NEW.account_id <> OLD.account_id OR NEW.booked_minor <> OLD.booked_minor
BEGIN SELECT RAISE(ABORT, 'a name does not change, it is only taken back'); END;

-- A locked day does not move.
CREATE TRIGGER locked_day_keeps_its_tie BEFORE UPDATE ON flow_ties
WHEN EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = OLD.account_id AND c.date = OLD.date AND c.locked_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;
CREATE TRIGGER locked_day_keeps_its_tie_whole BEFORE DELETE ON flow_ties
WHEN EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = OLD.account_id AND c.date = OLD.date AND c.locked_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;
CREATE TRIGGER locked_day_keeps_its_findings BEFORE DELETE ON flow_findings
WHEN EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = OLD.account_id AND c.date = OLD.date AND c.locked_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;
CREATE TRIGGER locked_day_takes_no_findings BEFORE INSERT ON flow_findings
WHEN EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = NEW.account_id AND c.date = NEW.date AND c.locked_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;
CREATE TRIGGER locked_day_takes_no_names BEFORE INSERT ON flow_names
WHEN EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = NEW.account_id AND c.date = NEW.date AND c.locked_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;
CREATE TRIGGER locked_day_keeps_its_names BEFORE UPDATE ON flow_names
WHEN EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = OLD.account_id AND c.date = OLD.date AND c.locked_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;

-- Imported bank statements; the bytes lie in the archive under their digest.
CREATE TABLE bank_statements (
    id           TEXT   NOT NULL PRIMARY KEY,
    account_id   TEXT   NOT NULL REFERENCES accounts (id),
    file_name    TEXT   NOT NULL,
    path         TEXT   NOT NULL,
    sha256       TEXT   NOT NULL,
    currency     TEXT   NOT NULL,
    encoding     TEXT   NOT NULL,
    -- JSON: what was read out of which column.
    columns      TEXT   NOT NULL,
    row_count    BIGINT NOT NULL,
    -- JSON: rows that could not be read.
    faults       TEXT   NOT NULL,
    fault_count  BIGINT NOT NULL,
    first_day    TEXT   NOT NULL,
    last_day     TEXT   NOT NULL,
    imported_by  TEXT   NOT NULL REFERENCES users (id),
    imported_at  BIGINT NOT NULL,
    withdrawn_by TEXT REFERENCES users (id),
    withdrawn_at BIGINT,
    withdrawn_reason TEXT
);
CREATE UNIQUE INDEX bank_statement_stands_once ON bank_statements (account_id, sha256) WHERE withdrawn_at IS NULL;
CREATE TABLE bank_lines (
    statement_id  TEXT   NOT NULL REFERENCES bank_statements (id),
    line_no       BIGINT NOT NULL,
    account_id    TEXT   NOT NULL,
    day           TEXT   NOT NULL,
    -- Positive came in, negative went out.
    minor         BIGINT NOT NULL,
    balance_minor BIGINT,
    serial_no     TEXT   NOT NULL,
    text          TEXT   NOT NULL,
    counterparty  TEXT   NOT NULL,
    PRIMARY KEY (statement_id, line_no)
);
CREATE INDEX bank_lines_by_day ON bank_lines (account_id, day);

-- A person's choice where the program must not choose: these lines are these payouts.
CREATE TABLE bank_confirmations (
    id            TEXT   NOT NULL PRIMARY KEY,
    account_id    TEXT   NOT NULL REFERENCES accounts (id),
    -- JSON: [statement, line] pairs, and the payouts' numbers (day/number).
    lines         TEXT   NOT NULL,
    payouts       TEXT   NOT NULL,
    currency      TEXT   NOT NULL,
    amount_minor  BIGINT NOT NULL,
    reason        TEXT   NOT NULL,
    confirmed_by  TEXT   NOT NULL REFERENCES users (id),
    confirmed_at  BIGINT NOT NULL,
    undone_by     TEXT REFERENCES users (id),
    undone_at     BIGINT,
    undone_reason TEXT
);
CREATE INDEX bank_confirmations_by_account ON bank_confirmations (account_id, undone_at);
CREATE TRIGGER bank_confirmations_are_never_deleted BEFORE DELETE ON bank_confirmations
BEGIN SELECT RAISE(ABORT, 'confirmations are never deleted, only taken back'); END;
CREATE TRIGGER bank_confirmations_say_what_they_said BEFORE UPDATE ON bank_confirmations
WHEN OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR NEW.lines <> OLD.lines OR NEW.payouts <> OLD.payouts
    OR NEW.amount_minor <> OLD.amount_minor OR NEW.reason <> OLD.reason OR NEW.confirmed_by <> OLD.confirmed_by
BEGIN SELECT RAISE(ABORT, 'a confirmation does not change, it is only taken back'); END;

-- What the desk does about the other two legs, every version of it; the newest stands.
CREATE TABLE three_way_rules (
    version   BIGINT NOT NULL PRIMARY KEY,
    -- Canonical JSON.
    content   TEXT   NOT NULL,
    digest    TEXT   NOT NULL,
    editor_id TEXT   NOT NULL REFERENCES users (id),
    note      TEXT   NOT NULL,
    at        BIGINT NOT NULL
);
CREATE TRIGGER three_way_rules_never_change BEFORE UPDATE ON three_way_rules
BEGIN SELECT RAISE(ABORT, 'rules are never changed, only followed by new ones'); END;
CREATE TRIGGER three_way_rules_are_never_deleted BEFORE DELETE ON three_way_rules
BEGIN SELECT RAISE(ABORT, 'rules are never deleted'); END;
