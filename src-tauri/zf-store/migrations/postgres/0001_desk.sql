-- The desk on PostgreSQL: the tables, constraints and indexes of migrations/sqlite, all of its steps in
-- one. Times are milliseconds since 1970 UTC, amounts integer minor units, dates yyyy-MM-dd of the
-- channel's zone, ids hyphenated time-ordered UUIDs, flags 0 or 1. Every business table carries
-- account_id, its partition key. Text is compared byte by byte, whatever the database's locale: lists
-- and pages stand in the same order on both databases.

CREATE TABLE meta (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE users (
    id            TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    login         TEXT COLLATE "C"   NOT NULL UNIQUE,
    display_name  TEXT COLLATE "C"   NOT NULL,
    role          TEXT COLLATE "C"   NOT NULL CHECK (role IN ('clerk', 'approver', 'auditor', 'administrator')),
    password_hash TEXT COLLATE "C"   NOT NULL,
    failed_count  BIGINT NOT NULL DEFAULT 0,
    locked_until  BIGINT,
    disabled_at   BIGINT,
    created_at    BIGINT NOT NULL
);

CREATE TABLE sessions (
    token_hash   TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    user_id      TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    device       TEXT COLLATE "C"   NOT NULL,
    created_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    revoked_at   BIGINT
);

CREATE TABLE accounts (
    id                 TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    channel            TEXT COLLATE "C"   NOT NULL,
    environment        TEXT COLLATE "C"   NOT NULL CHECK (environment IN ('production', 'sandbox', 'demo')),
    display_name       TEXT COLLATE "C"   NOT NULL,
    merchant_no        TEXT COLLATE "C"   NOT NULL,
    appid              TEXT COLLATE "C"   NOT NULL,
    certificate_serial TEXT COLLATE "C"   NOT NULL,
    certificate_pem    TEXT COLLATE "C",
    certificate_expires_at BIGINT,
    public_key_id      TEXT COLLATE "C",
    public_key_pem     TEXT COLLATE "C",
    base_url           TEXT COLLATE "C"   NOT NULL,
    backup_url         TEXT COLLATE "C",
    extra_root_pem     TEXT COLLATE "C",
    self_test          TEXT COLLATE "C",
    created_at         BIGINT NOT NULL,
    UNIQUE (channel, environment, merchant_no)
);

-- Sealed under the vault's data key; the purpose is part of what is authenticated.
CREATE TABLE secrets (
    account_id TEXT COLLATE "C" NOT NULL,
    purpose    TEXT COLLATE "C" NOT NULL,
    sealed     BYTEA NOT NULL,
    PRIMARY KEY (account_id, purpose)
);

CREATE TABLE orders (
    id                TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    account_id        TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    order_no          TEXT COLLATE "C"   NOT NULL,
    payment_id        TEXT COLLATE "C",
    payment_state     TEXT COLLATE "C"   NOT NULL CHECK (payment_state IN ('pending', 'paying', 'paid', 'closed', 'failed')),
    state             TEXT COLLATE "C"   NOT NULL,
    closed_before_paid BIGINT NOT NULL DEFAULT 0,
    currency          TEXT COLLATE "C"   NOT NULL,
    amount_minor      BIGINT NOT NULL CHECK (amount_minor >= 0),
    -- 1: only a refund of it was ever seen, so the amount is the least it can have been.
    amount_provisional BIGINT NOT NULL DEFAULT 0,
    -- 1: the channel says something was refunded that this desk does not know.
    refund_hint       BIGINT NOT NULL DEFAULT 0,
    paid_minor        BIGINT NOT NULL DEFAULT 0 CHECK (paid_minor >= 0),
    refunded_minor    BIGINT NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0),
    in_flight_minor   BIGINT NOT NULL DEFAULT 0 CHECK (in_flight_minor >= 0),
    method            TEXT COLLATE "C"   NOT NULL DEFAULT '',
    payer             TEXT COLLATE "C",
    goods             TEXT COLLATE "C",
    created_at        BIGINT NOT NULL,
    paid_at           BIGINT,
    business_date     TEXT COLLATE "C"   NOT NULL,
    reconciliation    TEXT COLLATE "C",
    checked_at        BIGINT,
    source            TEXT COLLATE "C"   NOT NULL,
    UNIQUE (account_id, order_no),
    -- Refunded and asked-for together never exceed what was paid.
    CHECK (refunded_minor + in_flight_minor <= paid_minor)
);
CREATE INDEX orders_by_account_time ON orders (account_id, created_at DESC, id DESC);
CREATE INDEX orders_by_payment ON orders (payment_id);
CREATE INDEX orders_by_payer ON orders (account_id, payer);
CREATE INDEX orders_by_order_no ON orders (order_no);

CREATE TABLE payments (
    account_id  TEXT COLLATE "C"   NOT NULL,
    payment_id  TEXT COLLATE "C"   NOT NULL,
    order_id    TEXT COLLATE "C"   NOT NULL REFERENCES orders (id),
    state       TEXT COLLATE "C"   NOT NULL,
    currency    TEXT COLLATE "C"   NOT NULL,
    amount_minor BIGINT NOT NULL,
    method      TEXT COLLATE "C"   NOT NULL,
    payer       TEXT COLLATE "C",
    paid_at     BIGINT,
    source      TEXT COLLATE "C"   NOT NULL,
    verified_at BIGINT,
    PRIMARY KEY (account_id, payment_id)
);
CREATE INDEX payments_by_order ON payments (order_id);
CREATE INDEX payments_by_id ON payments (payment_id);

CREATE TABLE order_events (
    id         TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    account_id TEXT COLLATE "C"   NOT NULL,
    order_id   TEXT COLLATE "C"   NOT NULL REFERENCES orders (id),
    refund_no  TEXT COLLATE "C",
    at         BIGINT NOT NULL,
    kind       TEXT COLLATE "C"   NOT NULL,
    currency   TEXT COLLATE "C",
    amount_minor BIGINT,
    actor      TEXT COLLATE "C",
    source     TEXT COLLATE "C"   NOT NULL,
    verified   BIGINT NOT NULL DEFAULT 0,
    detail     TEXT COLLATE "C"
);
CREATE INDEX order_events_by_order ON order_events (order_id, at);
CREATE INDEX order_events_by_refund ON order_events (refund_no, at);

CREATE TABLE refunds (
    id              TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    account_id      TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    order_id        TEXT COLLATE "C"   NOT NULL REFERENCES orders (id),
    refund_no       TEXT COLLATE "C"   NOT NULL,
    channel_refund_id TEXT COLLATE "C",
    state           TEXT COLLATE "C"   NOT NULL,
    currency        TEXT COLLATE "C"   NOT NULL,
    amount_minor    BIGINT NOT NULL CHECK (amount_minor >= 0),
    reason_code     TEXT COLLATE "C"   NOT NULL,
    note            TEXT COLLATE "C"   NOT NULL,
    buyer_note      TEXT COLLATE "C"   NOT NULL,
    version         BIGINT NOT NULL DEFAULT 0,
    digest          TEXT COLLATE "C"   NOT NULL DEFAULT '',
    -- Absent only for refunds made elsewhere, such as on the channel's merchant platform.
    maker_id        TEXT COLLATE "C" REFERENCES users (id),
    origin          TEXT COLLATE "C"   NOT NULL DEFAULT 'desk' CHECK (origin IN ('desk', 'channel')),
    created_at      BIGINT NOT NULL,
    requested_at    BIGINT,
    sent_at         BIGINT,
    finished_at     BIGINT,
    next_query_at   BIGINT,
    query_count     BIGINT NOT NULL DEFAULT 0,
    last_error      TEXT COLLATE "C",
    received_account TEXT COLLATE "C",
    -- The path a request was asked under: rules that change later do not touch it.
    checkers_required BIGINT NOT NULL DEFAULT 1,
    approval_hours  BIGINT NOT NULL DEFAULT 48,
    cooling_off_seconds BIGINT NOT NULL DEFAULT 0,
    -- When a draft was last kept, for a form that was closed before it was sent.
    draft_at        BIGINT,
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
    refund_id TEXT COLLATE "C"   NOT NULL REFERENCES refunds (id),
    version   BIGINT NOT NULL,
    content   TEXT COLLATE "C"   NOT NULL,
    digest    TEXT COLLATE "C"   NOT NULL,
    editor_id TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    at        BIGINT NOT NULL,
    PRIMARY KEY (refund_id, version)
);

