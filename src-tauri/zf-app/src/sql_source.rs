//! The merchant's own database, read and never written.
//!
//! One statement that selects, in one read-only transaction which the server itself confirms, with a
//! time limit of the server's and one of ours. The statement runs inside `SELECT … FROM (…)`, where
//! nothing but a query can stand, and every column comes as text the server wrote: exact decimals, no
//! float between. Neither the password nor what the library says about a connection reaches a log.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlDatabaseError, MySqlSslMode};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Executor as _, Row as _, SqlSafeStr as _,
    Statement as _, TypeInfo as _,
};
use zf_crypto::secret::Secret;
use zf_domain::BusinessDate;
use zf_recon::mapping::Zone;

use crate::error::{AppError, Code};
use crate::wire::{SqlEngine, SqlTls};

/// How long a connection may take to stand.
const CONNECT_SECONDS: u64 = 10;
/// Most rows of one reading.
const ROWS_MAX: u64 = 20_000_000;
/// Longest query, bytes.
pub(crate) const QUERY_BYTES_MAX: usize = 20_000;

/// How a database is reached and what is asked of it; everything but the password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SqlSource {
    pub(crate) engine: SqlEngine,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) database: String,
    pub(crate) login: String,
    pub(crate) tls: SqlTls,
    /// Certificates that vouch for the server, PEM; `None`: the well-known authorities.
    pub(crate) ca_pem: Option<String>,
    /// One SELECT, with `:day`, `:from` and `:to`.
    pub(crate) query: String,
    /// The mapping its columns are read with; `None`: the account's.
    pub(crate) mapping: Option<String>,
    /// Where its times without an offset are local.
    pub(crate) zone: String,
}

/// What one reading may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) seconds: u64,
    /// Ends the reading after so many rows.
    pub(crate) rows: Option<u64>,
}

/// A name in the query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Param {
    /// The day, a date.
    Day,
    /// Its first instant.
    From,
    /// The first instant after it.
    To,
}

/// A query with its names in the database's own form.
#[derive(Debug, PartialEq, Eq)]
struct Prepared {
    sql: String,
    params: Vec<Param>,
}

fn bad(detail: impl std::fmt::Display) -> AppError {
    AppError::bad("query", detail)
}

