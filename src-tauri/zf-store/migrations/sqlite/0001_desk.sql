-- The desk. Times are milliseconds since 1970 UTC, amounts integer minor units, dates yyyy-MM-dd of
-- the channel's zone, ids hyphenated time-ordered UUIDs. Every business table carries account_id,
-- its partition key. Written so that the PostgreSQL migration differs in type names only.

CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE users (
    id            TEXT   NOT NULL PRIMARY KEY,
    login         TEXT   NOT NULL UNIQUE,
    display_name  TEXT   NOT NULL,
    role          TEXT   NOT NULL CHECK (role IN ('clerk', 'approver', 'auditor', 'administrator')),
    password_hash TEXT   NOT NULL,
    failed_count  BIGINT NOT NULL DEFAULT 0,
    locked_until  BIGINT,
    disabled_at   BIGINT,
    created_at    BIGINT NOT NULL
);

CREATE TABLE sessions (
    token_hash   TEXT   NOT NULL PRIMARY KEY,
    user_id      TEXT   NOT NULL REFERENCES users (id),
    device       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT
);

CREATE TABLE accounts (
    id                 TEXT   NOT NULL PRIMARY KEY,
    channel            TEXT   NOT NULL,
    environment        TEXT   NOT NULL CHECK (environment IN ('production', 'sandbox', 'demo')),
    display_name       TEXT   NOT NULL,
    merchant_no        TEXT   NOT NULL,
    appid              TEXT   NOT NULL,
    certificate_serial TEXT   NOT NULL,
    certificate_pem    TEXT,
    certificate_expires_at BIGINT,
    public_key_id      TEXT,
    public_key_pem     TEXT,
    base_url           TEXT   NOT NULL,
    backup_url         TEXT,
    extra_root_pem     TEXT,
    self_test          TEXT,
    created_at         BIGINT NOT NULL,
    UNIQUE (channel, environment, merchant_no)
);

-- Sealed under the vault's data key; the purpose is part of what is authenticated.
CREATE TABLE secrets (
    account_id TEXT NOT NULL,
    purpose    TEXT NOT NULL,
    sealed     BLOB NOT NULL,
    PRIMARY KEY (account_id, purpose)
);

CREATE TABLE orders (
    id                TEXT   NOT NULL PRIMARY KEY,
    account_id        TEXT   NOT NULL REFERENCES accounts (id),
    order_no          TEXT   NOT NULL,
    payment_id        TEXT,
    payment_state     TEXT   NOT NULL CHECK (payment_state IN ('pending', 'paying', 'paid', 'closed', 'failed')),
    state             TEXT   NOT NULL,
    closed_before_paid BIGINT NOT NULL DEFAULT 0,
    currency          TEXT   NOT NULL,
    amount_minor      BIGINT NOT NULL CHECK (amount_minor >= 0),
    -- 1: only a refund of it was ever seen, so the amount is the least it can have been.
    amount_provisional BIGINT NOT NULL DEFAULT 0,
    -- 1: the channel says something was refunded that this desk does not know.
    refund_hint       BIGINT NOT NULL DEFAULT 0,
    paid_minor        BIGINT NOT NULL DEFAULT 0 CHECK (paid_minor >= 0),
    refunded_minor    BIGINT NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0),
    in_flight_minor   BIGINT NOT NULL DEFAULT 0 CHECK (in_flight_minor >= 0),
    method            TEXT   NOT NULL DEFAULT '',
    payer             TEXT,
    goods             TEXT,
    created_at        BIGINT NOT NULL,
    paid_at           BIGINT,
    business_date     TEXT   NOT NULL,
    reconciliation    TEXT,
    checked_at        BIGINT,
    source            TEXT   NOT NULL,
    UNIQUE (account_id, order_no),
    -- Refunded and asked-for together never exceed what was paid.
    CHECK (refunded_minor + in_flight_minor <= paid_minor)
);
CREATE INDEX orders_by_time ON orders (created_at DESC, id DESC);
CREATE INDEX orders_by_account_time ON orders (account_id, created_at DESC, id DESC);
CREATE INDEX orders_by_payment ON orders (payment_id);
CREATE INDEX orders_by_payer ON orders (account_id, payer);
CREATE INDEX orders_by_order_no ON orders (order_no);
CREATE INDEX orders_by_state ON orders (state, created_at DESC);
-- Counts and sums over everything are read from the index alone.
CREATE INDEX orders_by_sums ON orders (state, currency, paid_minor, refunded_minor);

