-- Orders by the million: what a search, a jump to a row and a total read instead of the orders.

-- Counts and sums of one day of orders (Beijing day of created_at, days since 1970), kept by the
-- triggers below in the transaction of the change itself: always exact. `word` is the order's
-- reconciliation: matched, a difference code, waiting (paid, its day not reconciled) or none.
CREATE TABLE order_days (
    day             BIGINT NOT NULL,
    account_id      TEXT   NOT NULL,
    state           TEXT   NOT NULL,
    word            TEXT   NOT NULL,
    currency        TEXT   NOT NULL,
    orders          BIGINT NOT NULL,
    paid_orders     BIGINT NOT NULL,
    paid_minor      BIGINT NOT NULL,
    refunded_orders BIGINT NOT NULL,
    refunded_minor  BIGINT NOT NULL,
    PRIMARY KEY (day, account_id, state, word, currency)
);
INSERT INTO order_days
SELECT (created_at + 28800000) / 86400000, account_id, state,
       COALESCE(reconciliation, CASE payment_state WHEN 'paid' THEN 'waiting' ELSE 'none' END), currency,
       COUNT(*), SUM(paid_minor > 0), SUM(paid_minor), SUM(refunded_minor > 0), SUM(refunded_minor)
FROM orders GROUP BY 1, 2, 3, 4, 5;

CREATE TRIGGER order_days_of_a_new_order AFTER INSERT ON orders
BEGIN
    INSERT INTO order_days VALUES ((NEW.created_at + 28800000) / 86400000, NEW.account_id, NEW.state,
        COALESCE(NEW.reconciliation, CASE NEW.payment_state WHEN 'paid' THEN 'waiting' ELSE 'none' END), NEW.currency,
        1, NEW.paid_minor > 0, NEW.paid_minor, NEW.refunded_minor > 0, NEW.refunded_minor)
    ON CONFLICT (day, account_id, state, word, currency) DO UPDATE SET orders = orders + 1,
        paid_orders = paid_orders + excluded.paid_orders, paid_minor = paid_minor + excluded.paid_minor,
        refunded_orders = refunded_orders + excluded.refunded_orders,
        refunded_minor = refunded_minor + excluded.refunded_minor;
END;
CREATE TRIGGER order_days_of_a_changed_order AFTER UPDATE ON orders
WHEN OLD.created_at <> NEW.created_at OR OLD.state <> NEW.state OR OLD.payment_state <> NEW.payment_state
    OR OLD.reconciliation IS NOT NEW.reconciliation OR OLD.currency <> NEW.currency
    OR OLD.paid_minor <> NEW.paid_minor OR OLD.refunded_minor <> NEW.refunded_minor OR OLD.account_id <> NEW.account_id
BEGIN
    UPDATE order_days SET orders = orders - 1, paid_orders = paid_orders - (OLD.paid_minor > 0),
        paid_minor = paid_minor - OLD.paid_minor, refunded_orders = refunded_orders - (OLD.refunded_minor > 0),
        refunded_minor = refunded_minor - OLD.refunded_minor
    WHERE day = (OLD.created_at + 28800000) / 86400000 AND account_id = OLD.account_id AND state = OLD.state
      AND word = COALESCE(OLD.reconciliation, CASE OLD.payment_state WHEN 'paid' THEN 'waiting' ELSE 'none' END)
      AND currency = OLD.currency;
    INSERT INTO order_days VALUES ((NEW.created_at + 28800000) / 86400000, NEW.account_id, NEW.state,
        COALESCE(NEW.reconciliation, CASE NEW.payment_state WHEN 'paid' THEN 'waiting' ELSE 'none' END), NEW.currency,
        1, NEW.paid_minor > 0, NEW.paid_minor, NEW.refunded_minor > 0, NEW.refunded_minor)
    ON CONFLICT (day, account_id, state, word, currency) DO UPDATE SET orders = orders + 1,
        paid_orders = paid_orders + excluded.paid_orders, paid_minor = paid_minor + excluded.paid_minor,
        refunded_orders = refunded_orders + excluded.refunded_orders,
        refunded_minor = refunded_minor + excluded.refunded_minor;
END;
CREATE TRIGGER order_days_of_a_deleted_order AFTER DELETE ON orders
BEGIN
    UPDATE order_days SET orders = orders - 1, paid_orders = paid_orders - (OLD.paid_minor > 0),
        paid_minor = paid_minor - OLD.paid_minor, refunded_orders = refunded_orders - (OLD.refunded_minor > 0),
        refunded_minor = refunded_minor - OLD.refunded_minor
    WHERE day = (OLD.created_at + 28800000) / 86400000 AND account_id = OLD.account_id AND state = OLD.state
      AND word = COALESCE(OLD.reconciliation, CASE OLD.payment_state WHEN 'paid' THEN 'waiting' ELSE 'none' END)
      AND currency = OLD.currency;
END;

