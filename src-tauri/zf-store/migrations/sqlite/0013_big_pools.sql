-- The pool over days of millions of lines: its lists and counters read indexes of what is unsettled.

-- Until when the other side may come, and whether it is likely to, beside the difference itself: what
-- waits and what is broken is told apart without a look into a second table. The terms say it; this
-- repeats them.
ALTER TABLE differences ADD COLUMN expected_date TEXT;
ALTER TABLE differences ADD COLUMN likely BIGINT NOT NULL DEFAULT 0;
UPDATE differences
SET expected_date = (SELECT t.expected_date FROM difference_terms t WHERE t.difference_id = differences.id),
    likely = (SELECT t.likely FROM difference_terms t WHERE t.difference_id = differences.id)
WHERE id IN (SELECT t.difference_id FROM difference_terms t WHERE t.expected_date IS NOT NULL);

-- Every counter of the pool comes from this one alone, in its order.
CREATE INDEX differences_unsettled ON differences
    (run_id, disposition, currency, due_date, expected_date, likely, gap_minor)
    WHERE disposition IN ('open', 'suspended', 'pending');
-- It takes the place of:
DROP INDEX differences_by_standing;
-- The list, the oldest first; which rows a standing has is told by the index.
CREATE INDEX differences_pool ON differences (account_id, date, position, run_id, disposition, due_date, expected_date)
    WHERE disposition IN ('open', 'suspended', 'pending');
-- The list, the largest gap first.
CREATE INDEX differences_pool_by_size ON differences
    (account_id, currency, -ABS(gap_minor), date, position, run_id, disposition, due_date, expected_date)
    WHERE disposition IN ('open', 'suspended', 'pending');

-- What waits of the carried rows, counted; and their list by day and place.
CREATE INDEX carried_rows_waiting ON carried_rows
    (account_id, date, run_id, currency, expected_date, kind, side, likely, amount_minor)
    WHERE cleared_date IS NULL;
CREATE INDEX carried_rows_by_place ON carried_rows (account_id, date, position);
DROP INDEX carried_rows_by_account;
