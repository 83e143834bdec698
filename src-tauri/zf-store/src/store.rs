//! Opening the database and the audited transaction.

use std::path::Path;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, SqliteConnection};

use crate::audit::{self, AuditEntry, AuditRow};
use crate::error::StoreError;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

/// The database: many readers, one writer at a time.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
}

/// A write transaction that must name who did what before it may commit.
pub struct Tx {
    inner: sqlx::Transaction<'static, Sqlite>,
    audited: bool,
}

impl Store {
    /// Opens (or makes) the database file and applies migrations.
    ///
    /// # Errors
    /// When the file cannot be opened or a migration fails; nothing is half-applied.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let store = Self::connect(path).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Opens without migrating, for `zf db check`.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn connect(path: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str("sqlite://")
            .map_err(StoreError::from)?
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Money: a committed step survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // 32 MiB a connection at most: the index behind the counters of a big run stays in memory.
            .pragma("cache_size", "-32768")
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new()
            .max_connections(6)
            .connect_with(options)
            .await?;
        Ok(Self { pool })
    }

    /// Applies every migration that is missing.
    ///
    /// # Errors
    /// `Migration` with the reason.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        MIGRATIONS
            .run(&self.pool)
            .await
            .map_err(|e| StoreError::Migration(e.to_string()))
    }

    /// For reads.
    #[must_use]
    pub const fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Begins a write transaction; it takes the write lock at once, so that what it reads stays true
    /// until it commits.
    ///
    /// # Errors
    /// When the lock cannot be had within ten seconds.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let inner = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Tx {
            inner,
            audited: false,
        })
    }

    /// Runs SQLite's own integrity and foreign-key checks; an empty list is a sound file.
    ///
    /// # Errors
    /// When the checks cannot run.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        let mut problems: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
            .fetch_all(&self.pool)
            .await?
            .into_iter()
            .filter(|line: &String| line != "ok")
            .collect();
        let broken: Vec<(String, Option<i64>, String, i64)> =
            sqlx::query_as("PRAGMA foreign_key_check")
                .fetch_all(&self.pool)
                .await?;
        problems.extend(broken.into_iter().map(|(table, row, parent, _)| {
            format!("{table} row {row:?} names a missing row of {parent}")
        }));
        Ok(problems)
    }

    /// Reads one setting.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn meta(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(sqlx::query_scalar("SELECT value FROM meta WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

impl Tx {
    /// The connection, for statements of this transaction.
    pub fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.inner
    }

    /// Appends an audit row to the chain.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit(&mut self, entry: AuditEntry) -> Result<AuditRow, StoreError> {
        let row = audit::append(&mut self.inner, entry).await?;
        self.audited = true;
        Ok(row)
    }

    /// Writes one setting.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_meta(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO meta (name, value) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Makes everything in this transaction durable at once.
    ///
    /// # Errors
    /// `Unaudited` when no audit row was appended; nothing is kept then.
    pub async fn commit(self) -> Result<(), StoreError> {
        if !self.audited {
            return Err(StoreError::Unaudited);
        }
        Ok(self.inner.commit().await?)
    }

    /// Commits bookkeeping that is no business change: session touches, schedule marks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn commit_bookkeeping(self) -> Result<(), StoreError> {
        Ok(self.inner.commit().await?)
    }
}
