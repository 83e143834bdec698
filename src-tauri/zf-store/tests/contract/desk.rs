//! Empty databases of both kinds, and a small desk in them.

use std::cell::Cell;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use zf_domain::{AccountId, Money, OrderId, OrderState, PaymentState, Timestamp, UserId};
use zf_store::orders::{self, OrderRecord};
use zf_store::{AuditEntry, Conn, Dialect, Store, StoreError, Target};

#[path = "../../../../tests/databases/server.rs"]
mod server;

/// A PostgreSQL server, and a folder for SQLite files.
pub(crate) struct Databases {
    pub(crate) server: server::Server,
    folder: tempfile::TempDir,
    made: Cell<u32>,
}

impl Databases {
    /// Starts the server; an empty desk lies in it as a template.
    pub(crate) async fn start() -> Self {
        let databases = Self {
            server: server::postgres(&["max_connections=200"]),
            folder: tempfile::tempdir().unwrap(),
            made: Cell::new(0),
        };
        sqlx::any::install_default_drivers();
        let url = databases.url("owner", "postgres");
        let mut conn = server::ready(async || Conn::connect(&url).await).await;
        conn.execute("CREATE DATABASE empty").await.unwrap();
        conn.close().await.unwrap();
        let target = Target::parse(&databases.url("owner", "empty"));
        Store::open_target(&target).await.unwrap().close().await;
        databases
    }

    /// The URL of a database for a login, without TLS.
    pub(crate) fn url(&self, login: &str, database: &str) -> String {
        format!(
            "postgres://{login}@127.0.0.1:{}/{database}?sslmode=disable",
            self.server.port
        )
    }

    /// Runs statements as the owner of the server.
    pub(crate) async fn run(&self, database: &str, sql: String) {
        let mut conn = Conn::connect(&self.url("owner", database)).await.unwrap();
        conn.execute(sqlx::raw_sql(AssertSqlSafe(sql)))
            .await
            .unwrap();
        conn.close().await.unwrap();
    }

    /// A new empty desk of this kind.
    pub(crate) async fn fresh(&self, dialect: Dialect) -> Target {
        let n = self.made.get() + 1;
        self.made.set(n);
        match dialect {
            Dialect::Sqlite => Target::File(self.folder.path().join(format!("desk {n}.db"))),
            Dialect::Postgres => {
                self.run("postgres", format!("CREATE DATABASE d{n} TEMPLATE empty"))
                    .await;
                Target::Postgres(self.url("owner", &format!("d{n}")))
            }
        }
    }

    /// Runs a case on an empty desk of each kind.
    pub(crate) async fn each(&self, case: impl AsyncFn(&Store)) {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let store = Store::open_target(&self.fresh(dialect).await)
                .await
                .unwrap();
            assert_eq!(store.dialect(), dialect);
            case(&store).await;
            assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
            store.close().await;
        }
    }

    /// Runs a case on each kind with two programs on one database.
    pub(crate) async fn each_twice(&self, case: impl AsyncFn(&Store, &Store)) {
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let target = self.fresh(dialect).await;
            let one = Store::open_target(&target).await.unwrap();
            let two = Store::open_target(&target).await.unwrap();
            case(&one, &two).await;
            one.close().await;
            two.close().await;
        }
    }

    /// Writes down what a case reads on each kind; both must have read the same.
    pub(crate) async fn alike(&self, case: impl AsyncFn(&Store) -> Vec<String>) -> usize {
        let mut read: Vec<Vec<String>> = Vec::new();
        for dialect in [Dialect::Sqlite, Dialect::Postgres] {
            let store = Store::open_target(&self.fresh(dialect).await)
                .await
                .unwrap();
            read.push(case(&store).await);
            store.close().await;
        }
        for (at, (sqlite, postgres)) in read[0].iter().zip(&read[1]).enumerate() {
            assert_eq!(sqlite, postgres, "reading {at}");
        }
        assert_eq!(read[0].len(), read[1].len());
        read[0].len()
    }
}

