-- Rules of the refund desk and the schedules, every version of them: the newest of a kind stands.
CREATE TABLE house_rules (
    kind      TEXT   NOT NULL CHECK (kind IN ('refund', 'schedule')),
    version   BIGINT NOT NULL,
    -- Canonical JSON of every setting of the kind.
    content   TEXT   NOT NULL,
    digest    TEXT   NOT NULL,
    editor_id TEXT   NOT NULL REFERENCES users (id),
    note      TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (kind, version)
);
CREATE TRIGGER house_rules_never_change BEFORE UPDATE ON house_rules
BEGIN SELECT RAISE(ABORT, 'rules are never changed, only followed by new ones'); END;
CREATE TRIGGER house_rules_are_never_deleted BEFORE DELETE ON house_rules
BEGIN SELECT RAISE(ABORT, 'rules are never deleted'); END;

-- The path a request was asked under: rules that change later do not touch it.
ALTER TABLE refunds ADD COLUMN checkers_required BIGINT NOT NULL DEFAULT 1;
ALTER TABLE refunds ADD COLUMN approval_hours BIGINT NOT NULL DEFAULT 48;
ALTER TABLE refunds ADD COLUMN cooling_off_seconds BIGINT NOT NULL DEFAULT 0;
-- When a draft was last kept, for a form that was closed before it was sent.
ALTER TABLE refunds ADD COLUMN draft_at BIGINT;
CREATE INDEX refunds_by_maker ON refunds (maker_id, requested_at);

-- As many different people as the path says approved what stands, before it leaves for the channel.
DROP TRIGGER refunds_are_sent_approved;
CREATE TRIGGER refunds_are_sent_approved BEFORE UPDATE ON refunds
WHEN NEW.origin = 'desk' AND NEW.state <> OLD.state
    AND OLD.state IN ('draft', 'awaiting_approval', 'approval_voided', 'cooling_off')
    AND NEW.state NOT IN ('draft', 'awaiting_approval', 'approval_voided', 'cooling_off', 'rejected', 'approval_expired')
    AND NEW.checkers_required > (
        SELECT COUNT(*) FROM approvals a WHERE a.refund_id = NEW.id AND a.version = NEW.version
          AND a.digest = NEW.digest AND a.approved = 1 AND a.stands = 1)
BEGIN SELECT RAISE(ABORT, 'not approved'); END;
CREATE TRIGGER refunds_keep_their_path BEFORE UPDATE ON refunds
WHEN (OLD.origin = 'desk' AND OLD.state NOT IN ('draft', 'awaiting_approval', 'approval_voided')
        AND (NEW.checkers_required <> OLD.checkers_required OR NEW.cooling_off_seconds <> OLD.cooling_off_seconds))
    OR NEW.checkers_required < 1
BEGIN SELECT RAISE(ABORT, 'the path of an approved refund does not change'); END;