/// Finds the names, and refuses everything but one statement that selects.
///
/// What stands in quotes and comments is passed over. The database would refuse the rest too; here it
/// is said before anything is connected.
fn prepare(query: &str, engine: SqlEngine) -> Result<Prepared, AppError> {
    if query.len() > QUERY_BYTES_MAX {
        return Err(bad("查询太长 / the query is longer than 20000 bytes"));
    }
    let mysql = engine == SqlEngine::Mysql;
    let mut sql = String::with_capacity(query.len() + 64);
    let mut params = Vec::new();
    let mut first_word: Option<String> = None;
    let mut ended = false;
    let mut rest = query;
    while let Some(c) = rest.chars().next() {
        // How far what begins here reaches, when it is passed over as it stands.
        let passed = match c {
            '\'' | '"' => Some(quoted(rest, c, mysql)?),
            '`' if mysql => Some(quoted(rest, c, false)?),
            '-' if rest.starts_with("--") => Some(rest.find('\n').unwrap_or(rest.len())),
            '#' if mysql => Some(rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => {
                if rest.starts_with("/*!") || rest.starts_with("/*M!") {
                    return Err(bad(
                        "不能用 /*! 这类会被执行的注释 / comments that are executed (/*! …) are not taken",
                    ));
                }
                Some(
                    rest.find("*/")
                        .map(|n| n + 2)
                        .ok_or_else(|| bad("注释没有结束 / a comment is not closed"))?,
                )
            }
            '$' if !mysql => dollar_quoted(rest)?,
            ':' if rest.starts_with("::") => Some(2),
            _ => None,
        };
        if let Some(length) = passed {
            let is_comment = matches!(c, '-' | '#' | '/');
            if ended && !is_comment {
                return Err(only_one());
            }
            // A comment is left out: it must not swallow what is set behind the query.
            if is_comment {
                sql.push(' ');
            } else {
                sql.push_str(&rest[..length]);
            }
            rest = &rest[length..];
            continue;
        }
        if c == ';' {
            ended = true;
            rest = &rest[1..];
            continue;
        }
        if ended && !c.is_whitespace() {
            return Err(only_one());
        }
        if c == '?' && mysql {
            return Err(bad(
                "请用 :day、:from、:to，不要用 ? / use :day, :from and :to instead of ?",
            ));
        }
        let word_length = |text: &str| {
            text.find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(text.len())
        };
        if c == ':' && rest[1..].starts_with(|c: char| c.is_alphabetic() || c == '_') {
            let end = 1 + word_length(&rest[1..]);
            let param = match &rest[1..end] {
                "day" => Param::Day,
                "from" => Param::From,
                "to" => Param::To,
                other => {
                    return Err(bad(format!(
                        "不认识的参数 :{other}，只有 :day、:from、:to / unknown parameter :{other}; there are :day, :from and :to"
                    )));
                }
            };
            params.push(param);
            let sql_type = match (param, mysql) {
                (Param::Day, _) => "date",
                (_, true) => "datetime",
                (_, false) => "timestamptz",
            };
            if mysql {
                sql.push_str(&format!("CAST(? AS {sql_type})"));
            } else {
                sql.push_str(&format!("CAST(${}::text AS {sql_type})", params.len()));
            }
            rest = &rest[end..];
            continue;
        }
        if c.is_alphabetic() || c == '_' {
            let end = word_length(rest);
            first_word.get_or_insert_with(|| rest[..end].to_ascii_lowercase());
            sql.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        sql.push(c);
        rest = &rest[c.len_utf8()..];
    }
    match first_word.as_deref() {
        Some("select" | "with") => Ok(Prepared { sql, params }),
        _ => Err(bad("只能是一条 SELECT 查询 / one SELECT is expected")),
    }
}

fn only_one() -> AppError {
    bad("只能有一条语句 / only one statement is taken")
}

/// How far a quoted text reaches; a doubled quote belongs to it.
fn quoted(text: &str, quote: char, backslash: bool) -> Result<usize, AppError> {
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && backslash {
            chars.next();
        } else if c == quote {
            match chars.peek() {
                Some((_, next)) if *next == quote => drop(chars.next()),
                _ => return Ok(at + 1),
            }
        }
    }
    Err(bad("引号没有闭合 / a quotation mark is not closed"))
}

/// How far a `$tag$ … $tag$` text reaches; `None` when none begins here.
fn dollar_quoted(text: &str) -> Result<Option<usize>, AppError> {
    let Some(end) = text[1..].find('$').map(|n| n + 2) else {
        return Ok(None);
    };
    let tag = &text[..end];
    if !tag[1..end - 1]
        .chars()
        .all(|c| c.is_alphanumeric() || c == '_')
    {
        return Ok(None);
    }
    match text[end..].find(tag) {
        Some(at) => Ok(Some(end + at + end)),
        None => Err(bad("引号没有闭合 / a quotation mark is not closed")),
    }
}

/// Checks what can be checked without connecting.
pub(crate) fn check(source: &SqlSource) -> Result<(), AppError> {
    let needed = [
        ("host", &source.host),
        ("database", &source.database),
        ("login", &source.login),
    ];
    for (field, value) in needed {
        if value.trim().is_empty() || value.len() > 253 || value.contains(['\0', '\n']) {
            return Err(AppError::bad(field, "不能为空 / must be given"));
        }
    }
    if source.port == 0 {
        return Err(AppError::bad("port", "端口应为 1 到 65535 / 1 to 65535"));
    }
    Zone::try_from(source.zone.clone()).map_err(|e| AppError::bad("zone", e))?;
    prepare(&source.query, source.engine).map(drop)
}

/// Where in a reading it went wrong.
struct Told<'a> {
    source: &'a SqlSource,
    password: &'a Secret<String>,
    limits: Limits,
}