-- What a fragment may be found in. On PostgreSQL: the same table, with a GIN index of pg_trgm
-- operators in place of the FTS5 table. `seq` stands for a row in the fragment index and never moves.
CREATE TABLE order_words (
    seq      INTEGER PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE REFERENCES orders (id),
    -- Order number, payment number, goods and the payer's last eight characters.
    base     TEXT NOT NULL,
    -- Numbers that came later: refunds, the channel's refunds, receipts.
    later    TEXT NOT NULL DEFAULT ''
);
-- No positions are kept: candidates are looked up by their three-character pieces and then compared.
CREATE VIRTUAL TABLE order_fragments USING fts5 (
    base, later, content = 'order_words', content_rowid = 'seq', tokenize = 'trigram', detail = 'none', columnsize = 0
);
INSERT INTO order_words (order_id, base, later)
SELECT o.id, o.order_no || char(10) || COALESCE(o.payment_id, '') || char(10) || COALESCE(o.goods, '') || char(10)
           || COALESCE(substr(o.payer, -8), ''),
       COALESCE((SELECT group_concat(r.refund_no || char(10) || COALESCE(r.channel_refund_id, ''), char(10))
                 FROM refunds r WHERE r.order_id = o.id), '')
           || COALESCE((SELECT char(10) || p.serial_no FROM receipts p WHERE p.order_id = o.id), '')
FROM orders o ORDER BY o.created_at, o.id;
INSERT INTO order_fragments (order_fragments) VALUES ('rebuild');

CREATE TRIGGER order_words_added AFTER INSERT ON order_words
BEGIN
    INSERT INTO order_fragments (rowid, base, later) VALUES (NEW.seq, NEW.base, NEW.later);
END;
CREATE TRIGGER order_words_changed AFTER UPDATE ON order_words
WHEN OLD.base <> NEW.base OR OLD.later <> NEW.later
BEGIN
    INSERT INTO order_fragments (order_fragments, rowid, base, later) VALUES ('delete', OLD.seq, OLD.base, OLD.later);
    INSERT INTO order_fragments (rowid, base, later) VALUES (NEW.seq, NEW.base, NEW.later);
END;
CREATE TRIGGER order_words_removed AFTER DELETE ON order_words
BEGIN
    INSERT INTO order_fragments (order_fragments, rowid, base, later) VALUES ('delete', OLD.seq, OLD.base, OLD.later);
END;
CREATE TRIGGER order_words_of_a_new_order AFTER INSERT ON orders
BEGIN
    INSERT INTO order_words (order_id, base) VALUES (NEW.id,
        NEW.order_no || char(10) || COALESCE(NEW.payment_id, '') || char(10) || COALESCE(NEW.goods, '') || char(10)
            || COALESCE(substr(NEW.payer, -8), ''));
END;
CREATE TRIGGER order_words_of_a_changed_order AFTER UPDATE ON orders
WHEN OLD.order_no <> NEW.order_no OR OLD.payment_id IS NOT NEW.payment_id OR OLD.goods IS NOT NEW.goods
    OR OLD.payer IS NOT NEW.payer
BEGIN
    UPDATE order_words SET base =
        NEW.order_no || char(10) || COALESCE(NEW.payment_id, '') || char(10) || COALESCE(NEW.goods, '') || char(10)
            || COALESCE(substr(NEW.payer, -8), '')
    WHERE order_id = NEW.id;
END;
CREATE TRIGGER order_words_of_a_new_refund AFTER INSERT ON refunds
BEGIN
    UPDATE order_words SET later = later || char(10) || NEW.refund_no || char(10) || COALESCE(NEW.channel_refund_id, '')
    WHERE order_id = NEW.order_id;
END;
CREATE TRIGGER order_words_of_a_numbered_refund AFTER UPDATE ON refunds
WHEN OLD.channel_refund_id IS NOT NEW.channel_refund_id
BEGIN
    UPDATE order_words SET later = later || char(10) || COALESCE(NEW.channel_refund_id, '')
    WHERE order_id = NEW.order_id;
END;
CREATE TRIGGER order_words_of_a_receipt AFTER INSERT ON receipts
BEGIN
    UPDATE order_words SET later = later || char(10) || NEW.serial_no WHERE order_id = NEW.order_id;
END;

-- Walks in time and in amount read these alone, filters included.
DROP INDEX orders_by_time;
DROP INDEX orders_by_state;
DROP INDEX orders_by_sums;
CREATE INDEX orders_by_time ON orders (created_at, id, account_id, state, reconciliation, payment_state, amount_minor);
CREATE INDEX orders_by_state ON orders (state, created_at, id);
CREATE INDEX orders_by_reconciliation ON orders (reconciliation, payment_state, created_at, id);
CREATE INDEX orders_by_amount ON orders (currency, amount_minor, created_at, id, account_id, state, reconciliation,
    payment_state, paid_minor, refunded_minor);
CREATE INDEX refunds_by_amount ON refunds (amount_minor);
CREATE INDEX fund_lines_by_flow ON fund_lines (flow_no);
CREATE INDEX audit_by_object_id ON audit (object_id);
