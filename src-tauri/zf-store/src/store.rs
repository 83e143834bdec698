//! Opening the database and the audited transaction.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use sqlx::Executor as _;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::Migrator;

use crate::audit::{self, AuditEntry, AuditRow};
use crate::dialect::{Conn, Db, Dialect, Pool, Snapshot};
use crate::error::StoreError;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Where the desk's memory lies.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A file of this machine, made when it is missing.
    File(PathBuf),
    /// `postgres://login:password@host:port/database?sslmode=verify-full&sslrootcert=…`: a database in
    /// UTF-8, which holds nothing else. The URL is a secret.
    Postgres(String),
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            // Its password reaches no log.
            Self::Postgres(_) => f.write_str("Postgres(***)"),
        }
    }
}

impl Target {
    /// A PostgreSQL URL, or else the path of a file.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Postgres(text.to_owned())
        } else {
            Self::File(PathBuf::from(text))
        }
    }

    fn options(&self) -> Result<AnyConnectOptions, StoreError> {
        let url = match self {
            Self::File(path) => {
                let path = path.to_str().ok_or_else(|| {
                    StoreError::Database(sqlx::Error::Configuration(
                        "the path of the database is no text".into(),
                    ))
                })?;
                // Written so that nothing of a path is taken for a part of the URL or tidied away.
                let mut url = "sqlite://".to_owned();
                for byte in path.bytes() {
                    if byte.is_ascii_alphanumeric() {
                        url.push(char::from(byte));
                    } else {
                        url.push_str(&format!("%{byte:02X}"));
                    }
                }
                url + "?mode=rwc"
            }
            Self::Postgres(url) => url.clone(),
        };
        Ok(AnyConnectOptions::from_str(&url)?)
    }
}

/// What every connection is told first.
const fn first_words(dialect: Dialect) -> &'static str {
    match dialect {
        // Money: a committed step survives a power cut.
        Dialect::Sqlite => {
            // 32 MiB a connection at most: the index behind the counters of a big run stays in memory.
            "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -32768"
        }
        // The same, whatever the server's own settings say.
        Dialect::Postgres => {
            "SET lock_timeout = '10s'; SET synchronous_commit = on; SET TIME ZONE 'UTC'"
        }
    }
}

/// The lock of everybody who writes: its number means nothing and must only never change.
const WRITERS: i64 = 0x7a66_6465_736b;

/// The database: many readers, one writer at a time.
#[derive(Debug, Clone)]
pub struct Store {
    pool: Pool,
    dialect: Dialect,
}

/// A write transaction that must name who did what before it may commit.
pub struct Tx {
    inner: sqlx::Transaction<'static, Db>,
    audited: bool,
}

impl Store {
    /// Opens (or makes) the database file and applies migrations.
    ///
    /// # Errors
    /// When the file cannot be opened or a migration fails; nothing is half-applied.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_target(&Target::File(path.to_owned())).await
    }

    /// Opens a database, a file or a server's, and applies migrations.
    ///
    /// # Errors
    /// When it cannot be reached or a migration fails; nothing is half-applied.
    pub async fn open_target(target: &Target) -> Result<Self, StoreError> {
        let store = Self::connect_target(target).await?;
        store.migrate().await?;
        Ok(store)
    }

    /// Opens without migrating, for `zf db check`.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub async fn connect(path: &Path) -> Result<Self, StoreError> {
        Self::connect_target(&Target::File(path.to_owned())).await
    }

    /// Opens a database without migrating it.
    ///
    /// # Errors
    /// When it cannot be reached.
    pub async fn connect_target(target: &Target) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let (dialect, connections) = match target {
            Target::File(_) => (Dialect::Sqlite, 6),
            Target::Postgres(_) => (Dialect::Postgres, 12),
        };
        let pool = AnyPoolOptions::new()
            .max_connections(connections)
            .after_connect(move |conn, _| {
                Box::pin(async move {
                    conn.execute(first_words(dialect)).await?;
                    Ok(())
                })
            })
            .connect_with(target.options()?)
            .await?;
        Ok(Self { pool, dialect })
    }

    /// Applies every migration that is missing.
    ///
    /// # Errors
    /// `Migration` with the reason.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let migrations = match self.dialect {
            Dialect::Sqlite => &SQLITE,
            Dialect::Postgres => &POSTGRES,
        };
        // The desk's own login may not even try to make a table.
        if self.dialect == Dialect::Postgres && self.is_current(migrations).await? {
            return Ok(());
        }
        migrations
            .run(&self.pool)
            .await
            .map_err(|e| StoreError::Migration(e.to_string()))
    }

    async fn is_current(&self, migrations: &Migrator) -> Result<bool, StoreError> {
        let known: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
            .fetch_one(&self.pool)
            .await?;
        if !known {
            return Ok(false);
        }
        let applied: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT version, checksum FROM _sqlx_migrations WHERE success ORDER BY version",
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(migrations
            .iter()
            .map(|m| (m.version, m.checksum.to_vec()))
            .eq(applied))
    }

    /// For reads.
    #[must_use]
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Which database it is.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Several reads of one moment, whatever is written meanwhile.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        Ok(self.pool.begin_with(self.dialect.begin_snapshot()).await?)
    }

    /// Begins a write transaction; it takes the write lock at once, so that what it reads stays true
    /// until it commits.
    ///
    /// # Errors
    /// When the lock cannot be had within ten seconds.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let inner = match self.dialect {
            Dialect::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await?,
            Dialect::Postgres => {
                // Every change ends with a row of the audit chain, and the chain has one head: writers
                // wait for one another there in any case. Waiting at the beginning instead makes all
                // they read before stay true, on every server of the database, and nobody can deadlock.
                // Each later statement looks anew, so it sees what the former holder committed. The
                // lock goes with the transaction, however it ends.
                let mut inner = self
                    .pool
                    .begin_with("BEGIN ISOLATION LEVEL READ COMMITTED")
                    .await?;
                sqlx::query("SELECT pg_advisory_xact_lock($1)")
                    .bind(WRITERS)
                    .execute(&mut *inner)
                    .await?;
                inner
            }
        };
        Ok(Tx {
            inner,
            audited: false,
        })
    }

    /// Runs SQLite's own integrity and foreign-key checks; an empty list is a sound file. A PostgreSQL
    /// server keeps its pages and keys itself: there, constraints nobody has proven are named.
    ///
    /// # Errors
    /// When the checks cannot run.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        if self.dialect == Dialect::Postgres {
            return Ok(sqlx::query_scalar(
                "SELECT c.conrelid::regclass::text || ': constraint ' || c.conname::text || ' is not validated'
                 FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
                 WHERE NOT c.convalidated AND n.nspname = current_schema() ORDER BY 1",
            )
            .fetch_all(&self.pool)
            .await?);
        }
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
    pub fn conn(&mut self) -> &mut Conn {
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