-- One person says once yes and once no to one version; a later change takes `stands` away.
CREATE TABLE approvals (
    refund_id  TEXT COLLATE "C"   NOT NULL REFERENCES refunds (id),
    version    BIGINT NOT NULL,
    checker_id TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    approved   BIGINT NOT NULL,
    digest     TEXT COLLATE "C"   NOT NULL,
    comment    TEXT COLLATE "C"   NOT NULL,
    at         BIGINT NOT NULL,
    stands     BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (refund_id, version, checker_id, approved)
);
CREATE INDEX approvals_by_checker ON approvals (checker_id, at);
-- Maker and checker are never one person, whatever path the row comes by.
CREATE FUNCTION approvals_maker_is_not_checker() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.approved = 1 AND (
    EXISTS (SELECT 1 FROM refund_versions v WHERE v.refund_id = NEW.refund_id AND v.editor_id = NEW.checker_id)
    OR EXISTS (SELECT 1 FROM refunds r WHERE r.id = NEW.refund_id AND r.maker_id = NEW.checker_id)) THEN
        RAISE EXCEPTION 'maker is checker';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_maker_is_not_checker BEFORE INSERT ON approvals FOR EACH ROW EXECUTE FUNCTION approvals_maker_is_not_checker();
CREATE FUNCTION approvals_bind_to_the_digest() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.approved = 1 AND NOT EXISTS (
    SELECT 1 FROM refunds r JOIN refund_versions v ON v.refund_id = r.id AND v.version = r.version
    WHERE r.id = NEW.refund_id AND v.version = NEW.version AND v.digest = NEW.digest AND r.digest = NEW.digest) THEN
        RAISE EXCEPTION 'digest mismatch';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_bind_to_the_digest BEFORE INSERT ON approvals FOR EACH ROW EXECUTE FUNCTION approvals_bind_to_the_digest();
-- An approval may lose its standing; nothing else of it ever changes.
CREATE FUNCTION approvals_never_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.stands > OLD.stands OR NEW.refund_id <> OLD.refund_id OR NEW.version <> OLD.version
    OR NEW.checker_id <> OLD.checker_id OR NEW.approved <> OLD.approved OR NEW.digest <> OLD.digest
    OR NEW.comment <> OLD.comment OR NEW.at <> OLD.at THEN
        RAISE EXCEPTION 'approvals are never changed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER approvals_never_change BEFORE UPDATE ON approvals FOR EACH ROW EXECUTE FUNCTION approvals_never_change();
CREATE FUNCTION refund_versions_never_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'versions are never changed';
END $$;
CREATE TRIGGER refund_versions_never_change BEFORE UPDATE ON refund_versions FOR EACH ROW EXECUTE FUNCTION refund_versions_never_change();

-- A refund of this desk begins as a draft and is sent only with an approval of what stands.
CREATE FUNCTION refunds_begin_as_drafts() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.origin = 'desk' AND NEW.state <> 'draft' THEN
        RAISE EXCEPTION 'a refund begins as a draft';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refunds_begin_as_drafts BEFORE INSERT ON refunds FOR EACH ROW EXECUTE FUNCTION refunds_begin_as_drafts();
-- The number never changes, and what was approved stays as it was approved.
CREATE FUNCTION refunds_keep_their_number() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.refund_no <> OLD.refund_no OR NEW.account_id <> OLD.account_id OR NEW.order_id <> OLD.order_id
    OR (OLD.origin = 'desk' AND OLD.state NOT IN ('draft', 'awaiting_approval', 'approval_voided')
        AND (NEW.amount_minor <> OLD.amount_minor OR NEW.currency <> OLD.currency
             OR NEW.version <> OLD.version OR NEW.digest <> OLD.digest)) THEN
        RAISE EXCEPTION 'an approved refund does not change';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refunds_keep_their_number BEFORE UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION refunds_keep_their_number();
-- Asked for, in flight and refunded together never exceed what was paid.
CREATE FUNCTION refunds_never_exceed_the_payment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    -- Two requests at once do not see each other's row; they wait for one another at the order's.
    PERFORM 1 FROM orders o WHERE o.id = NEW.order_id FOR UPDATE;
    IF NEW.origin = 'desk' AND NEW.state = 'awaiting_approval'
    AND (NEW.state <> OLD.state OR NEW.amount_minor <> OLD.amount_minor)
    AND NEW.amount_minor + (
        SELECT COALESCE(SUM(r.amount_minor), 0) FROM refunds r
        WHERE r.order_id = NEW.order_id AND r.id <> NEW.id
          AND r.state NOT IN ('draft', 'rejected', 'approval_expired', 'closed_by_channel'))
        > (SELECT o.paid_minor FROM orders o WHERE o.id = NEW.order_id) THEN
        RAISE EXCEPTION 'refunds exceed the payment';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refunds_never_exceed_the_payment BEFORE UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION refunds_never_exceed_the_payment();

