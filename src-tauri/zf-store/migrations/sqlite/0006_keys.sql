-- Public keys the channels were seen to sign with. No secret: what a channel gives to everyone.
CREATE TABLE channel_keys (
    account_id    TEXT   NOT NULL REFERENCES accounts (id),
    serial        TEXT   NOT NULL,
    not_before    BIGINT,
    not_after     BIGINT,
    spki          BLOB   NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL,
    PRIMARY KEY (account_id, serial)
);
