-- How an account's books are read. A mapping is the JSON file `zf reconcile --mapping` takes; at most one
-- of an account is in use.
CREATE TABLE book_mappings (
    account_id TEXT   NOT NULL REFERENCES accounts (id),
    name       TEXT   NOT NULL,
    content    TEXT   NOT NULL,
    in_use     BIGINT NOT NULL DEFAULT 0 CHECK (in_use IN (0, 1)),
    edited_by  TEXT   NOT NULL REFERENCES users (id),
    edited_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, name)
);
CREATE UNIQUE INDEX book_mappings_in_use ON book_mappings (account_id) WHERE in_use = 1;

-- Keys of encrypted books, sealed by the vault; a file names its key.
CREATE TABLE book_keys (
    name        TEXT   NOT NULL PRIMARY KEY,
    fingerprint TEXT   NOT NULL,
    sealed      BLOB   NOT NULL,
    added_by    TEXT   NOT NULL REFERENCES users (id),
    added_at    BIGINT NOT NULL
);

-- The merchant's own databases, read and never written. The password is sealed by the vault.
CREATE TABLE book_sources (
    account_id      TEXT   NOT NULL REFERENCES accounts (id),
    name            TEXT   NOT NULL,
    -- JSON: engine, host, port, database, login, TLS, query, mapping.
    settings        TEXT   NOT NULL,
    sealed_password BLOB   NOT NULL,
    edited_by       TEXT   NOT NULL REFERENCES users (id),
    edited_at       BIGINT NOT NULL,
    PRIMARY KEY (account_id, name)
);

-- The mapping an import was read with; NULL: the default ledger file.
ALTER TABLE book_imports ADD COLUMN mapping TEXT;