-- Numbers are counted up in the transaction that stores the draft: none is ever given out twice.
CREATE TABLE refund_counters (
    date TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- Every time the number went out, written before its first byte. A row without an outcome that a
-- former run of the program left behind means: it may have happened.
CREATE TABLE refund_attempts (
    refund_id   TEXT COLLATE "C"   NOT NULL REFERENCES refunds (id),
    attempt     BIGINT NOT NULL,
    run         TEXT COLLATE "C"   NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT,
    outcome     TEXT COLLATE "C",
    detail      TEXT COLLATE "C",
    PRIMARY KEY (refund_id, attempt)
);
-- One sending at a time.
CREATE UNIQUE INDEX refund_attempts_open ON refund_attempts (refund_id) WHERE finished_at IS NULL;

CREATE TABLE bills (
    id            TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    account_id    TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    kind          TEXT COLLATE "C"   NOT NULL CHECK (kind IN ('trade', 'fund_flow')),
    date          TEXT COLLATE "C"   NOT NULL,
    status        TEXT COLLATE "C"   NOT NULL,
    path          TEXT COLLATE "C",
    sha256        TEXT COLLATE "C",
    channel_hash  TEXT COLLATE "C",
    hash_verified BIGINT NOT NULL DEFAULT 0,
    bytes         BIGINT NOT NULL DEFAULT 0,
    row_count     BIGINT NOT NULL DEFAULT 0,
    totals        TEXT COLLATE "C"   NOT NULL DEFAULT '[]',
    faults        TEXT COLLATE "C"   NOT NULL DEFAULT '[]',
    -- Fund-flow bills: opening + collected - refunded - fees + other = closing, row by row.
    balance       TEXT COLLATE "C",
    -- Trade bills: the channel's fees recomputed at each row's own rate.
    fees          TEXT COLLATE "C",
    fetched_at    BIGINT,
    next_try_at   BIGINT,
    attempts      BIGINT NOT NULL DEFAULT 0,
    detail        TEXT COLLATE "C",
    UNIQUE (account_id, kind, date)
);

CREATE TABLE bill_lines (
    bill_id      TEXT COLLATE "C"   NOT NULL REFERENCES bills (id),
    line_no      BIGINT NOT NULL,
    account_id   TEXT COLLATE "C"   NOT NULL,
    kind         TEXT COLLATE "C"   NOT NULL,
    occurred_at  BIGINT NOT NULL,
    order_no     TEXT COLLATE "C"   NOT NULL,
    payment_id   TEXT COLLATE "C"   NOT NULL,
    refund_no    TEXT COLLATE "C",
    refund_id    TEXT COLLATE "C",
    currency     TEXT COLLATE "C"   NOT NULL,
    amount_minor BIGINT NOT NULL,
    settlement_minor BIGINT NOT NULL,
    fee_minor    BIGINT NOT NULL,
    state        TEXT COLLATE "C"   NOT NULL,
    state_text   TEXT COLLATE "C"   NOT NULL,
    method       TEXT COLLATE "C"   NOT NULL,
    payer        TEXT COLLATE "C"   NOT NULL,
    goods        TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (bill_id, line_no)
);
CREATE INDEX bill_lines_by_order ON bill_lines (account_id, order_no);
CREATE INDEX bill_lines_by_refund ON bill_lines (account_id, refund_no);

-- Rows of a fund-flow bill: movements of the merchant's account at the channel.
CREATE TABLE fund_lines (
    bill_id       TEXT COLLATE "C"   NOT NULL REFERENCES bills (id),
    line_no       BIGINT NOT NULL,
    account_id    TEXT COLLATE "C"   NOT NULL,
    occurred_at   BIGINT NOT NULL,
    business_no   TEXT COLLATE "C"   NOT NULL,
    flow_no       TEXT COLLATE "C"   NOT NULL,
    business_type TEXT COLLATE "C"   NOT NULL,
    income        BIGINT NOT NULL,
    currency      TEXT COLLATE "C"   NOT NULL,
    amount_minor  BIGINT NOT NULL CHECK (amount_minor >= 0),
    balance_minor BIGINT NOT NULL,
    remark        TEXT COLLATE "C"   NOT NULL,
    voucher_no    TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (bill_id, line_no)
);
CREATE INDEX fund_lines_by_voucher ON fund_lines (account_id, voucher_no);

CREATE TABLE book_imports (
    id            TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    account_id    TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    date          TEXT COLLATE "C"   NOT NULL,
    file_name     TEXT COLLATE "C"   NOT NULL,
    path          TEXT COLLATE "C"   NOT NULL,
    sha256        TEXT COLLATE "C"   NOT NULL,
    row_count     BIGINT NOT NULL,
    sums          TEXT COLLATE "C"   NOT NULL,
    faults        TEXT COLLATE "C"   NOT NULL,
    imported_by   TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    imported_at   BIGINT NOT NULL,
    superseded_at BIGINT,
    -- The mapping it was read with; NULL: the default ledger file.
    mapping       TEXT COLLATE "C"
);
-- One import stands for one day; a new one takes its place and the old one is kept.
CREATE UNIQUE INDEX book_imports_standing ON book_imports (account_id, date) WHERE superseded_at IS NULL;

CREATE TABLE book_entries (
    import_id    TEXT COLLATE "C"   NOT NULL REFERENCES book_imports (id),
    line_no      BIGINT NOT NULL,
    account_id   TEXT COLLATE "C"   NOT NULL,
    kind         TEXT COLLATE "C"   NOT NULL,
    order_no     TEXT COLLATE "C"   NOT NULL,
    refund_no    TEXT COLLATE "C",
    currency     TEXT COLLATE "C"   NOT NULL,
    amount_minor BIGINT NOT NULL,
    state        TEXT COLLATE "C"   NOT NULL,
    state_text   TEXT COLLATE "C"   NOT NULL,
    created_at   BIGINT NOT NULL,
    -- The channel's number of a payment or refund, where the books keep it.
    channel_no   TEXT COLLATE "C",
    PRIMARY KEY (import_id, line_no)
);
CREATE INDEX book_entries_by_order ON book_entries (account_id, order_no);

CREATE TABLE recon_runs (
    id           TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    account_id   TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    date         TEXT COLLATE "C"   NOT NULL,
    number       BIGINT NOT NULL,
    bill_id      TEXT COLLATE "C"   NOT NULL REFERENCES bills (id),
    import_id    TEXT COLLATE "C"   NOT NULL REFERENCES book_imports (id),
    outcome      TEXT COLLATE "C"   NOT NULL,
    matched      BIGINT NOT NULL,
    residual_minor BIGINT NOT NULL,
    -- What was compared: a newer bill or newer books make the run stale.
    bill_sha256  TEXT COLLATE "C"   NOT NULL,
    books_sha256 TEXT COLLATE "C"   NOT NULL,
    -- Rows of either file that could not be read and are therefore in no sum.
    refused_rows BIGINT NOT NULL,
    run_digest   TEXT COLLATE "C"   NOT NULL,
    run_by       TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    finished_at  BIGINT NOT NULL,
    millis       BIGINT NOT NULL,
    UNIQUE (account_id, date, number)
);

CREATE TABLE differences (
    id           TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    run_id       TEXT COLLATE "C"   NOT NULL REFERENCES recon_runs (id),
    account_id   TEXT COLLATE "C"   NOT NULL,
    date         TEXT COLLATE "C"   NOT NULL,
    position     BIGINT NOT NULL,
    code         TEXT COLLATE "C"   NOT NULL,
    bucket       TEXT COLLATE "C"   NOT NULL,
    kind         TEXT COLLATE "C"   NOT NULL,
    number       TEXT COLLATE "C"   NOT NULL,
    order_no     TEXT COLLATE "C"   NOT NULL,
    currency     TEXT COLLATE "C"   NOT NULL,
    gap_minor    BIGINT NOT NULL,
    channel_line BIGINT,
    channel_currency TEXT COLLATE "C",
    channel_minor BIGINT,
    channel_state TEXT COLLATE "C",
    channel_at   BIGINT,
    ledger_line  BIGINT,
    ledger_currency TEXT COLLATE "C",
    ledger_minor BIGINT,
    ledger_state TEXT COLLATE "C",
    ledger_at    BIGINT,
    twin_line    BIGINT,
    -- Until when the other side may come, and whether it is likely to: its terms say it, this repeats them.
    expected_date TEXT COLLATE "C",
    likely       BIGINT NOT NULL DEFAULT 0,
    disposition  TEXT COLLATE "C"   NOT NULL DEFAULT 'open'
        CHECK (disposition IN ('open', 'suspended', 'pending', 'resolved', 'written_off')),
    -- The entry that brought it there; absent while open.
    resolution_id TEXT COLLATE "C",
    owner_id     TEXT COLLATE "C" REFERENCES users (id),
    due_date     TEXT COLLATE "C",
    note         TEXT COLLATE "C",
    disposed_by  TEXT COLLATE "C" REFERENCES users (id),
    disposed_at  BIGINT,
    CHECK (disposition <> 'suspended' OR (owner_id IS NOT NULL AND due_date IS NOT NULL AND note IS NOT NULL))
);
CREATE UNIQUE INDEX differences_by_run ON differences (run_id, position);
CREATE INDEX differences_by_order ON differences (account_id, order_no);

CREATE TABLE day_closes (
    account_id TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    date       TEXT COLLATE "C"   NOT NULL,
    locked_at  BIGINT,
    digest     TEXT COLLATE "C"   NOT NULL,
    -- The canonical text the digest is over, and the checks as they stood when it was signed.
    content    TEXT COLLATE "C"   NOT NULL,
    checks     TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (account_id, date)
);
-- What two people locked is never rewritten.
CREATE FUNCTION locked_day_stays_as_signed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.locked_at IS NOT NULL THEN
        RAISE EXCEPTION 'day is locked';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER locked_day_stays_as_signed BEFORE UPDATE ON day_closes FOR EACH ROW EXECUTE FUNCTION locked_day_stays_as_signed();

CREATE TABLE close_signatures (
    account_id TEXT COLLATE "C"   NOT NULL,
    date       TEXT COLLATE "C"   NOT NULL,
    part       TEXT COLLATE "C"   NOT NULL CHECK (part IN ('maker', 'checker')),
    user_id    TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    digest     TEXT COLLATE "C"   NOT NULL,
    note       TEXT COLLATE "C"   NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (account_id, date, part)
);
CREATE FUNCTION close_signatures_two_people() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM close_signatures s
             WHERE s.account_id = NEW.account_id AND s.date = NEW.date
               AND s.part <> NEW.part AND (s.user_id = NEW.user_id OR s.digest <> NEW.digest)) THEN
        RAISE EXCEPTION 'a day is closed by two people over one digest';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER close_signatures_two_people BEFORE INSERT ON close_signatures FOR EACH ROW EXECUTE FUNCTION close_signatures_two_people();

-- A locked day does not move.
CREATE FUNCTION locked_day_keeps_its_runs() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = NEW.account_id AND c.date = NEW.date AND c.locked_at IS NOT NULL) THEN
        RAISE EXCEPTION 'day is locked';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER locked_day_keeps_its_runs BEFORE INSERT ON recon_runs FOR EACH ROW EXECUTE FUNCTION locked_day_keeps_its_runs();
CREATE FUNCTION locked_day_keeps_its_books() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = NEW.account_id AND c.date = NEW.date AND c.locked_at IS NOT NULL) THEN
        RAISE EXCEPTION 'day is locked';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER locked_day_keeps_its_books BEFORE INSERT ON book_imports FOR EACH ROW EXECUTE FUNCTION locked_day_keeps_its_books();
CREATE FUNCTION locked_day_keeps_its_differences() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = OLD.account_id AND c.date = OLD.date AND c.locked_at IS NOT NULL) THEN
        RAISE EXCEPTION 'day is locked';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER locked_day_keeps_its_differences BEFORE UPDATE OF
    run_id, account_id, date, position, code, bucket, kind, number, order_no, currency, gap_minor,
    channel_line, channel_currency, channel_minor, channel_state, channel_at,
    ledger_line, ledger_currency, ledger_minor, ledger_state, ledger_at, twin_line ON differences FOR EACH ROW EXECUTE FUNCTION locked_day_keeps_its_differences();

CREATE TABLE receipt_counters (
    series TEXT COLLATE "C"   NOT NULL,
    year   BIGINT NOT NULL,
    last   BIGINT NOT NULL,
    PRIMARY KEY (series, year)
);
CREATE TABLE receipts (
    id         TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    account_id TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    order_id   TEXT COLLATE "C"   NOT NULL REFERENCES orders (id),
    serial_no  TEXT COLLATE "C"   NOT NULL UNIQUE,
    currency   TEXT COLLATE "C"   NOT NULL,
    amount_minor BIGINT NOT NULL,
    path       TEXT COLLATE "C"   NOT NULL,
    sha256     TEXT COLLATE "C"   NOT NULL,
    bytes      BIGINT NOT NULL,
    signer     TEXT COLLATE "C"   NOT NULL,
    issued_by  TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    issued_at  BIGINT NOT NULL,
    UNIQUE (order_id)
);