impl Told<'_> {
    fn place(&self) -> String {
        format!(
            "{}:{}/{}",
            self.source.host, self.source.port, self.source.database
        )
    }

    /// What a library or server says, without the password should it ever repeat it.
    fn clean(&self, text: &str) -> String {
        let secret = self.password.expose();
        let text = if secret.is_empty() {
            text.to_owned()
        } else {
            text.replace(secret.as_str(), "***")
        };
        text.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(300)
            .collect()
    }

    fn unreachable(&self, detail: &str) -> AppError {
        AppError::new(Code::SourceUnreachable)
            .with("place", self.place())
            .with("detail", self.clean(detail))
    }

    fn too_slow(&self) -> AppError {
        AppError::new(Code::SourceTooSlow)
            .with("place", self.place())
            .with("seconds", self.limits.seconds)
    }

    fn error(&self, error: &sqlx::Error) -> AppError {
        let sqlx::Error::Database(database) = error else {
            return match error {
                sqlx::Error::Io(e) => self.unreachable(&e.to_string()),
                sqlx::Error::Tls(e) => self.unreachable(&format!("TLS: {e}")),
                sqlx::Error::Configuration(e) => self.unreachable(&e.to_string()),
                other => self.unreachable(&other.to_string()),
            };
        };
        let number = database
            .try_downcast_ref::<MySqlDatabaseError>()
            .map(MySqlDatabaseError::number);
        let state = database.code().unwrap_or_default();
        let said = |code| {
            AppError::new(code)
                .with("place", self.place())
                .with("login", &self.source.login)
                .with("detail", self.clean(database.message()))
        };
        match (state.as_ref(), number) {
            // Authentication, no such database, not from this host.
            ("28P01" | "28000" | "3D000", _) | (_, Some(1044 | 1045 | 1049 | 1130 | 1698)) => {
                said(Code::SourceLogin)
            }
            ("57014", _) | (_, Some(3024 | 1969)) => self.too_slow(),
            ("25006", _) | (_, Some(1792)) => said(Code::SourceNotReadOnly),
            ("08000" | "08001" | "08004" | "08006" | "57P01" | "57P03" | "53300", _)
            | (_, Some(1040 | 1053)) => self.unreachable(database.message()),
            _ => said(Code::SourceQuery),
        }
    }
}

fn pg_options(source: &SqlSource, password: &Secret<String>) -> PgConnectOptions {
    // Not `new()`: no password of ~/.pgpass is tried in place of the one given.
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(&source.host)
        .port(source.port)
        .database(&source.database)
        .username(&source.login)
        .password(password.expose())
        .application_name("zhangfang")
        .ssl_mode(match source.tls {
            SqlTls::Off => PgSslMode::Disable,
            SqlTls::Encrypt => PgSslMode::Require,
            SqlTls::Verify => PgSslMode::VerifyFull,
        });
    if let (SqlTls::Verify, Some(pem)) = (source.tls, &source.ca_pem) {
        options = options.ssl_root_cert_from_pem(pem.clone().into_bytes());
    }
    options.disable_statement_logging()
}

fn mysql_options(source: &SqlSource, password: &Secret<String>) -> MySqlConnectOptions {
    let mut options = MySqlConnectOptions::new()
        .host(&source.host)
        .port(source.port)
        .database(&source.database)
        .username(&source.login)
        .password(password.expose())
        .pipes_as_concat(false)
        .timezone(Some(source.zone.clone()))
        .ssl_mode(match source.tls {
            SqlTls::Off => MySqlSslMode::Disabled,
            SqlTls::Encrypt => MySqlSslMode::Required,
            SqlTls::Verify => MySqlSslMode::VerifyIdentity,
        });
    if let (SqlTls::Verify, Some(pem)) = (source.tls, &source.ca_pem) {
        options = options.ssl_ca_from_pem(pem.clone().into_bytes());
    }
    options.disable_statement_logging()
}

/// Reads the rows of a day, in the order the server gives them: first the names of the columns, then
/// each row as text.
///
/// # Errors
/// `BadRequest` for a query that is not one SELECT; `SourceUnreachable`, `SourceLogin`, `SourceQuery`,
/// `SourceNotReadOnly`, `SourceTooSlow`; what `on_row` gives. Nothing was changed in the database.
pub(crate) async fn read(
    source: &SqlSource,
    password: &Secret<String>,
    day: BusinessDate,
    limits: Limits,
    on_row: &mut (dyn FnMut(&[String]) -> Result<(), AppError> + Send),
) -> Result<u64, AppError> {
    check(source)?;
    let told = Told {
        source,
        password,
        limits,
    };
    // The server's own limit is the first; this one is for a server that has gone silent.
    let all = Duration::from_secs(limits.seconds + 2 * CONNECT_SECONDS);
    let work = async {
        match source.engine {
            SqlEngine::Postgres => read_postgres(&told, day, on_row).await,
            SqlEngine::Mysql => read_mysql(&told, day, on_row).await,
        }
    };
    match tokio::time::timeout(all, work).await {
        Ok(done) => done,
        Err(_) => Err(told.too_slow()),
    }
}

