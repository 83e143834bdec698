//! What SQLite and PostgreSQL say differently, all of it in one place.
//!
//! Every statement of the desk is written once, in words both databases read alike, and runs through
//! sqlx's `Any` driver; ids are text, amounts and times integers, so nothing else has to cross it. The
//! few differences that remain are asked for by name here. Besides, only `store` knows how each database is
//! opened and locked, and `error` how each says no.

use std::fmt::{Display, Write as _};

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, Arguments as _, AssertSqlSafe, Encode, FromRow, Type};

/// The driver of every query: SQLite or PostgreSQL, as the store was opened.
pub type Db = Any;
/// One connection.
pub type Conn = sqlx::AnyConnection;
/// Connections for reads.
pub type Pool = sqlx::AnyPool;
/// A connection lent by the pool.
pub type PoolConn = sqlx::pool::PoolConnection<Db>;
/// One row of an answer.
pub type DbRow = AnyRow;
/// Several reads of one moment; see [`crate::Store::snapshot`].
pub type Snapshot = sqlx::Transaction<'static, Db>;

/// Which database answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// A file of this machine.
    Sqlite,
    /// A server.
    Postgres,
}

impl Dialect {
    /// Comparison with a pattern that takes ASCII letters of either case for one another, as SQLite's
    /// `LIKE` does.
    #[must_use]
    pub const fn like(self) -> &'static str {
        match self {
            Self::Sqlite => "LIKE",
            Self::Postgres => "ILIKE",
        }
    }

    /// A statement written for SQLite in this database's words: every `LIKE` is [`Dialect::like`].
    #[must_use]
    pub fn statement(self, sql: &str) -> AssertSqlSafe<String> {
        AssertSqlSafe(match self {
            Self::Sqlite => sql.to_owned(),
            Self::Postgres => sql.replace(" LIKE ", " ILIKE "),
        })
    }

    /// How a read begins whose statements must all see one moment. SQLite's deferred transaction reads
    /// the file as its first statement found it; PostgreSQL's default would look anew for each.
    pub(crate) const fn begin_snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        }
    }
}

/// Where a query can run: the pool or a connection, which say what they speak.
pub trait Executor<'c>: sqlx::Executor<'c, Database = Db> + Sized {
    /// Which database it is.
    fn dialect(&self) -> Dialect;
}

impl<'c> Executor<'c> for &'c mut Conn {
    fn dialect(&self) -> Dialect {
        dialect_of(self)
    }
}

impl<'c> Executor<'c> for &'c Pool {
    fn dialect(&self) -> Dialect {
        match self.connect_options().database_url.scheme() {
            "postgres" | "postgresql" => Dialect::Postgres,
            _ => Dialect::Sqlite,
        }
    }
}

/// Which database a connection leads to.
#[must_use]
pub fn dialect_of(conn: &Conn) -> Dialect {
    if conn.backend_name() == "PostgreSQL" {
        Dialect::Postgres
    } else {
        Dialect::Sqlite
    }
}

/// A statement put together from pieces, its parameters numbered as the database wants them.
pub struct SqlText {
    dialect: Dialect,
    text: String,
    arguments: AnyArguments,
}

impl SqlText {
    /// Begins with a piece.
    #[must_use]
    pub fn new(dialect: Dialect, text: impl Display) -> Self {
        let mut sql = Self {
            dialect,
            text: String::new(),
            arguments: AnyArguments::default(),
        };
        sql.push(text);
        sql
    }

    /// For which database it is written.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Appends a piece; on PostgreSQL every `LIKE` in it folds case as SQLite's does.
    pub fn push(&mut self, piece: impl Display) -> &mut Self {
        let from = self.text.len();
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{piece}");
        if self.dialect == Dialect::Postgres && self.text[from..].contains(" LIKE ") {
            let piece = self.text[from..].replace(" LIKE ", " ILIKE ");
            self.text.truncate(from);
            self.text.push_str(&piece);
        }
        self
    }

    /// Appends a parameter.
    pub fn push_bind<'t, T>(&mut self, value: T) -> &mut Self
    where
        T: Encode<'t, Db> + Type<Db>,
    {
        // Encoding for `Any` copies the value and cannot fail.
        let _ = self.arguments.add(value);
        match self.dialect {
            // Numbered names are searched one by one when SQLite reads a statement: slow for thousands.
            Dialect::Sqlite => self.text.push('?'),
            Dialect::Postgres => {
                let _ = write!(self.text, "${}", self.arguments.len());
            }
        }
        self
    }

    /// Appends a list with `separator` between its members.
    pub const fn separated(&mut self, separator: &'static str) -> Separated<'_> {
        Separated {
            sql: self,
            separator,
            first: true,
        }
    }

    fn take(&mut self) -> (AssertSqlSafe<String>, AnyArguments) {
        (
            AssertSqlSafe(std::mem::take(&mut self.text)),
            std::mem::take(&mut self.arguments),
        )
    }

    /// The query; leaves this empty.
    pub fn build(&mut self) -> sqlx::query::Query<'static, Db, AnyArguments> {
        let (sql, arguments) = self.take();
        sqlx::query_with(sql, arguments)
    }

    /// The query, each row read as `O`; leaves this empty.
    pub fn build_query_as<O>(&mut self) -> sqlx::query::QueryAs<'static, Db, O, AnyArguments>
    where
        O: for<'r> FromRow<'r, DbRow>,
    {
        let (sql, arguments) = self.take();
        sqlx::query_as_with(sql, arguments)
    }

    /// The query, its first column read as `O`; leaves this empty.
    pub fn build_query_scalar<O>(
        &mut self,
    ) -> sqlx::query::QueryScalar<'static, Db, O, AnyArguments>
    where
        (O,): for<'r> FromRow<'r, DbRow>,
    {
        let (sql, arguments) = self.take();
        sqlx::query_scalar_with(sql, arguments)
    }
}

/// Members of a list within a [`SqlText`].
pub struct Separated<'a> {
    sql: &'a mut SqlText,
    separator: &'static str,
    first: bool,
}

impl Separated<'_> {
    /// Appends a parameter as the next member.
    pub fn push_bind<'t, T>(&mut self, value: T) -> &mut Self
    where
        T: Encode<'t, Db> + Type<Db>,
    {
        if !self.first {
            self.sql.push(self.separator);
        }
        self.first = false;
        self.sql.push_bind(value);
        self
    }
}
