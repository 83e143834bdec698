-- What the desk page reads on every visit.

-- Collected and refunded by day, one range a day, from the index alone.
CREATE INDEX orders_by_currency_time ON orders (currency, created_at, paid_minor, refunded_minor);
-- The pool of unsettled differences.
CREATE INDEX differences_by_standing ON differences (disposition, account_id, date, due_date, run_id);
CREATE INDEX recon_runs_by_date ON recon_runs (date, account_id, number);