async fn connected<C>(
    told: &Told<'_>,
    connect: impl Future<Output = Result<C, sqlx::Error>>,
) -> Result<C, AppError> {
    match tokio::time::timeout(Duration::from_secs(CONNECT_SECONDS), connect).await {
        Ok(Ok(conn)) => Ok(conn),
        Ok(Err(error)) => Err(told.error(&error)),
        Err(_) => Err(told.unreachable(&format!("no answer within {CONNECT_SECONDS} s"))),
    }
}

/// The names of the columns, each of which must be there once.
fn column_names(told: &Told<'_>, names: Vec<String>) -> Result<Vec<String>, AppError> {
    let twice = names
        .iter()
        .enumerate()
        .find(|(n, name)| names[..*n].contains(name));
    match twice {
        Some((_, name)) => Err(AppError::new(Code::SourceQuery)
            .with("place", told.place())
            .with("login", &told.source.login)
            .with(
                "detail",
                format!("列 {name} 出现了两次，请用 AS 起不同的名字 / the column {name} stands twice: name them apart with AS"),
            )),
        None => Ok(names),
    }
}

/// The values of the names, in the zone of the source.
fn value(param: Param, day: BusinessDate, zone: Zone) -> String {
    let local = |day: BusinessDate| {
        // The channel's day begins at midnight in Beijing; the database is told in its own zone.
        let minutes = i64::from(zone.minutes()) - i64::from(Zone::BEIJING.minutes());
        day.beijing_start()
            .plus_millis(minutes * 60_000)
            .to_beijing()
    };
    match param {
        Param::Day => day.to_string(),
        Param::From => local(day),
        Param::To => local(day.plus_days(1)),
    }
}

