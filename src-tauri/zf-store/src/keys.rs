//! Public keys the channels were seen to sign with, and the audit rows about keys.

use sqlx::Row as _;
use zf_domain::{AccountId, Timestamp};

use crate::audit::{self, AuditRow};
use crate::error::StoreError;
use crate::store::{Store, Tx};

/// A public key of a channel, as the desk last saw it.
#[derive(Debug, Clone)]
pub struct SeenKey {
    /// Whose channel.
    pub account_id: AccountId,
    /// The serial number or id the channel names it by.
    pub serial: String,
    /// Start of validity; absent for plain public keys.
    pub not_before: Option<Timestamp>,
    /// End of validity; absent for plain public keys.
    pub not_after: Option<Timestamp>,
    /// SubjectPublicKeyInfo, DER.
    pub spki: Vec<u8>,
    /// When the desk first had it.
    pub first_seen_at: Timestamp,
    /// When the channel last gave it.
    pub last_seen_at: Timestamp,
}

impl Store {
    /// Every key seen, by account and serial.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn seen_keys(&self) -> Result<Vec<SeenKey>, StoreError> {
        let rows = sqlx::query("SELECT * FROM channel_keys ORDER BY account_id, serial")
            .fetch_all(self.pool())
            .await?;
        rows.iter()
            .map(|row| {
                let id: String = row.try_get("account_id")?;
                let from: Option<i64> = row.try_get("not_before")?;
                let to: Option<i64> = row.try_get("not_after")?;
                Ok(SeenKey {
                    account_id: AccountId::parse(&id)
                        .map_err(|_| StoreError::unreadable("channel_keys.account_id", &id))?,
                    serial: row.try_get("serial")?,
                    not_before: from.map(Timestamp::from_millis),
                    not_after: to.map(Timestamp::from_millis),
                    spki: row.try_get("spki")?,
                    first_seen_at: Timestamp::from_millis(row.try_get("first_seen_at")?),
                    last_seen_at: Timestamp::from_millis(row.try_get("last_seen_at")?),
                })
            })
            .collect()
    }

    /// Audit rows about keys and certificates, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn key_changes(
        &self,
        before_seq: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM audit WHERE ($1 IS NULL OR seq < $1)
             AND (action LIKE 'keys.%' OR action LIKE 'xray.%'
                  OR action IN ('accounts.add_wechat', 'accounts.self_test', 'receipts.found_pki', 'vault.unlock'))
             ORDER BY seq DESC LIMIT $2",
        )
        .bind(before_seq)
        .bind(i64::from(limit))
        .fetch_all(self.pool())
        .await?;
        rows.iter().map(audit::read).collect()
    }
}

impl Tx {
    /// Notes that the channel gave this key. True when the desk had never seen it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remember_key(&mut self, key: &SeenKey) -> Result<bool, StoreError> {
        let known: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM channel_keys WHERE account_id = $1 AND serial = $2",
        )
        .bind(key.account_id.to_string())
        .bind(&key.serial)
        .fetch_one(self.conn())
        .await?;
        sqlx::query(
            "INSERT INTO channel_keys (account_id, serial, not_before, not_after, spki, first_seen_at, last_seen_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (account_id, serial) DO UPDATE SET
                 not_before = excluded.not_before, not_after = excluded.not_after,
                 spki = excluded.spki, last_seen_at = excluded.last_seen_at",
        )
        .bind(key.account_id.to_string())
        .bind(&key.serial)
        .bind(key.not_before.map(Timestamp::millis))
        .bind(key.not_after.map(Timestamp::millis))
        .bind(&key.spki)
        .bind(key.first_seen_at.millis())
        .bind(key.last_seen_at.millis())
        .execute(self.conn())
        .await?;
        Ok(known == 0)
    }
}