/// A seeded stream of small numbers.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[usize::try_from(self.roll(from.len() as u64)).unwrap()]
    }

    /// An id that is the same on both databases.
    pub(crate) fn id<T>(&mut self, parse: fn(&str) -> Result<T, zf_domain::IdError>) -> T {
        let (high, low) = (self.roll(u64::MAX), self.roll(u64::MAX));
        let hex = format!("{high:016x}{low:016x}");
        let text = format!(
            "{}-{}-7{}-8{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        );
        parse(&text).unwrap()
    }
}

/// A clerk, an approver, an account.
pub(crate) struct People {
    pub(crate) maker: UserId,
    pub(crate) checker: UserId,
    pub(crate) account: AccountId,
}

pub(crate) async fn people(store: &Store) -> People {
    let mut dice = Dice(0x0bad_5eed);
    let people = People {
        maker: dice.id(UserId::parse),
        checker: dice.id(UserId::parse),
        account: dice.id(AccountId::parse),
    };
    for (id, role) in [(people.maker, "clerk"), (people.checker, "approver")] {
        sqlx::query("INSERT INTO users (id, login, display_name, role, password_hash, created_at) VALUES ($1, $1, 'x', $2, '', 0)")
            .bind(id.to_string())
            .bind(role)
            .execute(store.pool())
            .await
            .unwrap();
    }
    account(store, people.account, "1900000109").await;
    people
}

pub(crate) async fn account(store: &Store, id: AccountId, merchant_no: &str) {
    sqlx::query(
        "INSERT INTO accounts (id, channel, environment, display_name, merchant_no, appid, certificate_serial, base_url, created_at)
         VALUES ($1, 'wechat_pay', 'demo', '示例', $2, 'wx0', '00', 'sandbox:', 0)",
    )
    .bind(id.to_string())
    .bind(merchant_no)
    .execute(store.pool())
    .await
    .unwrap();
}

/// A paid order, stored.
pub(crate) async fn order(store: &Store, people: &People, no: &str, minor: i64) -> OrderRecord {
    let at = Timestamp::from_seconds(1_790_000_000);
    let order = OrderRecord {
        id: OrderId::new(),
        account_id: people.account,
        order_no: no.to_owned(),
        payment_id: Some(format!("4200{no}")),
        payment_state: PaymentState::Paid,
        state: OrderState::Paid,
        closed_before_paid: false,
        amount: Money::cny(minor),
        amount_provisional: false,
        refund_hint: false,
        paid_minor: minor,
        refunded_minor: 0,
        in_flight_minor: 0,
        method: "NATIVE".to_owned(),
        payer: Some("oPayer".to_owned()),
        goods: None,
        created_at: at,
        paid_at: Some(at),
        reconciliation: None,
        checked_at: None,
        source: "channel_bill".to_owned(),
    };
    let mut conn = store.pool().acquire().await.unwrap();
    orders::save(&mut conn, &order).await.unwrap();
    order
}

pub(crate) fn entry(n: i64) -> AuditEntry {
    AuditEntry {
        at: Timestamp::from_seconds(1_800_000_000 + n),
        actor_id: None,
        actor: "定时任务".to_owned(),
        role: None,
        device: "timer".to_owned(),
        action: "test.step".to_owned(),
        object_kind: "Thing".to_owned(),
        object_id: n.to_string(),
        before_digest: None,
        after_digest: None,
        reason: None,
        result: "ok".to_owned(),
    }
}

/// Runs a statement outside any transaction.
pub(crate) async fn run(store: &Store, sql: &str) -> Result<u64, StoreError> {
    Ok(sqlx::query(AssertSqlSafe(sql.to_owned()))
        .execute(store.pool())
        .await?
        .rows_affected())
}

/// The database said no, and why.
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, StoreError>, why: Why<'_>) {
    match result {
        Err(StoreError::Constraint(text)) => {
            let lower = text.to_lowercase();
            let fits = match why {
                Why::Unique => lower.contains("unique"),
                Why::Check => lower.contains("check constraint"),
                Why::Rule(words) => text.contains(words),
            };
            assert!(fits, "{text} instead of {why:?}");
        }
        other => panic!("not refused ({why:?}): {other:?}"),
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Why<'a> {
    /// Two rows that may not both be there.
    Unique,
    /// A row that cannot be.
    Check,
    /// A rule of the desk, by its words.
    Rule(&'a str),
}