async fn read_postgres(
    told: &Told<'_>,
    day: BusinessDate,
    on_row: &mut (dyn FnMut(&[String]) -> Result<(), AppError> + Send),
) -> Result<u64, AppError> {
    let source = told.source;
    let zone = Zone::try_from(source.zone.clone()).map_err(|e| AppError::bad("zone", e))?;
    let err = |e: sqlx::Error| told.error(&e);
    let options = pg_options(source, told.password);
    let mut conn: PgConnection = connected(told, options.connect()).await?;
    let millis = told.limits.seconds * 1000;
    for statement in [
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY".to_owned(),
        format!("SET statement_timeout = {millis}"),
        "SET lock_timeout = 5000".to_owned(),
        format!("SET TIME ZONE INTERVAL '{zone}' HOUR TO MINUTE"),
        "SET client_encoding = 'UTF8'".to_owned(),
        "BEGIN TRANSACTION READ ONLY".to_owned(),
    ] {
        conn.execute(sqlx::raw_sql(AssertSqlSafe(statement)))
            .await
            .map_err(err)?;
    }
    let read_only: String = sqlx::query_scalar("SHOW transaction_read_only")
        .fetch_one(&mut conn)
        .await
        .map_err(err)?;
    if read_only != "on" {
        return Err(not_read_only(told));
    }
    let prepared = prepare(&source.query, source.engine)?;
    let statement = conn
        .prepare(AssertSqlSafe(prepared.sql.clone()).into_sql_str())
        .await
        .map_err(err)?;
    let mut names = Vec::new();
    let mut chosen = Vec::new();
    let mut decimals = Vec::new();
    for column in statement.columns() {
        let quoted = format!("q.\"{}\"", column.name().replace('"', "\"\""));
        let kind = column.type_info().name().to_owned();
        chosen.push(match kind.as_str() {
            "TIMESTAMPTZ" => {
                format!("to_char({quoted} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
            }
            "TIMESTAMP" => format!("to_char({quoted}, 'YYYY-MM-DD HH24:MI:SS')"),
            _ => format!("{quoted}::text"),
        });
        decimals.push(kind == "NUMERIC");
        names.push(column.name().to_owned());
    }
    drop(statement);
    let names = column_names(told, names)?;
    on_row(&names)?;
    let sql = format!(
        "SELECT {} FROM ({}\n) AS q",
        chosen.join(", "),
        prepared.sql
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for param in &prepared.params {
        query = query.bind(value(*param, day, zone));
    }
    let mut count = 0;
    let mut cells = Vec::with_capacity(names.len());
    {
        let mut rows = query.fetch(&mut conn);
        while let Some(row) = next(&mut rows).await {
            let row = row.map_err(err)?;
            cells.clear();
            for (at, decimal) in decimals.iter().enumerate() {
                let cell: Option<String> = row.try_get(at).map_err(err)?;
                cells.push(tidy(cell, *decimal, false));
            }
            on_row(&cells)?;
            count += 1;
            if !go_on(told, count)? {
                break;
            }
        }
    }
    // The answer may be half read: the connection is dropped, never used again.
    drop(conn);
    Ok(count)
}

async fn read_mysql(
    told: &Told<'_>,
    day: BusinessDate,
    on_row: &mut (dyn FnMut(&[String]) -> Result<(), AppError> + Send),
) -> Result<u64, AppError> {
    let source = told.source;
    let zone = Zone::try_from(source.zone.clone()).map_err(|e| AppError::bad("zone", e))?;
    let err = |e: sqlx::Error| told.error(&e);
    let options = mysql_options(source, told.password);
    let mut conn: MySqlConnection = connected(told, options.connect()).await?;
    let seconds = told.limits.seconds;
    conn.execute(sqlx::raw_sql("SET SESSION TRANSACTION READ ONLY"))
        .await
        .map_err(err)?;
    // MariaDB counts seconds, MySQL milliseconds; each refuses the other's name.
    let mariadb = conn
        .execute(sqlx::raw_sql(AssertSqlSafe(format!(
            "SET SESSION max_statement_time = {seconds}"
        ))))
        .await
        .is_ok();
    if !mariadb {
        let statement = format!("SET SESSION max_execution_time = {}", seconds * 1000);
        conn.execute(sqlx::raw_sql(AssertSqlSafe(statement)))
            .await
            .map_err(err)?;
    }
    conn.execute(sqlx::raw_sql("START TRANSACTION READ ONLY"))
        .await
        .map_err(err)?;
    let mut read_only = None;
    for name in ["@@session.transaction_read_only", "@@session.tx_read_only"] {
        let asked = sqlx::query_scalar(AssertSqlSafe(format!("SELECT CAST({name} AS SIGNED)")));
        if let Ok(found) = asked.fetch_one(&mut conn).await {
            read_only = Some::<i64>(found);
            break;
        }
    }
    if read_only != Some(1) {
        return Err(not_read_only(told));
    }
    let prepared = prepare(&source.query, source.engine)?;
    let statement = conn
        .prepare(AssertSqlSafe(prepared.sql.clone()).into_sql_str())
        .await
        .map_err(err)?;
    let mut names = Vec::new();
    let mut chosen = Vec::new();
    let mut kinds = Vec::new();
    for column in statement.columns() {
        let quoted = format!("q.`{}`", column.name().replace('`', "``"));
        chosen.push(format!("CAST({quoted} AS CHAR CHARACTER SET utf8mb4)"));
        let kind = column.type_info().name().to_owned();
        kinds.push((
            kind == "DECIMAL",
            matches!(kind.as_str(), "DATETIME" | "TIMESTAMP"),
        ));
        names.push(column.name().to_owned());
    }
    drop(statement);
    let names = column_names(told, names)?;
    on_row(&names)?;
    let sql = format!(
        "SELECT {} FROM ({}\n) AS q",
        chosen.join(", "),
        prepared.sql
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for param in &prepared.params {
        query = query.bind(value(*param, day, zone));
    }
    let mut count = 0;
    let mut cells = Vec::with_capacity(names.len());
    {
        let mut rows = query.fetch(&mut conn);
        while let Some(row) = next(&mut rows).await {
            let row = row.map_err(err)?;
            cells.clear();
            for (at, (decimal, time)) in kinds.iter().enumerate() {
                let cell: Option<String> = row.try_get(at).map_err(err)?;
                cells.push(tidy(cell, *decimal, *time));
            }
            on_row(&cells)?;
            count += 1;
            if !go_on(told, count)? {
                break;
            }
        }
    }
    drop(conn);
    Ok(count)
}

fn not_read_only(told: &Told<'_>) -> AppError {
    AppError::new(Code::SourceNotReadOnly)
        .with("place", told.place())
        .with("login", &told.source.login)
        .with(
            "detail",
            "the server did not confirm a read-only transaction",
        )
}

fn go_on(told: &Told<'_>, count: u64) -> Result<bool, AppError> {
    if count > ROWS_MAX {
        return Err(AppError::new(Code::SourceQuery)
            .with("place", told.place())
            .with("login", &told.source.login)
            .with(
                "detail",
                "查询超过两千万行，请只查一天 / more than twenty million rows: ask for one day",
            ));
    }
    Ok(told.limits.rows.is_none_or(|most| count < most))
}

/// The next item of a stream of rows.
async fn next<S: futures_core::Stream + Unpin>(rows: &mut S) -> Option<S::Item> {
    std::future::poll_fn(|cx| std::pin::Pin::new(&mut *rows).poll_next(cx)).await
}

/// A value as the books' reader takes it: decimals without the zeros of a wide type (`12.300000`), times
/// without a fraction of a second.
fn tidy(cell: Option<String>, decimal: bool, time: bool) -> String {
    let Some(mut text) = cell else {
        return String::new();
    };
    if let Some(point) = text.find('.') {
        if time {
            text.truncate(point);
        } else if decimal {
            // Two digits stay: an amount of yuan is written with them.
            while text.len() > point + 3 && text.ends_with('0') {
                text.pop();
            }
        }
    }
    text
}

/// The usual port.
pub(crate) const fn usual_port(engine: SqlEngine) -> u16 {
    match engine {
        SqlEngine::Postgres => 5432,
        SqlEngine::Mysql => 3306,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sql(query: &str, engine: SqlEngine) -> String {
        match prepare(query, engine) {
            Ok(prepared) => format!("{} {}", prepared.sql, prepared.params.len()),
            Err(error) => error.params["detail"]
                .split(" / ")
                .last()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    #[test]
    fn names_are_bound_and_quotes_are_passed_over() {
        let pg = |query| sql(query, SqlEngine::Postgres);
        let my = |query| sql(query, SqlEngine::Mysql);
        assert_eq!(
            pg("SELECT a::text, ':day' FROM t WHERE d = :day AND x[1:2] = 1;"),
            "SELECT a::text, ':day' FROM t WHERE d = CAST($1::text AS date) AND x[1:2] = 1 1"
        );
        assert_eq!(
            my(
                "with x as (select 1) select `a:day`, 'it\\':to' from x where t >= :from and t < :to # ;"
            ),
            "with x as (select 1) select `a:day`, 'it\\':to' from x where t >= CAST(? AS datetime) and t < CAST(? AS datetime)   2"
        );
        assert_eq!(
            pg("select $$;:x$$, $t$ ' $t$ -- ;:y\n"),
            "select $$;:x$$, $t$ ' $t$  \n 0"
        );
        assert_eq!(pg("select 'a''b;' ; -- over\n"), "select 'a''b;'   \n 0");
    }

    #[test]
    fn everything_but_one_select_is_refused() {
        for query in [
            "delete from t",
            "insert into t values (1)",
            "update t set a = 1",
            "",
            "-- select 1",
            "call p()",
            "set x = 1",
            "drop table t",
            "explain analyze select 1",
            "do $$ begin end $$",
        ] {
            for engine in [SqlEngine::Postgres, SqlEngine::Mysql] {
                assert_eq!(sql(query, engine), "one SELECT is expected", "{query}");
            }
        }
        let pg = |query| sql(query, SqlEngine::Postgres);
        assert_eq!(pg("select 1; drop table t"), "only one statement is taken");
        assert_eq!(pg("select 1;;'x'"), "only one statement is taken");
        assert_eq!(pg("select 'x"), "a quotation mark is not closed");
        assert_eq!(
            pg("select :password"),
            "unknown parameter :password; there are :day, :from and :to"
        );
        let my = |query| sql(query, SqlEngine::Mysql);
        assert!(my("select 1 /*! into outfile '/tmp/x' */").contains("executed"));
        assert!(my("select ?").contains(":day"));
    }

    #[test]
    fn the_day_is_told_in_the_zone_of_the_source() {
        let day = BusinessDate::parse("2026-03-14").unwrap();
        let at = |zone: &str, param| value(param, day, Zone::try_from(zone.to_owned()).unwrap());
        assert_eq!(at("+08:00", Param::From), "2026-03-14 00:00:00");
        assert_eq!(at("+08:00", Param::To), "2026-03-15 00:00:00");
        assert_eq!(at("+00:00", Param::From), "2026-03-13 16:00:00");
        assert_eq!(at("+00:00", Param::Day), "2026-03-14");
    }

    #[test]
    fn decimals_and_times_are_tidied() {
        let tidied = |text: &str, decimal, time| tidy(Some(text.to_owned()), decimal, time);
        assert_eq!(tidied("12.300000", true, false), "12.30");
        assert_eq!(tidied("12.305000", true, false), "12.305");
        assert_eq!(tidied("100", true, false), "100");
        assert_eq!(
            tidied("2026-03-14 09:12:33.250000", false, true),
            "2026-03-14 09:12:33"
        );
        assert_eq!(tidy(None, true, false), "");
    }
}
