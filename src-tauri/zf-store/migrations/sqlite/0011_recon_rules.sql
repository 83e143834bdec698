-- Rules of reconciliation: every version of them, who proposed it and which other person let it take
-- effect; what a run was judged by; what proposed rules would have done to days already reconciled;
-- and the carry-over pool with the day each row is expected by.

CREATE TABLE rule_sets (
    id            TEXT   NOT NULL PRIMARY KEY,
    -- What it will be, or is, called; 1 is built in and has no row.
    version       BIGINT NOT NULL CHECK (version > 1),
    -- The version its author had before them.
    based_on      BIGINT NOT NULL,
    state         TEXT   NOT NULL CHECK (state IN ('proposed', 'in_effect', 'rejected', 'withdrawn')),
    -- The rule file, canonical, and its SM3.
    content       TEXT   NOT NULL,
    digest        TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    proposed_by   TEXT   NOT NULL REFERENCES users (id),
    proposed_at   BIGINT NOT NULL,
    decided_by    TEXT REFERENCES users (id),
    decided_at    BIGINT,
    decision_note TEXT,
    -- The back-test the second person had before them, if there was one.
    back_test_digest TEXT,
    -- Nobody decides about rules of their own.
    CHECK (state IN ('proposed', 'withdrawn') OR (decided_by IS NOT NULL AND decided_at IS NOT NULL AND decided_by <> proposed_by))
);
CREATE UNIQUE INDEX rule_sets_in_effect ON rule_sets (version) WHERE state = 'in_effect';
CREATE INDEX rule_sets_by_time ON rule_sets (proposed_at);
CREATE TRIGGER rule_sets_begin_proposed BEFORE INSERT ON rule_sets
WHEN NEW.state <> 'proposed'
BEGIN SELECT RAISE(ABORT, 'rules take effect by a second person only'); END;
CREATE TRIGGER rule_sets_say_what_they_said BEFORE UPDATE ON rule_sets
WHEN NEW.version <> OLD.version OR NEW.based_on <> OLD.based_on OR NEW.content <> OLD.content OR NEW.digest <> OLD.digest
    OR NEW.reason <> OLD.reason OR NEW.proposed_by <> OLD.proposed_by OR NEW.proposed_at <> OLD.proposed_at
    OR OLD.state <> 'proposed'
BEGIN SELECT RAISE(ABORT, 'rules are never changed, only followed by new ones'); END;
CREATE TRIGGER rule_sets_are_never_deleted BEFORE DELETE ON rule_sets
BEGIN SELECT RAISE(ABORT, 'rules are never deleted'); END;

-- By which rules a run was made, and what they let pass.
CREATE TABLE run_terms (
    run_id        TEXT   NOT NULL PRIMARY KEY REFERENCES recon_runs (id),
    account_id    TEXT   NOT NULL,
    channel       TEXT   NOT NULL,
    date          TEXT   NOT NULL,
    rules_version BIGINT NOT NULL,
    rules_digest  TEXT   NOT NULL,
    -- Rate of the day's contract in millionths; absent without a contract.
    rate_ppm      BIGINT,
    -- Bill rows held against the contract, what they were charged and what it says, minor units.
    fee_rows      BIGINT NOT NULL,
    charged_minor BIGINT NOT NULL,
    agreed_minor  BIGINT NOT NULL,
    -- Rows within the tolerance for one row, and by how much they deviate together.
    tolerated_rows  BIGINT NOT NULL,
    tolerated_minor BIGINT NOT NULL,
    -- What of it the budgets let pass: all of it or nothing.
    spent_minor   BIGINT NOT NULL,
    per_row_minor BIGINT NOT NULL,
    daily_minor   BIGINT NOT NULL,
    monthly_minor BIGINT NOT NULL,
    -- What other days of the month had spent when the run was made.
    month_before_minor BIGINT NOT NULL,
    owner         TEXT   NOT NULL,
    reason        TEXT   NOT NULL,
    CHECK (spent_minor IN (0, tolerated_minor))
);
CREATE INDEX run_terms_by_month ON run_terms (channel, date);
CREATE TRIGGER run_terms_never_change BEFORE UPDATE ON run_terms
BEGIN SELECT RAISE(ABORT, 'what a run was judged by does not change'); END;