-- Append-only, chained by SM3: hash = SM3(prev_hash ‖ canonical row).
CREATE TABLE audit (
    seq           BIGINT NOT NULL PRIMARY KEY,
    at            BIGINT NOT NULL,
    actor_id      TEXT COLLATE "C",
    actor         TEXT COLLATE "C"   NOT NULL,
    role          TEXT COLLATE "C",
    device        TEXT COLLATE "C"   NOT NULL,
    action        TEXT COLLATE "C"   NOT NULL,
    object_kind   TEXT COLLATE "C"   NOT NULL,
    object_id     TEXT COLLATE "C"   NOT NULL,
    before_digest TEXT COLLATE "C",
    after_digest  TEXT COLLATE "C",
    reason        TEXT COLLATE "C",
    result        TEXT COLLATE "C"   NOT NULL,
    prev_hash     TEXT COLLATE "C"   NOT NULL,
    hash          TEXT COLLATE "C"   NOT NULL
);
CREATE FUNCTION audit_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'audit rows are never changed';
END $$;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_never_changed();
CREATE FUNCTION audit_is_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'audit rows are never deleted';
END $$;
CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_never_deleted();
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_never_deleted();

-- Small choices of one person, the same on every window: theme, saved views, keys. No business
-- content, so no audit row. `value` is JSON text that only the console reads.
CREATE TABLE preferences (
    user_id    TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    name       TEXT COLLATE "C"   NOT NULL,
    value      TEXT COLLATE "C"   NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, name)
);

-- A number is found in the differences whatever its day.
CREATE INDEX differences_by_number ON differences (account_id, number);

-- Files made for people to take along, and receipts issued in batches.

CREATE TABLE exports (
    id          TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    kind        TEXT COLLATE "C"   NOT NULL,
    format      TEXT COLLATE "C"   NOT NULL CHECK (format IN ('csv', 'xlsx', 'jsonl', 'zip')),
    file_name   TEXT COLLATE "C"   NOT NULL,
    -- JSON: what was asked for, so that it can be made again.
    request     TEXT COLLATE "C"   NOT NULL,
    -- `running` in a process that is gone becomes `interrupted` at the next start.
    state       TEXT COLLATE "C"   NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed', 'interrupted', 'removed')),
    row_count   BIGINT NOT NULL DEFAULT 0,
    problems    BIGINT NOT NULL DEFAULT 0,
    -- JSON: sums by currency.
    sums        TEXT COLLATE "C"   NOT NULL DEFAULT '[]',
    path        TEXT COLLATE "C",
    bytes       BIGINT NOT NULL DEFAULT 0,
    sha256      TEXT COLLATE "C",
    -- JSON: what went wrong.
    error       TEXT COLLATE "C",
    created_by  TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    finished_at BIGINT,
    -- The file goes then; the row and its digest stay.
    expires_at  BIGINT NOT NULL
);
CREATE INDEX exports_by_person ON exports (created_by, id);
CREATE INDEX exports_by_expiry ON exports (state, expires_at);

CREATE TABLE receipt_batches (
    id          TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    number      BIGINT NOT NULL UNIQUE,
    -- What was chosen, in the person's words or as the search said it.
    title       TEXT COLLATE "C"   NOT NULL,
    state       TEXT COLLATE "C"   NOT NULL CHECK (state IN ('running', 'done', 'cancelled', 'failed', 'interrupted')),
    created_by  TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    finished_at BIGINT
);

CREATE TABLE receipt_batch_rows (
    batch_id   TEXT COLLATE "C"   NOT NULL REFERENCES receipt_batches (id),
    position   BIGINT NOT NULL,
    order_id   TEXT COLLATE "C"   NOT NULL REFERENCES orders (id),
    outcome    TEXT COLLATE "C"   NOT NULL DEFAULT 'waiting' CHECK (outcome IN ('waiting', 'issued', 'already', 'failed')),
    receipt_id TEXT COLLATE "C" REFERENCES receipts (id),
    -- JSON: the error of a failed one.
    error      TEXT COLLATE "C",
    PRIMARY KEY (batch_id, position),
    UNIQUE (batch_id, order_id)
);
CREATE INDEX receipt_batch_rows_by_outcome ON receipt_batch_rows (batch_id, outcome, position);

-- Orders by the million: what a search, a jump to a row and a total read instead of the orders.

-- Counts and sums of one day of orders (Beijing day of created_at, days since 1970), kept by the
-- triggers below in the transaction of the change itself: always exact. `word` is the order's
-- reconciliation: matched, a difference code, waiting (paid, its day not reconciled) or none.
CREATE TABLE order_days (
    day             BIGINT NOT NULL,
    account_id      TEXT COLLATE "C"   NOT NULL,
    state           TEXT COLLATE "C"   NOT NULL,
    word            TEXT COLLATE "C"   NOT NULL,
    currency        TEXT COLLATE "C"   NOT NULL,
    orders          BIGINT NOT NULL,
    paid_orders     BIGINT NOT NULL,
    paid_minor      BIGINT NOT NULL,
    refunded_orders BIGINT NOT NULL,
    refunded_minor  BIGINT NOT NULL,
    PRIMARY KEY (day, account_id, state, word, currency)
);

-- Adds `sign` times an order to its day.
CREATE FUNCTION count_order(o orders, sign BIGINT) RETURNS void LANGUAGE sql AS $$
    INSERT INTO order_days AS d VALUES ((o.created_at + 28800000) / 86400000, o.account_id, o.state,
        COALESCE(o.reconciliation, CASE o.payment_state WHEN 'paid' THEN 'waiting' ELSE 'none' END), o.currency,
        sign, CASE WHEN o.paid_minor > 0 THEN sign ELSE 0 END, sign * o.paid_minor,
        CASE WHEN o.refunded_minor > 0 THEN sign ELSE 0 END, sign * o.refunded_minor)
    ON CONFLICT (day, account_id, state, word, currency) DO UPDATE SET orders = d.orders + excluded.orders,
        paid_orders = d.paid_orders + excluded.paid_orders, paid_minor = d.paid_minor + excluded.paid_minor,
        refunded_orders = d.refunded_orders + excluded.refunded_orders,
        refunded_minor = d.refunded_minor + excluded.refunded_minor
$$;
CREATE FUNCTION order_days_follow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM count_order(OLD, -1);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM count_order(NEW, 1);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER order_days_of_a_new_order AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION order_days_follow();
CREATE TRIGGER order_days_of_a_deleted_order AFTER DELETE ON orders FOR EACH ROW EXECUTE FUNCTION order_days_follow();
CREATE TRIGGER order_days_of_a_changed_order AFTER UPDATE ON orders FOR EACH ROW
WHEN ((OLD.created_at, OLD.state, OLD.payment_state, OLD.reconciliation, OLD.currency, OLD.paid_minor, OLD.refunded_minor, OLD.account_id)
    IS DISTINCT FROM
      (NEW.created_at, NEW.state, NEW.payment_state, NEW.reconciliation, NEW.currency, NEW.paid_minor, NEW.refunded_minor, NEW.account_id))
EXECUTE FUNCTION order_days_follow();

-- What a fragment may be found in.
CREATE TABLE order_words (
    order_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES orders (id),
    -- Order number, payment number, goods and the payer's last eight characters.
    base     TEXT COLLATE "C" NOT NULL,
    -- Numbers that came later: refunds, the channel's refunds, receipts.
    later    TEXT COLLATE "C" NOT NULL DEFAULT ''
);
-- Fragments are looked up by their three-character pieces where pg_trgm may be had: it comes with the
-- server's contrib package and any owner of a database may install it. Without it every search of a
-- fragment reads all of order_words: as right, and slow from some hundred thousand orders on.
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX order_words_pieces ON order_words USING gin (base gin_trgm_ops, later gin_trgm_ops);
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'pg_trgm may not be installed by this login: fragments are searched row by row';
END $$;
CREATE FUNCTION order_words_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    words TEXT := NEW.order_no || chr(10) || COALESCE(NEW.payment_id, '') || chr(10) || COALESCE(NEW.goods, '') || chr(10)
        || COALESCE(right(NEW.payer, 8), '');
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO order_words (order_id, base) VALUES (NEW.id, words);
    ELSE
        UPDATE order_words SET base = words WHERE order_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER order_words_of_a_new_order AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION order_words_follow();
CREATE TRIGGER order_words_of_a_changed_order AFTER UPDATE ON orders FOR EACH ROW
WHEN ((OLD.order_no, OLD.payment_id, OLD.goods, OLD.payer) IS DISTINCT FROM (NEW.order_no, NEW.payment_id, NEW.goods, NEW.payer))
EXECUTE FUNCTION order_words_follow();
CREATE FUNCTION order_words_gain_a_refund() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE order_words SET later = later || chr(10)
        || CASE TG_OP WHEN 'INSERT' THEN NEW.refund_no || chr(10) ELSE '' END || COALESCE(NEW.channel_refund_id, '')
    WHERE order_id = NEW.order_id;
    RETURN NULL;