CREATE TABLE payments (
    account_id  TEXT   NOT NULL,
    payment_id  TEXT   NOT NULL,
    order_id    TEXT   NOT NULL REFERENCES orders (id),
    state       TEXT   NOT NULL,
    currency    TEXT   NOT NULL,
    amount_minor BIGINT NOT NULL,
    method      TEXT   NOT NULL,
    payer       TEXT,
    paid_at     BIGINT,
    source      TEXT   NOT NULL,
    verified_at BIGINT,
    PRIMARY KEY (account_id, payment_id)
);
CREATE INDEX payments_by_order ON payments (order_id);
CREATE INDEX payments_by_id ON payments (payment_id);

CREATE TABLE order_events (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL,
    order_id   TEXT   NOT NULL REFERENCES orders (id),
    refund_no  TEXT,
    at         BIGINT NOT NULL,
    kind       TEXT   NOT NULL,
    currency   TEXT,
    amount_minor BIGINT,
    actor      TEXT,
    source     TEXT   NOT NULL,
    verified   BIGINT NOT NULL DEFAULT 0,
    detail     TEXT
);
CREATE INDEX order_events_by_order ON order_events (order_id, at);
CREATE INDEX order_events_by_refund ON order_events (refund_no, at);

CREATE TABLE refunds (
    id              TEXT   NOT NULL PRIMARY KEY,
    account_id      TEXT   NOT NULL REFERENCES accounts (id),
    order_id        TEXT   NOT NULL REFERENCES orders (id),
    refund_no       TEXT   NOT NULL,
    channel_refund_id TEXT,
    state           TEXT   NOT NULL,
    currency        TEXT   NOT NULL,
    amount_minor    BIGINT NOT NULL CHECK (amount_minor >= 0),
    reason_code     TEXT   NOT NULL,
    note            TEXT   NOT NULL,
    buyer_note      TEXT   NOT NULL,
    version         BIGINT NOT NULL DEFAULT 0,
    digest          TEXT   NOT NULL DEFAULT '',
    -- Absent only for refunds made elsewhere, such as on the channel's merchant platform.
    maker_id        TEXT REFERENCES users (id),
    origin          TEXT   NOT NULL DEFAULT 'desk' CHECK (origin IN ('desk', 'channel')),
    created_at      BIGINT NOT NULL,
    requested_at    BIGINT,
    sent_at         BIGINT,
    finished_at     BIGINT,
    next_query_at   BIGINT,
    query_count     BIGINT NOT NULL DEFAULT 0,
    last_error      TEXT,
    received_account TEXT,
    UNIQUE (account_id, refund_no),
    CHECK (origin = 'channel' OR maker_id IS NOT NULL)
);
CREATE INDEX refunds_by_no ON refunds (refund_no);
CREATE INDEX refunds_by_channel_id ON refunds (channel_refund_id);
CREATE INDEX refunds_by_order ON refunds (order_id);
CREATE INDEX refunds_by_state ON refunds (state, created_at DESC);
CREATE INDEX refunds_due ON refunds (next_query_at);

-- What each version said; its digest is what an approval covers.
CREATE TABLE refund_versions (
    refund_id TEXT   NOT NULL REFERENCES refunds (id),
    version   BIGINT NOT NULL,
    content   TEXT   NOT NULL,
    digest    TEXT   NOT NULL,
    editor_id TEXT   NOT NULL REFERENCES users (id),
    at        BIGINT NOT NULL,
    PRIMARY KEY (refund_id, version)
);

