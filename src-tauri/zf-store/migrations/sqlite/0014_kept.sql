-- What people asked for, approved and signed stays where it is: a row that could be taken away or signed
-- over would let one person stand for two.
CREATE UNIQUE INDEX close_signatures_by_person ON close_signatures (account_id, date, user_id);
CREATE TRIGGER close_signatures_never_change BEFORE UPDATE ON close_signatures
BEGIN SELECT RAISE(ABORT, 'signatures are never changed'); END;
CREATE TRIGGER approvals_are_never_deleted BEFORE DELETE ON approvals
BEGIN SELECT RAISE(ABORT, 'approvals are never deleted'); END;
CREATE TRIGGER refund_versions_are_never_deleted BEFORE DELETE ON refund_versions
BEGIN SELECT RAISE(ABORT, 'versions are never deleted'); END;
CREATE TRIGGER refund_attempts_are_never_deleted BEFORE DELETE ON refund_attempts
BEGIN SELECT RAISE(ABORT, 'attempts are never deleted'); END;