END $$;
CREATE TRIGGER order_words_of_a_new_refund AFTER INSERT ON refunds FOR EACH ROW EXECUTE FUNCTION order_words_gain_a_refund();
CREATE TRIGGER order_words_of_a_numbered_refund AFTER UPDATE ON refunds FOR EACH ROW
WHEN (OLD.channel_refund_id IS DISTINCT FROM NEW.channel_refund_id) EXECUTE FUNCTION order_words_gain_a_refund();
CREATE FUNCTION order_words_gain_a_receipt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE order_words SET later = later || chr(10) || NEW.serial_no WHERE order_id = NEW.order_id;
    RETURN NULL;
END $$;
CREATE TRIGGER order_words_of_a_receipt AFTER INSERT ON receipts FOR EACH ROW EXECUTE FUNCTION order_words_gain_a_receipt();

-- Walks in time and in amount read these alone, filters included.
CREATE INDEX orders_by_time ON orders (created_at, id, account_id, state, reconciliation, payment_state, amount_minor);
CREATE INDEX orders_by_state ON orders (state, created_at, id);
CREATE INDEX orders_by_reconciliation ON orders (reconciliation, payment_state, created_at, id);
CREATE INDEX orders_by_amount ON orders (currency, amount_minor, created_at, id, account_id, state, reconciliation,
    payment_state, paid_minor, refunded_minor);
CREATE INDEX refunds_by_amount ON refunds (amount_minor);
CREATE INDEX fund_lines_by_flow ON fund_lines (flow_no);
CREATE INDEX audit_by_object_id ON audit (object_id);

-- Rules of the refund desk and the schedules, every version of them: the newest of a kind stands.
CREATE TABLE house_rules (
    kind      TEXT COLLATE "C"   NOT NULL CHECK (kind IN ('refund', 'schedule')),
    version   BIGINT NOT NULL,
    -- Canonical JSON of every setting of the kind.
    content   TEXT COLLATE "C"   NOT NULL,
    digest    TEXT COLLATE "C"   NOT NULL,
    editor_id TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    note      TEXT COLLATE "C"   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (kind, version)
);
CREATE FUNCTION house_rules_never_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'rules are never changed, only followed by new ones';
END $$;
CREATE TRIGGER house_rules_never_change BEFORE UPDATE ON house_rules FOR EACH ROW EXECUTE FUNCTION house_rules_never_change();
CREATE FUNCTION house_rules_are_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'rules are never deleted';
END $$;
CREATE TRIGGER house_rules_are_never_deleted BEFORE DELETE ON house_rules FOR EACH ROW EXECUTE FUNCTION house_rules_are_never_deleted();

CREATE INDEX refunds_by_maker ON refunds (maker_id, requested_at);

-- As many different people as the path says approved what stands, before it leaves for the channel.
CREATE FUNCTION refunds_are_sent_approved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.origin = 'desk' AND NEW.state <> OLD.state
    AND OLD.state IN ('draft', 'awaiting_approval', 'approval_voided', 'cooling_off')
    AND NEW.state NOT IN ('draft', 'awaiting_approval', 'approval_voided', 'cooling_off', 'rejected', 'approval_expired')
    AND NEW.checkers_required > (
        SELECT COUNT(*) FROM approvals a WHERE a.refund_id = NEW.id AND a.version = NEW.version
          AND a.digest = NEW.digest AND a.approved = 1 AND a.stands = 1) THEN
        RAISE EXCEPTION 'not approved';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refunds_are_sent_approved BEFORE UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION refunds_are_sent_approved();
CREATE FUNCTION refunds_keep_their_path() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF (OLD.origin = 'desk' AND OLD.state NOT IN ('draft', 'awaiting_approval', 'approval_voided')
        AND (NEW.checkers_required <> OLD.checkers_required OR NEW.cooling_off_seconds <> OLD.cooling_off_seconds))
    OR NEW.checkers_required < 1 THEN
        RAISE EXCEPTION 'the path of an approved refund does not change';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refunds_keep_their_path BEFORE UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION refunds_keep_their_path();

-- Public keys the channels were seen to sign with. No secret: what a channel gives to everyone.
CREATE TABLE channel_keys (
    account_id    TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    serial        TEXT COLLATE "C"   NOT NULL,
    not_before    BIGINT,
    not_after     BIGINT,
    spki          BYTEA  NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, serial)
);

-- What the desk page reads on every visit.

-- Collected and refunded by day, one range a day, from the index alone.
CREATE INDEX orders_by_currency_time ON orders (currency, created_at, paid_minor, refunded_minor);
CREATE INDEX recon_runs_by_date ON recon_runs (date, account_id, number);

-- What people do about differences: a ledger that only grows; and the reopening of a
-- closed day.

CREATE TABLE resolutions (
    id            TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    account_id    TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    -- The difference as it was then; the same difference of a later run inherits the entry by these.
    difference_id TEXT COLLATE "C"   NOT NULL REFERENCES differences (id),
    date          TEXT COLLATE "C"   NOT NULL,
    code          TEXT COLLATE "C"   NOT NULL,
    entry_kind    TEXT COLLATE "C"   NOT NULL,
    number        TEXT COLLATE "C"   NOT NULL,
    channel_minor BIGINT,
    ledger_minor  BIGINT,
    kind          TEXT COLLATE "C"   NOT NULL,
    -- Channel less books: what the entry moves, in the difference's currency.
    currency      TEXT COLLATE "C"   NOT NULL,
    amount_minor  BIGINT NOT NULL,
    owner_id      TEXT COLLATE "C" REFERENCES users (id),
    due_date      TEXT COLLATE "C",
    reason        TEXT COLLATE "C"   NOT NULL,
    -- Another name for a relabelled row.
    label         TEXT COLLATE "C",
    -- A cross-day entry: the other side's day and line.
    other_date    TEXT COLLATE "C",
    other_line    BIGINT,
    -- A reversing entry: what it reverses.
    reverses      TEXT COLLATE "C" REFERENCES resolutions (id),
    second_person BIGINT NOT NULL,
    state         TEXT COLLATE "C"   NOT NULL CHECK (state IN ('proposed', 'in_effect', 'rejected', 'withdrawn', 'reversed')),
    proposed_by   TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    proposed_at   BIGINT NOT NULL,
    decided_by    TEXT COLLATE "C" REFERENCES users (id),
    decided_at    BIGINT,
    decision_note TEXT COLLATE "C",
    -- Nobody decides alone about what moves money or books.
    CHECK (second_person = 0 OR state IN ('proposed', 'withdrawn') OR (decided_by IS NOT NULL AND decided_by <> proposed_by))
);
CREATE INDEX resolutions_by_number ON resolutions (account_id, date, number);
CREATE INDEX resolutions_by_state ON resolutions (account_id, state, proposed_at);
CREATE UNIQUE INDEX resolutions_reversed_once ON resolutions (reverses)
    WHERE reverses IS NOT NULL AND state IN ('proposed', 'in_effect');
CREATE FUNCTION resolutions_are_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'resolutions are never deleted, only reversed';
END $$;
CREATE TRIGGER resolutions_are_never_deleted BEFORE DELETE ON resolutions FOR EACH ROW EXECUTE FUNCTION resolutions_are_never_deleted();
CREATE FUNCTION resolutions_say_what_they_said() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.account_id <> OLD.account_id OR NEW.difference_id <> OLD.difference_id OR NEW.kind <> OLD.kind
    OR NEW.amount_minor <> OLD.amount_minor OR NEW.currency <> OLD.currency OR NEW.reason <> OLD.reason
    OR NEW.second_person <> OLD.second_person OR NEW.proposed_by <> OLD.proposed_by OR NEW.proposed_at <> OLD.proposed_at
    OR OLD.state IN ('rejected', 'withdrawn', 'reversed') THEN
        RAISE EXCEPTION 'an entry of the ledger does not change';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER resolutions_say_what_they_said BEFORE UPDATE ON resolutions FOR EACH ROW EXECUTE FUNCTION resolutions_say_what_they_said();

ALTER TABLE differences ADD FOREIGN KEY (resolution_id) REFERENCES resolutions (id);