-- One person says once yes and once no to one version; a later change takes `stands` away.
CREATE TABLE approvals (
    refund_id  TEXT   NOT NULL REFERENCES refunds (id),
    version    BIGINT NOT NULL,
    checker_id TEXT   NOT NULL REFERENCES users (id),
    approved   BIGINT NOT NULL,
    digest     TEXT   NOT NULL,
    comment    TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    stands     BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (refund_id, version, checker_id, approved)
);
CREATE INDEX approvals_by_checker ON approvals (checker_id, at);
-- Maker and checker are never one person, whatever path the row comes by.
CREATE TRIGGER approvals_maker_is_not_checker BEFORE INSERT ON approvals
WHEN NEW.approved = 1 AND (
    EXISTS (SELECT 1 FROM refund_versions v WHERE v.refund_id = NEW.refund_id AND v.editor_id = NEW.checker_id)
    OR EXISTS (SELECT 1 FROM refunds r WHERE r.id = NEW.refund_id AND r.maker_id = NEW.checker_id))
BEGIN SELECT RAISE(ABORT, 'maker is checker'); END;
CREATE TRIGGER approvals_bind_to_the_digest BEFORE INSERT ON approvals
WHEN NEW.approved = 1 AND NOT EXISTS (
    SELECT 1 FROM refunds r JOIN refund_versions v ON v.refund_id = r.id AND v.version = r.version
    WHERE r.id = NEW.refund_id AND v.version = NEW.version AND v.digest = NEW.digest AND r.digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'digest mismatch'); END;
-- An approval may lose its standing; nothing else of it ever changes.
CREATE TRIGGER approvals_never_change BEFORE UPDATE ON approvals
WHEN NEW.stands > OLD.stands OR NEW.refund_id <> OLD.refund_id OR NEW.version <> OLD.version
    OR NEW.checker_id <> OLD.checker_id OR NEW.approved <> OLD.approved OR NEW.digest <> OLD.digest
    OR NEW.comment <> OLD.comment OR NEW.at <> OLD.at
BEGIN SELECT RAISE(ABORT, 'approvals are never changed'); END;
CREATE TRIGGER refund_versions_never_change BEFORE UPDATE ON refund_versions
BEGIN SELECT RAISE(ABORT, 'versions are never changed'); END;

-- A refund of this desk begins as a draft and is sent only with an approval of what stands.
CREATE TRIGGER refunds_begin_as_drafts BEFORE INSERT ON refunds
WHEN NEW.origin = 'desk' AND NEW.state <> 'draft'
BEGIN SELECT RAISE(ABORT, 'a refund begins as a draft'); END;
CREATE TRIGGER refunds_are_sent_approved BEFORE UPDATE ON refunds
WHEN NEW.origin = 'desk' AND NEW.state <> OLD.state
    AND OLD.state IN ('draft', 'awaiting_approval', 'approval_voided', 'cooling_off')
    AND NEW.state NOT IN ('draft', 'awaiting_approval', 'approval_voided', 'cooling_off', 'rejected', 'approval_expired')
    AND NOT EXISTS (SELECT 1 FROM approvals a WHERE a.refund_id = NEW.id AND a.version = NEW.version
                    AND a.digest = NEW.digest AND a.approved = 1 AND a.stands = 1)
BEGIN SELECT RAISE(ABORT, 'not approved'); END;
-- The number never changes, and what was approved stays as it was approved.
CREATE TRIGGER refunds_keep_their_number BEFORE UPDATE ON refunds
WHEN NEW.refund_no <> OLD.refund_no OR NEW.account_id <> OLD.account_id OR NEW.order_id <> OLD.order_id
    OR (OLD.origin = 'desk' AND OLD.state NOT IN ('draft', 'awaiting_approval', 'approval_voided')
        AND (NEW.amount_minor <> OLD.amount_minor OR NEW.currency <> OLD.currency
             OR NEW.version <> OLD.version OR NEW.digest <> OLD.digest))
