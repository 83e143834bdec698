-- Lists, counts and look-ups over runs of millions of lines.

-- The pool and its export walk an account's days in order.
CREATE INDEX differences_by_day ON differences (account_id, date, position);
-- A list of one code, or of one standing, in the run's order; their counts come from the index alone.
CREATE INDEX differences_by_code ON differences (run_id, code, position);
CREATE INDEX differences_by_disposition ON differences (run_id, disposition, code, position);
-- A whole number within a run.
CREATE INDEX differences_by_run_number ON differences (run_id, number);
-- The largest gap first, one currency after the other.
CREATE INDEX differences_by_size ON differences (run_id, currency, -ABS(gap_minor), position);
-- The ledger's newest first.
CREATE INDEX resolutions_by_time ON resolutions (account_id, proposed_at, id);
-- Any number of the channel leads to its line.
CREATE INDEX bill_lines_by_payment ON bill_lines (account_id, payment_id);
CREATE INDEX bill_lines_by_channel_refund ON bill_lines (account_id, refund_id) WHERE refund_id IS NOT NULL;
CREATE INDEX book_entries_by_refund ON book_entries (account_id, refund_no) WHERE refund_no IS NOT NULL;