-- A closed day is opened again by two people with a reason; what was signed stays readable for ever.
CREATE TABLE closed_before (
    account_id   TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    date         TEXT COLLATE "C"   NOT NULL,
    -- From 1: how many times the day had been closed.
    version      BIGINT NOT NULL,
    locked_at    BIGINT NOT NULL,
    digest       TEXT COLLATE "C"   NOT NULL,
    content      TEXT COLLATE "C"   NOT NULL,
    checks       TEXT COLLATE "C"   NOT NULL,
    maker_id     TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    checker_id   TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    reason       TEXT COLLATE "C"   NOT NULL,
    requested_by TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    requested_at BIGINT NOT NULL,
    reopened_by  TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    reopened_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, date, version),
    CHECK (reopened_by <> requested_by)
);
CREATE FUNCTION closed_before_never_changes() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'what was signed does not change';
END $$;
CREATE TRIGGER closed_before_never_changes BEFORE UPDATE ON closed_before FOR EACH ROW EXECUTE FUNCTION closed_before_never_changes();
CREATE FUNCTION closed_before_is_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'what was signed is never deleted';
END $$;
CREATE TRIGGER closed_before_is_never_deleted BEFORE DELETE ON closed_before FOR EACH ROW EXECUTE FUNCTION closed_before_is_never_deleted();
-- At most one wish to reopen a day at a time.
CREATE TABLE reopening_wishes (
    account_id   TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    date         TEXT COLLATE "C"   NOT NULL,
    reason       TEXT COLLATE "C"   NOT NULL,
    requested_by TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    requested_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, date)
);
CREATE FUNCTION locked_day_is_deleted_only_into_history() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.locked_at IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM closed_before b WHERE b.account_id = OLD.account_id AND b.date = OLD.date
      AND b.digest = OLD.digest AND b.locked_at = OLD.locked_at) THEN
        RAISE EXCEPTION 'day is locked';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER locked_day_is_deleted_only_into_history BEFORE DELETE ON day_closes FOR EACH ROW EXECUTE FUNCTION locked_day_is_deleted_only_into_history();

-- How an account's books are read. A mapping is the JSON file `zf reconcile --mapping` takes; at most one
-- of an account is in use.
CREATE TABLE book_mappings (
    account_id TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    name       TEXT COLLATE "C"   NOT NULL,
    content    TEXT COLLATE "C"   NOT NULL,
    in_use     BIGINT NOT NULL DEFAULT 0 CHECK (in_use IN (0, 1)),
    edited_by  TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    edited_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, name)
);
CREATE UNIQUE INDEX book_mappings_in_use ON book_mappings (account_id) WHERE in_use = 1;

-- Keys of encrypted books, sealed by the vault; a file names its key.
CREATE TABLE book_keys (
    name        TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    fingerprint TEXT COLLATE "C"   NOT NULL,
    sealed      BYTEA  NOT NULL,
    added_by    TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    added_at    BIGINT NOT NULL
);

-- The merchant's own databases, read and never written. The password is sealed by the vault.
CREATE TABLE book_sources (
    account_id      TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    name            TEXT COLLATE "C"   NOT NULL,
    -- JSON: engine, host, port, database, login, TLS, query, mapping.
    settings        TEXT COLLATE "C"   NOT NULL,
    sealed_password BYTEA  NOT NULL,
    edited_by       TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    edited_at       BIGINT NOT NULL,
    PRIMARY KEY (account_id, name)
);


-- The other two legs of a day: the trade bill tied to the fund flow, and the fund flow's payouts tied to
-- the bank's statement.

-- One tie a day; made anew when either bill changes.
CREATE TABLE flow_ties (
    account_id   TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    date         TEXT COLLATE "C"   NOT NULL,
    -- Of exactly the two files it compared; empty where the channel says there was no trade.
    trade_sha256 TEXT COLLATE "C"   NOT NULL,
    flow_sha256  TEXT COLLATE "C"   NOT NULL,
    currency     TEXT COLLATE "C"   NOT NULL,
    -- Vouchers that tie to the last minor unit.
    tied         BIGINT NOT NULL,
    trade_rows   BIGINT NOT NULL,
    flow_rows    BIGINT NOT NULL,
    -- JSON: the running balance, and the way from trades to movements.
    outcome      TEXT COLLATE "C"   NOT NULL,
    -- Absent when the program made it by itself after a bill came in.
    tied_by      TEXT COLLATE "C" REFERENCES users (id),
    tied_at      BIGINT NOT NULL,
    PRIMARY KEY (account_id, date)
);
CREATE TABLE flow_findings (
    account_id     TEXT COLLATE "C"   NOT NULL,
    date           TEXT COLLATE "C"   NOT NULL,
    position       BIGINT NOT NULL,
    code           TEXT COLLATE "C"   NOT NULL
        CHECK (code IN ('not_booked', 'booked_otherwise', 'refund_closed', 'not_traded', 'other_entry')),
    business_no    TEXT COLLATE "C"   NOT NULL,
    expected_minor BIGINT NOT NULL,
    booked_minor   BIGINT NOT NULL,
    trade_line     BIGINT,
    -- Comma-separated lines of the fund-flow bill.
    flow_lines     TEXT COLLATE "C"   NOT NULL,
    -- The channel's own word for the movement, and its remark.
    word           TEXT COLLATE "C"   NOT NULL,
    remark         TEXT COLLATE "C"   NOT NULL,
    -- The refund that came back, in an earlier trade bill.
    earlier_day    TEXT COLLATE "C",
    earlier_line   BIGINT,
    PRIMARY KEY (account_id, date, position),
    FOREIGN KEY (account_id, date) REFERENCES flow_ties (account_id, date)
);
-- What people say a movement or a finding is. Never deleted, only taken back.
CREATE TABLE flow_names (
    id             TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    account_id     TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    date           TEXT COLLATE "C"   NOT NULL,
    code           TEXT COLLATE "C"   NOT NULL,
    business_no    TEXT COLLATE "C"   NOT NULL,
    expected_minor BIGINT NOT NULL,
    booked_minor   BIGINT NOT NULL,
    flow_line      BIGINT NOT NULL,
    name           TEXT COLLATE "C"   NOT NULL
        CHECK (name IN ('withdrawal', 'top_up', 'service_fee', 'adjustment', 'explained')),
    reason         TEXT COLLATE "C"   NOT NULL,
    named_by       TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    named_at       BIGINT NOT NULL,
    undone_by      TEXT COLLATE "C" REFERENCES users (id),
    undone_at      BIGINT,
    undone_reason  TEXT COLLATE "C"
);
CREATE UNIQUE INDEX flow_named_once ON flow_names (account_id, date, code, business_no, booked_minor, flow_line)
    WHERE undone_at IS NULL;
CREATE FUNCTION flow_names_are_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'names are never deleted, only taken back';
END $$;
CREATE TRIGGER flow_names_are_never_deleted BEFORE DELETE ON flow_names FOR EACH ROW EXECUTE FUNCTION flow_names_are_never_deleted();
CREATE FUNCTION flow_names_say_what_they_said() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR NEW.name <> OLD.name OR NEW.reason <> OLD.reason
    OR NEW.named_by <> OLD.named_by OR NEW.named_at <> OLD.named_at OR NEW.business_no <> OLD.business_no
    OR NEW.date <> OLD.date OR NEW.account_id <> OLD.account_id OR NEW.booked_minor <> OLD.booked_minor THEN
        RAISE EXCEPTION 'a name does not change, it is only taken back';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER flow_names_say_what_they_said BEFORE UPDATE ON flow_names FOR EACH ROW EXECUTE FUNCTION flow_names_say_what_they_said();

-- A locked day does not move.
CREATE FUNCTION locked_day_keeps_its_tie() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = OLD.account_id AND c.date = OLD.date AND c.locked_at IS NOT NULL) THEN
        RAISE EXCEPTION 'day is locked';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER locked_day_keeps_its_tie BEFORE UPDATE ON flow_ties FOR EACH ROW EXECUTE FUNCTION locked_day_keeps_its_tie();
CREATE FUNCTION locked_day_keeps_its_tie_whole() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = OLD.account_id AND c.date = OLD.date AND c.locked_at IS NOT NULL) THEN
        RAISE EXCEPTION 'day is locked';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER locked_day_keeps_its_tie_whole BEFORE DELETE ON flow_ties FOR EACH ROW EXECUTE FUNCTION locked_day_keeps_its_tie_whole();
CREATE FUNCTION locked_day_keeps_its_findings() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = OLD.account_id AND c.date = OLD.date AND c.locked_at IS NOT NULL) THEN
        RAISE EXCEPTION 'day is locked';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER locked_day_keeps_its_findings BEFORE DELETE ON flow_findings FOR EACH ROW EXECUTE FUNCTION locked_day_keeps_its_findings();
CREATE FUNCTION locked_day_takes_no_findings() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = NEW.account_id AND c.date = NEW.date AND c.locked_at IS NOT NULL) THEN
        RAISE EXCEPTION 'day is locked';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER locked_day_takes_no_findings BEFORE INSERT ON flow_findings FOR EACH ROW EXECUTE FUNCTION locked_day_takes_no_findings();