BEGIN SELECT RAISE(ABORT, 'an approved refund does not change'); END;
-- Asked for, in flight and refunded together never exceed what was paid.
CREATE TRIGGER refunds_never_exceed_the_payment BEFORE UPDATE ON refunds
WHEN NEW.origin = 'desk' AND NEW.state = 'awaiting_approval'
    AND (NEW.state <> OLD.state OR NEW.amount_minor <> OLD.amount_minor)
    AND NEW.amount_minor + (
        SELECT COALESCE(SUM(r.amount_minor), 0) FROM refunds r
        WHERE r.order_id = NEW.order_id AND r.id <> NEW.id
          AND r.state NOT IN ('draft', 'rejected', 'approval_expired', 'closed_by_channel'))
        > (SELECT o.paid_minor FROM orders o WHERE o.id = NEW.order_id)
BEGIN SELECT RAISE(ABORT, 'refunds exceed the payment'); END;

-- Numbers are counted up in the transaction that stores the draft: none is ever given out twice.
CREATE TABLE refund_counters (
    date TEXT   NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- Every time the number went out, written before its first byte. A row without an outcome that a
-- former run of the program left behind means: it may have happened.
CREATE TABLE refund_attempts (
    refund_id   TEXT   NOT NULL REFERENCES refunds (id),
    attempt     BIGINT NOT NULL,
    run         TEXT   NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT,
    outcome     TEXT,
    detail      TEXT,
    PRIMARY KEY (refund_id, attempt)
);
-- One sending at a time.
CREATE UNIQUE INDEX refund_attempts_open ON refund_attempts (refund_id) WHERE finished_at IS NULL;

CREATE TABLE bills (
    id            TEXT   NOT NULL PRIMARY KEY,
    account_id    TEXT   NOT NULL REFERENCES accounts (id),
    kind          TEXT   NOT NULL CHECK (kind IN ('trade', 'fund_flow')),
    date          TEXT   NOT NULL,
    status        TEXT   NOT NULL,
    path          TEXT,
    sha256        TEXT,
    channel_hash  TEXT,
    hash_verified BIGINT NOT NULL DEFAULT 0,
    bytes         BIGINT NOT NULL DEFAULT 0,
    row_count     BIGINT NOT NULL DEFAULT 0,
    totals        TEXT   NOT NULL DEFAULT '[]',
    faults        TEXT   NOT NULL DEFAULT '[]',
    -- Fund-flow bills: opening + collected - refunded - fees + other = closing, row by row.
    balance       TEXT,
    -- Trade bills: the channel's fees recomputed at each row's own rate.
    fees          TEXT,
    fetched_at    BIGINT,
    next_try_at   BIGINT,
    attempts      BIGINT NOT NULL DEFAULT 0,
    detail        TEXT,
    UNIQUE (account_id, kind, date)
);

CREATE TABLE bill_lines (
    bill_id      TEXT   NOT NULL REFERENCES bills (id),
    line_no      BIGINT NOT NULL,
    account_id   TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    occurred_at  BIGINT NOT NULL,
    order_no     TEXT   NOT NULL,
    payment_id   TEXT   NOT NULL,
    refund_no    TEXT,
    refund_id    TEXT,
    currency     TEXT   NOT NULL,
    amount_minor BIGINT NOT NULL,
    settlement_minor BIGINT NOT NULL,
    fee_minor    BIGINT NOT NULL,
    state        TEXT   NOT NULL,
    state_text   TEXT   NOT NULL,
    method       TEXT   NOT NULL,
    payer        TEXT   NOT NULL,
    goods        TEXT   NOT NULL,
    PRIMARY KEY (bill_id, line_no)
);
CREATE INDEX bill_lines_by_order ON bill_lines (account_id, order_no);
CREATE INDEX bill_lines_by_refund ON bill_lines (account_id, refund_no);

-- Rows of a fund-flow bill: movements of the merchant's account at the channel.
CREATE TABLE fund_lines (
    bill_id       TEXT   NOT NULL REFERENCES bills (id),
    line_no       BIGINT NOT NULL,
    account_id    TEXT   NOT NULL,
    occurred_at   BIGINT NOT NULL,
    business_no   TEXT   NOT NULL,
    flow_no       TEXT   NOT NULL,
    business_type TEXT   NOT NULL,
    income        BIGINT NOT NULL,
    currency      TEXT   NOT NULL,
    amount_minor  BIGINT NOT NULL CHECK (amount_minor >= 0),
    balance_minor BIGINT NOT NULL,
    remark        TEXT   NOT NULL,
    voucher_no    TEXT   NOT NULL,
    PRIMARY KEY (bill_id, line_no)
);
CREATE INDEX fund_lines_by_voucher ON fund_lines (account_id, voucher_no);

CREATE TABLE book_imports (
    id            TEXT   NOT NULL PRIMARY KEY,
    account_id    TEXT   NOT NULL REFERENCES accounts (id),
    date          TEXT   NOT NULL,
    file_name     TEXT   NOT NULL,
    path          TEXT   NOT NULL,
    sha256        TEXT   NOT NULL,
    row_count     BIGINT NOT NULL,
    sums          TEXT   NOT NULL,
    faults        TEXT   NOT NULL,
    imported_by   TEXT   NOT NULL REFERENCES users (id),
    imported_at   BIGINT NOT NULL,
    superseded_at BIGINT
);
-- One import stands for one day; a new one takes its place and the old one is kept.
CREATE UNIQUE INDEX book_imports_standing ON book_imports (account_id, date) WHERE superseded_at IS NULL;

CREATE TABLE book_entries (
    import_id    TEXT   NOT NULL REFERENCES book_imports (id),
    line_no      BIGINT NOT NULL,
    account_id   TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    order_no     TEXT   NOT NULL,
    refund_no    TEXT,
    currency     TEXT   NOT NULL,
    amount_minor BIGINT NOT NULL,
    state        TEXT   NOT NULL,
    state_text   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (import_id, line_no)
);
CREATE INDEX book_entries_by_order ON book_entries (account_id, order_no);

CREATE TABLE recon_runs (
    id           TEXT   NOT NULL PRIMARY KEY,
    account_id   TEXT   NOT NULL REFERENCES accounts (id),
    date         TEXT   NOT NULL,
    number       BIGINT NOT NULL,
    bill_id      TEXT   NOT NULL REFERENCES bills (id),
    import_id    TEXT   NOT NULL REFERENCES book_imports (id),
    outcome      TEXT   NOT NULL,
    matched      BIGINT NOT NULL,
    residual_minor BIGINT NOT NULL,
    -- What was compared: a newer bill or newer books make the run stale.
    bill_sha256  TEXT   NOT NULL,
    books_sha256 TEXT   NOT NULL,
    -- Rows of either file that could not be read and are therefore in no sum.
    refused_rows BIGINT NOT NULL,
    run_digest   TEXT   NOT NULL,
    run_by       TEXT   NOT NULL REFERENCES users (id),
    finished_at  BIGINT NOT NULL,
    millis       BIGINT NOT NULL,
    UNIQUE (account_id, date, number)
);

CREATE TABLE differences (
    id           TEXT   NOT NULL PRIMARY KEY,
    run_id       TEXT   NOT NULL REFERENCES recon_runs (id),
    account_id   TEXT   NOT NULL,
    date         TEXT   NOT NULL,
    -- Place in the run's fixed order, from 1.
    position     BIGINT NOT NULL,
    code         TEXT   NOT NULL,
    bucket       TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    number       TEXT   NOT NULL,
    order_no     TEXT   NOT NULL,
    -- Channel less books, in the first side's currency; 0 across two currencies.
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
    disposition  TEXT   NOT NULL DEFAULT 'open',
    owner_id     TEXT REFERENCES users (id),
    due_date     TEXT,
    note         TEXT,
    disposed_by  TEXT REFERENCES users (id),
    disposed_at  BIGINT,
    CHECK (disposition = 'open' OR (owner_id IS NOT NULL AND due_date IS NOT NULL AND note IS NOT NULL))
);
CREATE UNIQUE INDEX differences_by_run ON differences (run_id, position);
CREATE INDEX differences_by_order ON differences (account_id, order_no);

CREATE TABLE day_closes (
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    date       TEXT   NOT NULL,
    locked_at  BIGINT,
    digest     TEXT   NOT NULL,
    -- The canonical text the digest is over, and the checks as they stood when it was signed.
    content    TEXT   NOT NULL,
    checks     TEXT   NOT NULL,
    PRIMARY KEY (account_id, date)
);
-- What two people locked is never rewritten.
CREATE TRIGGER locked_day_stays_as_signed BEFORE UPDATE ON day_closes
WHEN OLD.locked_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;
CREATE TRIGGER locked_day_is_never_deleted BEFORE DELETE ON day_closes
WHEN OLD.locked_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;

CREATE TABLE close_signatures (
    account_id TEXT   NOT NULL,
    date       TEXT   NOT NULL,
    part       TEXT   NOT NULL CHECK (part IN ('maker', 'checker')),
    user_id    TEXT   NOT NULL REFERENCES users (id),
    digest     TEXT   NOT NULL,
    note       TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (account_id, date, part)
);
CREATE TRIGGER close_signatures_two_people BEFORE INSERT ON close_signatures
WHEN EXISTS (SELECT 1 FROM close_signatures s
             WHERE s.account_id = NEW.account_id AND s.date = NEW.date
               AND s.part <> NEW.part AND (s.user_id = NEW.user_id OR s.digest <> NEW.digest))
BEGIN SELECT RAISE(ABORT, 'a day is closed by two people over one digest'); END;

-- A locked day does not move.
CREATE TRIGGER locked_day_keeps_its_runs BEFORE INSERT ON recon_runs
WHEN EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = NEW.account_id AND c.date = NEW.date AND c.locked_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;
CREATE TRIGGER locked_day_keeps_its_books BEFORE INSERT ON book_imports
WHEN EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = NEW.account_id AND c.date = NEW.date AND c.locked_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;
CREATE TRIGGER locked_day_keeps_its_differences BEFORE UPDATE ON differences
WHEN EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = OLD.account_id AND c.date = OLD.date AND c.locked_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'day is locked'); END;

