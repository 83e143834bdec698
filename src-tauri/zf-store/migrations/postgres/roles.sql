-- The login the desk works with, and what it may do: never own a table, make one, switch a rule off, or
-- change or delete a row of the audit chain. Run by the owner of the database after each migration:
--
--     psql -v ON_ERROR_STOP=1 -f roles.sql "postgres://owner@host/desk"
--     psql -c "CREATE ROLE desk1 LOGIN PASSWORD '…' IN ROLE zf_desk" "postgres://owner@host/desk"
--
-- Migrations are the owner's; the desk is started with the URL of such a login.

DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'zf_desk') THEN
        CREATE ROLE zf_desk NOLOGIN;
    END IF;
    -- Tables of one's own, above all temporary ones, could stand in for those the rules look at.
    EXECUTE format('REVOKE TEMPORARY, CREATE ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO zf_desk', current_database());
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema());
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO zf_desk', current_schema());
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM zf_desk, PUBLIC', current_schema());
    -- Everything is read, and rows are added to everything but the list of migrations.
    EXECUTE format('GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA %I TO zf_desk', current_schema());
    REVOKE INSERT ON _sqlx_migrations FROM zf_desk;
END $$;

-- Where a row has a life.
GRANT UPDATE ON meta, users, sessions, accounts, secrets, orders, order_days, order_words, payments, refunds, approvals,
    refund_counters, refund_attempts, bills, book_imports, differences, day_closes, receipt_counters, receipts, preferences,
    exports, receipt_batches, receipt_batch_rows, channel_keys, resolutions, book_mappings, book_keys, book_sources,
    flow_ties, flow_names, bank_statements, bank_confirmations, rule_sets, carried_rows, forecasts, reopening_wishes
    TO zf_desk;
-- Where a row may go: what is read again from its file, choices, keys and sources people remove, and a
-- day's closing, which the rules let go only into `closed_before`.
GRANT DELETE ON bill_lines, fund_lines, flow_ties, flow_findings, preferences, book_mappings, book_keys, book_sources,
    day_closes, close_signatures, reopening_wishes
    TO zf_desk;