CREATE FUNCTION locked_day_takes_no_names() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = NEW.account_id AND c.date = NEW.date AND c.locked_at IS NOT NULL) THEN
        RAISE EXCEPTION 'day is locked';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER locked_day_takes_no_names BEFORE INSERT ON flow_names FOR EACH ROW EXECUTE FUNCTION locked_day_takes_no_names();
CREATE FUNCTION locked_day_keeps_its_names() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM day_closes c WHERE c.account_id = OLD.account_id AND c.date = OLD.date AND c.locked_at IS NOT NULL) THEN
        RAISE EXCEPTION 'day is locked';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER locked_day_keeps_its_names BEFORE UPDATE ON flow_names FOR EACH ROW EXECUTE FUNCTION locked_day_keeps_its_names();

-- Imported bank statements; the bytes lie in the archive under their digest.
CREATE TABLE bank_statements (
    id           TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    account_id   TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    file_name    TEXT COLLATE "C"   NOT NULL,
    path         TEXT COLLATE "C"   NOT NULL,
    sha256       TEXT COLLATE "C"   NOT NULL,
    currency     TEXT COLLATE "C"   NOT NULL,
    encoding     TEXT COLLATE "C"   NOT NULL,
    -- JSON: what was read out of which column.
    columns      TEXT COLLATE "C"   NOT NULL,
    row_count    BIGINT NOT NULL,
    -- JSON: rows that could not be read.
    faults       TEXT COLLATE "C"   NOT NULL,
    fault_count  BIGINT NOT NULL,
    first_day    TEXT COLLATE "C"   NOT NULL,
    last_day     TEXT COLLATE "C"   NOT NULL,
    imported_by  TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    imported_at  BIGINT NOT NULL,
    withdrawn_by TEXT COLLATE "C" REFERENCES users (id),
    withdrawn_at BIGINT,
    withdrawn_reason TEXT COLLATE "C"
);
CREATE UNIQUE INDEX bank_statement_stands_once ON bank_statements (account_id, sha256) WHERE withdrawn_at IS NULL;
CREATE TABLE bank_lines (
    statement_id  TEXT COLLATE "C"   NOT NULL REFERENCES bank_statements (id),
    line_no       BIGINT NOT NULL,
    account_id    TEXT COLLATE "C"   NOT NULL,
    day           TEXT COLLATE "C"   NOT NULL,
    -- Positive came in, negative went out.
    minor         BIGINT NOT NULL,
    balance_minor BIGINT,
    serial_no     TEXT COLLATE "C"   NOT NULL,
    text          TEXT COLLATE "C"   NOT NULL,
    counterparty  TEXT COLLATE "C"   NOT NULL,
    PRIMARY KEY (statement_id, line_no)
);
CREATE INDEX bank_lines_by_day ON bank_lines (account_id, day);

-- A person's choice where the program must not choose: these lines are these payouts.
CREATE TABLE bank_confirmations (
    id            TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    account_id    TEXT COLLATE "C"   NOT NULL REFERENCES accounts (id),
    -- JSON: [statement, line] pairs, and the payouts' numbers (day/number).
    lines         TEXT COLLATE "C"   NOT NULL,
    payouts       TEXT COLLATE "C"   NOT NULL,
    currency      TEXT COLLATE "C"   NOT NULL,
    amount_minor  BIGINT NOT NULL,
    reason        TEXT COLLATE "C"   NOT NULL,
    confirmed_by  TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    confirmed_at  BIGINT NOT NULL,
    undone_by     TEXT COLLATE "C" REFERENCES users (id),
    undone_at     BIGINT,
    undone_reason TEXT COLLATE "C"
);
CREATE INDEX bank_confirmations_by_account ON bank_confirmations (account_id, undone_at);
CREATE FUNCTION bank_confirmations_are_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'confirmations are never deleted, only taken back';
END $$;
CREATE TRIGGER bank_confirmations_are_never_deleted BEFORE DELETE ON bank_confirmations FOR EACH ROW EXECUTE FUNCTION bank_confirmations_are_never_deleted();
CREATE FUNCTION bank_confirmations_say_what_they_said() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL OR NEW.lines <> OLD.lines OR NEW.payouts <> OLD.payouts
    OR NEW.amount_minor <> OLD.amount_minor OR NEW.reason <> OLD.reason OR NEW.confirmed_by <> OLD.confirmed_by THEN
        RAISE EXCEPTION 'a confirmation does not change, it is only taken back';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER bank_confirmations_say_what_they_said BEFORE UPDATE ON bank_confirmations FOR EACH ROW EXECUTE FUNCTION bank_confirmations_say_what_they_said();

-- What the desk does about the other two legs, every version of it; the newest stands.
CREATE TABLE three_way_rules (
    version   BIGINT NOT NULL PRIMARY KEY,
    -- Canonical JSON.
    content   TEXT COLLATE "C"   NOT NULL,
    digest    TEXT COLLATE "C"   NOT NULL,
    editor_id TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    note      TEXT COLLATE "C"   NOT NULL,
    at        BIGINT NOT NULL
);
CREATE FUNCTION three_way_rules_never_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'rules are never changed, only followed by new ones';
END $$;
CREATE TRIGGER three_way_rules_never_change BEFORE UPDATE ON three_way_rules FOR EACH ROW EXECUTE FUNCTION three_way_rules_never_change();
CREATE FUNCTION three_way_rules_are_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'rules are never deleted';
END $$;
CREATE TRIGGER three_way_rules_are_never_deleted BEFORE DELETE ON three_way_rules FOR EACH ROW EXECUTE FUNCTION three_way_rules_are_never_deleted();

-- Rules of reconciliation: every version of them, who proposed it and which other person let it take
-- effect; what a run was judged by; what proposed rules would have done to days already reconciled;
-- and the carry-over pool with the day each row is expected by.

CREATE TABLE rule_sets (
    id            TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    -- What it will be, or is, called; 1 is built in and has no row.
    version       BIGINT NOT NULL CHECK (version > 1),
    -- The version its author had before them.
    based_on      BIGINT NOT NULL,
    state         TEXT COLLATE "C"   NOT NULL CHECK (state IN ('proposed', 'in_effect', 'rejected', 'withdrawn')),
    -- The rule file, canonical, and its SM3.
    content       TEXT COLLATE "C"   NOT NULL,
    digest        TEXT COLLATE "C"   NOT NULL,
    reason        TEXT COLLATE "C"   NOT NULL,
    proposed_by   TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    proposed_at   BIGINT NOT NULL,
    decided_by    TEXT COLLATE "C" REFERENCES users (id),
    decided_at    BIGINT,
    decision_note TEXT COLLATE "C",
    -- The back-test the second person had before them, if there was one.
    back_test_digest TEXT COLLATE "C",
    -- Nobody decides about rules of their own.
    CHECK (state IN ('proposed', 'withdrawn') OR (decided_by IS NOT NULL AND decided_at IS NOT NULL AND decided_by <> proposed_by))
);
CREATE UNIQUE INDEX rule_sets_in_effect ON rule_sets (version) WHERE state = 'in_effect';
CREATE INDEX rule_sets_by_time ON rule_sets (proposed_at);
CREATE FUNCTION rule_sets_begin_proposed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.state <> 'proposed' THEN
        RAISE EXCEPTION 'rules take effect by a second person only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_sets_begin_proposed BEFORE INSERT ON rule_sets FOR EACH ROW EXECUTE FUNCTION rule_sets_begin_proposed();
CREATE FUNCTION rule_sets_say_what_they_said() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.version <> OLD.version OR NEW.based_on <> OLD.based_on OR NEW.content <> OLD.content OR NEW.digest <> OLD.digest
    OR NEW.reason <> OLD.reason OR NEW.proposed_by <> OLD.proposed_by OR NEW.proposed_at <> OLD.proposed_at
    OR OLD.state <> 'proposed' THEN
        RAISE EXCEPTION 'rules are never changed, only followed by new ones';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rule_sets_say_what_they_said BEFORE UPDATE ON rule_sets FOR EACH ROW EXECUTE FUNCTION rule_sets_say_what_they_said();
CREATE FUNCTION rule_sets_are_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'rules are never deleted';
END $$;
CREATE TRIGGER rule_sets_are_never_deleted BEFORE DELETE ON rule_sets FOR EACH ROW EXECUTE FUNCTION rule_sets_are_never_deleted();

-- By which rules a run was made, and what they let pass.
CREATE TABLE run_terms (
    run_id        TEXT COLLATE "C"   NOT NULL PRIMARY KEY REFERENCES recon_runs (id),
    account_id    TEXT COLLATE "C"   NOT NULL,
    channel       TEXT COLLATE "C"   NOT NULL,
    date          TEXT COLLATE "C"   NOT NULL,
    rules_version BIGINT NOT NULL,
    rules_digest  TEXT COLLATE "C"   NOT NULL,
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
    owner         TEXT COLLATE "C"   NOT NULL,
    reason        TEXT COLLATE "C"   NOT NULL,
    CHECK (spent_minor IN (0, tolerated_minor))
);
CREATE INDEX run_terms_by_month ON run_terms (channel, date);
CREATE FUNCTION run_terms_never_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'what a run was judged by does not change';
END $$;
CREATE TRIGGER run_terms_never_change BEFORE UPDATE ON run_terms FOR EACH ROW EXECUTE FUNCTION run_terms_never_change();