CREATE TABLE receipt_counters (
    series TEXT   NOT NULL,
    year   BIGINT NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (series, year)
);
CREATE TABLE receipts (
    id         TEXT   NOT NULL PRIMARY KEY,
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    order_id   TEXT   NOT NULL REFERENCES orders (id),
    serial_no  TEXT   NOT NULL UNIQUE,
    currency   TEXT   NOT NULL,
    amount_minor BIGINT NOT NULL,
    path       TEXT   NOT NULL,
    sha256     TEXT   NOT NULL,
    bytes      BIGINT NOT NULL,
    signer     TEXT   NOT NULL,
    issued_by  TEXT   NOT NULL REFERENCES users (id),
    issued_at  BIGINT NOT NULL,
    UNIQUE (order_id)
);

-- Append-only, chained by SM3: hash = SM3(prev_hash ‖ canonical row).
CREATE TABLE audit (
    seq           BIGINT NOT NULL PRIMARY KEY,
    at            BIGINT NOT NULL,
    actor_id      TEXT,
    actor         TEXT   NOT NULL,
    role          TEXT,
    device        TEXT   NOT NULL,
    action        TEXT   NOT NULL,
    object_kind   TEXT   NOT NULL,
    object_id     TEXT   NOT NULL,
    before_digest TEXT,
    after_digest  TEXT,
    reason        TEXT,
    result        TEXT   NOT NULL,
    prev_hash     TEXT   NOT NULL,
    hash          TEXT   NOT NULL
);
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
