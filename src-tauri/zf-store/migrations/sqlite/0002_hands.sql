-- Small choices of one person, the same on every window: theme, saved views, keys. No business
-- content, so no audit row. `value` is JSON text that only the console reads.
CREATE TABLE preferences (
    user_id    TEXT   NOT NULL REFERENCES users (id),
    name       TEXT   NOT NULL,
    value      TEXT   NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, name)
);

-- A number is found in the differences whatever its day.
CREATE INDEX differences_by_number ON differences (account_id, number);