-- What only some differences have: a fee and what the contract says, and the day until which the
-- other side may still come.
CREATE TABLE difference_terms (
    difference_id TEXT COLLATE "C"   NOT NULL PRIMARY KEY REFERENCES differences (id),
    charged_minor BIGINT,
    agreed_minor  BIGINT,
    -- The row alone is within the tolerance, and the budget was spent.
    over_budget   BIGINT NOT NULL DEFAULT 0,
    expected_date TEXT COLLATE "C",
    -- Its other side is likely to come with the bill of that day.
    likely        BIGINT NOT NULL DEFAULT 0
);
CREATE FUNCTION difference_terms_never_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'what a run found does not change';
END $$;
CREATE TRIGGER difference_terms_never_change BEFORE UPDATE ON difference_terms FOR EACH ROW EXECUTE FUNCTION difference_terms_never_change();

-- Rows that were not final when their day was reconciled and had no partner: no differences.
CREATE TABLE carried_rows (
    run_id        TEXT COLLATE "C"   NOT NULL REFERENCES recon_runs (id),
    position      BIGINT NOT NULL,
    account_id    TEXT COLLATE "C"   NOT NULL,
    date          TEXT COLLATE "C"   NOT NULL,
    side          TEXT COLLATE "C"   NOT NULL CHECK (side IN ('channel', 'ledger')),
    kind          TEXT COLLATE "C"   NOT NULL,
    number        TEXT COLLATE "C"   NOT NULL,
    line_no       BIGINT NOT NULL,
    currency      TEXT COLLATE "C"   NOT NULL,
    amount_minor  BIGINT NOT NULL,
    at            BIGINT NOT NULL,
    expected_date TEXT COLLATE "C"   NOT NULL,
    likely        BIGINT NOT NULL,
    -- The other side came with this line of this day's file.
    cleared_date  TEXT COLLATE "C",
    cleared_line  BIGINT,
    PRIMARY KEY (run_id, position)
);
CREATE FUNCTION carried_rows_keep_what_they_are() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'what a run found does not change';
END $$;
CREATE TRIGGER carried_rows_keep_what_they_are BEFORE UPDATE OF
    run_id, position, account_id, date, side, kind, number, line_no, currency, amount_minor, at, expected_date, likely ON carried_rows FOR EACH ROW EXECUTE FUNCTION carried_rows_keep_what_they_are();

-- What was expected of a day's bill before it was reconciled for the first time.
CREATE TABLE forecasts (
    account_id   TEXT COLLATE "C"   NOT NULL,
    date         TEXT COLLATE "C"   NOT NULL,
    expected     BIGINT NOT NULL,
    cleared      BIGINT NOT NULL,
    PRIMARY KEY (account_id, date)
);

CREATE TABLE back_tests (
    id          TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    rule_set_id TEXT COLLATE "C"   NOT NULL REFERENCES rule_sets (id),
    -- The tested rules and the ones that stood.
    rules_digest TEXT COLLATE "C"  NOT NULL,
    against_version BIGINT NOT NULL,
    account_id  TEXT COLLATE "C"   NOT NULL,
    first_date  TEXT COLLATE "C"   NOT NULL,
    last_date   TEXT COLLATE "C"   NOT NULL,
    -- JSON: days and codes with what changes.
    report      TEXT COLLATE "C"   NOT NULL,
    hidden      BIGINT NOT NULL,
    raised      BIGINT NOT NULL,
    -- SM3 over the report and every item.
    digest      TEXT COLLATE "C"   NOT NULL,
    run_by      TEXT COLLATE "C"   NOT NULL REFERENCES users (id),
    at          BIGINT NOT NULL
);
CREATE INDEX back_tests_by_rules ON back_tests (rule_set_id, at);
CREATE TABLE back_test_items (
    test_id     TEXT COLLATE "C"   NOT NULL REFERENCES back_tests (id),
    position    BIGINT NOT NULL,
    -- Hidden: the rules that stand find it and the tested ones do not; raised: the other way.
    change      TEXT COLLATE "C"   NOT NULL CHECK (change IN ('hidden', 'raised')),
    date        TEXT COLLATE "C"   NOT NULL,
    code        TEXT COLLATE "C"   NOT NULL,
    kind        TEXT COLLATE "C"   NOT NULL,
    number      TEXT COLLATE "C"   NOT NULL,
    currency    TEXT COLLATE "C"   NOT NULL,
    channel_minor BIGINT,
    ledger_minor BIGINT,
    channel_line BIGINT,
    ledger_line BIGINT,
    charged_minor BIGINT,
    agreed_minor BIGINT,
    PRIMARY KEY (test_id, position)
);
CREATE FUNCTION back_tests_never_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'a back-test does not change';
END $$;
CREATE TRIGGER back_tests_never_change BEFORE UPDATE ON back_tests FOR EACH ROW EXECUTE FUNCTION back_tests_never_change();


-- Lists, counts and look-ups over runs of millions of lines.

-- The pool and its export walk an account's days in order.
CREATE INDEX differences_by_day ON differences (account_id, date, position);
-- A list of one code, or of one standing, in the run's order; their counts come from the index alone.
CREATE INDEX differences_by_code ON differences (run_id, code, position);
CREATE INDEX differences_by_disposition ON differences (run_id, disposition, code, position);
-- A whole number within a run.
CREATE INDEX differences_by_run_number ON differences (run_id, number);
-- The largest gap first, one currency after the other.
CREATE INDEX differences_by_size ON differences (run_id, currency, (-ABS(gap_minor)), position);
-- The ledger's newest first.
CREATE INDEX resolutions_by_time ON resolutions (account_id, proposed_at, id);
-- Any number of the channel leads to its line.
CREATE INDEX bill_lines_by_payment ON bill_lines (account_id, payment_id);
CREATE INDEX bill_lines_by_channel_refund ON bill_lines (account_id, refund_id) WHERE refund_id IS NOT NULL;
CREATE INDEX book_entries_by_refund ON book_entries (account_id, refund_no) WHERE refund_no IS NOT NULL;

-- Every counter of the pool comes from this one alone, in its order.
CREATE INDEX differences_unsettled ON differences
    (run_id, disposition, currency, due_date, expected_date, likely, gap_minor)
    WHERE disposition IN ('open', 'suspended', 'pending');
-- The list, the oldest first; which rows a standing has is told by the index.
CREATE INDEX differences_pool ON differences (account_id, date, position, run_id, disposition, due_date, expected_date)
    WHERE disposition IN ('open', 'suspended', 'pending');
-- The list, the largest gap first.
CREATE INDEX differences_pool_by_size ON differences
    (account_id, currency, (-ABS(gap_minor)), date, position, run_id, disposition, due_date, expected_date)
    WHERE disposition IN ('open', 'suspended', 'pending');

-- What waits of the carried rows, counted; and their list by day and place.
CREATE INDEX carried_rows_waiting ON carried_rows
    (account_id, date, run_id, currency, expected_date, kind, side, likely, amount_minor)
    WHERE cleared_date IS NULL;
CREATE INDEX carried_rows_by_place ON carried_rows (account_id, date, position);

-- What people asked for, approved and signed stays where it is: a row that could be taken away or signed
-- over would let one person stand for two.
CREATE UNIQUE INDEX close_signatures_by_person ON close_signatures (account_id, date, user_id);
CREATE FUNCTION close_signatures_never_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'signatures are never changed';
END $$;
CREATE TRIGGER close_signatures_never_change BEFORE UPDATE ON close_signatures FOR EACH ROW EXECUTE FUNCTION close_signatures_never_change();
CREATE FUNCTION approvals_are_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'approvals are never deleted';
END $$;
CREATE TRIGGER approvals_are_never_deleted BEFORE DELETE ON approvals FOR EACH ROW EXECUTE FUNCTION approvals_are_never_deleted();
CREATE FUNCTION refund_versions_are_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'versions are never deleted';
END $$;
CREATE TRIGGER refund_versions_are_never_deleted BEFORE DELETE ON refund_versions FOR EACH ROW EXECUTE FUNCTION refund_versions_are_never_deleted();
CREATE FUNCTION refund_attempts_are_never_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'attempts are never deleted';
END $$;
CREATE TRIGGER refund_attempts_are_never_deleted BEFORE DELETE ON refund_attempts FOR EACH ROW EXECUTE FUNCTION refund_attempts_are_never_deleted();