-- What only some differences have: a fee and what the contract says, and the day until which the
-- other side may still come.
CREATE TABLE difference_terms (
    difference_id TEXT   NOT NULL PRIMARY KEY REFERENCES differences (id),
    charged_minor BIGINT,
    agreed_minor  BIGINT,
    -- The row alone is within the tolerance, and the budget was spent.
    over_budget   BIGINT NOT NULL DEFAULT 0,
    expected_date TEXT,
    -- Its other side is likely to come with the bill of that day.
    likely        BIGINT NOT NULL DEFAULT 0
);
CREATE TRIGGER difference_terms_never_change BEFORE UPDATE ON difference_terms
BEGIN SELECT RAISE(ABORT, 'what a run found does not change'); END;

-- Rows that were not final when their day was reconciled and had no partner: no differences.
CREATE TABLE carried_rows (
    run_id        TEXT   NOT NULL REFERENCES recon_runs (id),
    position      BIGINT NOT NULL,
    account_id    TEXT   NOT NULL,
    date          TEXT   NOT NULL,
    side          TEXT   NOT NULL CHECK (side IN ('channel', 'ledger')),
    kind          TEXT   NOT NULL,
    number        TEXT   NOT NULL,
    line_no       BIGINT NOT NULL,
    currency      TEXT   NOT NULL,
    amount_minor  BIGINT NOT NULL,
    at            BIGINT NOT NULL,
    expected_date TEXT   NOT NULL,
    likely        BIGINT NOT NULL,
    -- The other side came with this line of this day's file.
    cleared_date  TEXT,
    cleared_line  BIGINT,
    PRIMARY KEY (run_id, position)
);
CREATE INDEX carried_rows_by_account ON carried_rows (account_id, date);
CREATE TRIGGER carried_rows_keep_what_they_are BEFORE UPDATE OF
    run_id, position, account_id, date, side, kind, number, line_no, currency, amount_minor, at, expected_date, likely ON carried_rows
BEGIN SELECT RAISE(ABORT, 'what a run found does not change'); END;

-- What was expected of a day's bill before it was reconciled for the first time.
CREATE TABLE forecasts (
    account_id   TEXT   NOT NULL,
    date         TEXT   NOT NULL,
    expected     BIGINT NOT NULL,
    cleared      BIGINT NOT NULL,
    PRIMARY KEY (account_id, date)
);

CREATE TABLE back_tests (
    id          TEXT   NOT NULL PRIMARY KEY,
    rule_set_id TEXT   NOT NULL REFERENCES rule_sets (id),
    -- The tested rules and the ones that stood.
    rules_digest TEXT  NOT NULL,
    against_version BIGINT NOT NULL,
    account_id  TEXT   NOT NULL,
    first_date  TEXT   NOT NULL,
    last_date   TEXT   NOT NULL,
    -- JSON: days and codes with what changes.
    report      TEXT   NOT NULL,
    hidden      BIGINT NOT NULL,
    raised      BIGINT NOT NULL,
    -- SM3 over the report and every item.
    digest      TEXT   NOT NULL,
    run_by      TEXT   NOT NULL REFERENCES users (id),
    at          BIGINT NOT NULL
);
CREATE INDEX back_tests_by_rules ON back_tests (rule_set_id, at);
CREATE TABLE back_test_items (
    test_id     TEXT   NOT NULL REFERENCES back_tests (id),
    position    BIGINT NOT NULL,
    -- Hidden: the rules that stand find it and the tested ones do not; raised: the other way.
    change      TEXT   NOT NULL CHECK (change IN ('hidden', 'raised')),
    date        TEXT   NOT NULL,
    code        TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    number      TEXT   NOT NULL,
    currency    TEXT   NOT NULL,
    channel_minor BIGINT,
    ledger_minor BIGINT,
    channel_line BIGINT,
    ledger_line BIGINT,
    charged_minor BIGINT,
    agreed_minor BIGINT,
    PRIMARY KEY (test_id, position)
);
CREATE TRIGGER back_tests_never_change BEFORE UPDATE ON back_tests
BEGIN SELECT RAISE(ABORT, 'a back-test does not change'); END;

-- The channel's number of a payment or refund, where the books keep it.
ALTER TABLE book_entries ADD COLUMN channel_no TEXT;
