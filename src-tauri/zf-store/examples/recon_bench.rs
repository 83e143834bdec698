//! Measures one reconciled day of millions of bill lines in the store. For measuring only: it writes
//! invented lines and differences straight into a database of its own, past every rule of the desk.
//!
//! ```text
//! cargo run --release -p zf-store --example recon_bench -- [--lines N] [--db FILE] [--fill-only]
//! ```
//!
//! Every fiftieth line has a difference. The file (10,000,000 lines unless said otherwise, some 6 GB) is
//! kept for the next run; a fill that was stopped goes on where it was.
#![allow(
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::unwrap_used,
    reason = "a measuring program prints milliseconds and ends on the first surprise; no amount passes through a float"
)]

use std::error::Error;
use std::future::Future;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use zf_domain::{
    AccountId, BillId, BookImportId, BusinessDate, DifferenceCode, DifferenceId, Disposition,
    RunId, UserId,
};
use zf_store::carry;
use zf_store::recon::{self, DifferenceFilter, PoolFilter};
use zf_store::{Store, Tx};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Lines of one transaction.
const BATCH: u64 = 50_000;
/// One line in so many has a difference.
const SHARE: u64 = 50;
/// One line in so many is carried over.
const CARRIED: u64 = 1_000;
/// Rows of one statement: SQLite takes 32 766 parameters.
const AT_ONCE: usize = 1_000;
/// The books' file beside the database: the console reads raw rows of it and finds none.
const BOOKS: &str = "recon-bench-books.csv";
/// The day in a database of its own.
const DATE: &str = "2026-11-19";
const CODES: [DifferenceCode; 4] = [
    DifferenceCode::MissingInLedger,
    DifferenceCode::MissingInChannel,
    DifferenceCode::AmountMismatch,
    DifferenceCode::StatusMismatch,
];
/// The standings the pool's page lists.
const POOL: [(&str, Option<&str>); 6] = [
    ("all", None),
    ("waiting", Some("waiting")),
    ("broken", Some("broken")),
    ("overdue", Some("overdue")),
    ("suspended", Some("suspended")),
    ("pending", Some("pending")),
];
/// Indexes whose order is not that of the lines, as the migrations make them.
const SCATTERED: [(&str, &str); 2] = [
    (
        "bill_lines_by_payment",
        "CREATE INDEX IF NOT EXISTS bill_lines_by_payment ON bill_lines (account_id, payment_id)",
    ),
    (
        "bill_lines_by_channel_refund",
        "CREATE INDEX IF NOT EXISTS bill_lines_by_channel_refund ON bill_lines (account_id, refund_id) WHERE refund_id IS NOT NULL",
    ),
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

struct Options {
    lines: u64,
    db: PathBuf,
    fill_only: bool,
}

fn options() -> Outcome<Options> {
    let mut found = Options {
        lines: 10_000_000,
        db: std::env::temp_dir().join("zhangfang-recon-bench.db"),
        fill_only: false,
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--lines" => found.lines = args.next().ok_or("--lines needs a number")?.parse()?,
            "--db" => found.db = args.next().ok_or("--db needs a file")?.into(),
            "--fill-only" => found.fill_only = true,
            other => return Err(format!("unknown: {other}").into()),
        }
    }
    Ok(found)
}

fn to_i64(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The numbers of a line: the same in every run, scattered like a channel's own.
fn numbers(line: u64) -> (String, String, Option<String>) {
    let scattered = line.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
    let order = format!("QY20261119{line:010}");
    let payment = format!("4200002520261119{scattered:012}");
    let refund = (line % 40 == 7).then(|| format!("RF1119-{line:010}"));
    (order, payment, refund)
}

struct Day {
    account: AccountId,
    date: BusinessDate,
    bill: BillId,
    books: BookImportId,
    run: RunId,
}

/// What the run's page shows of it: the figures of what [`fill`] writes.
fn summary(lines: u64) -> String {
    let share = lines / SHARE;
    let counts: Vec<String> = CODES
        .iter()
        .map(|code| {
            format!(
                r#"{{"code":"{}","count":{},"channel_minor":0,"ledger_minor":0}}"#,
                code.as_str(),
                share / CODES.len() as u64
            )
        })
        .collect();
    format!(
        r#"{{"bill_rows":{lines},"ledger_rows":{lines},"waiting":0,"currency":"CNY","counts":[{}],"waterfall":[{{"name":"channel_net","minor":0,"count":{lines}}},{{"name":"ledger_net","minor":0,"count":{lines}}},{{"name":"residual","minor":0,"count":0}}],"others":[]}}"#,
        counts.join(",")
    )
}

/// The account, bill, books and run everything hangs on; found again by a later call. In a database that
/// knows an account and people they are its own, and the day is the one before its first bill.
async fn day(store: &Store, lines: u64) -> Outcome<Day> {
    let known: Option<(String, String, String, String, String)> = sqlx::query_as(
        "SELECT account_id, date, bill_id, import_id, id FROM recon_runs WHERE run_digest = 'bench'",
    )
    .fetch_optional(store.pool())
    .await?;
    if let Some((account, date, bill, books, run)) = known {
        return Ok(Day {
            account: AccountId::parse(&account)?,
            date: BusinessDate::parse(&date)?,
            bill: BillId::parse(&bill)?,
            books: BookImportId::parse(&books)?,
            run: RunId::parse(&run)?,
        });
    }
    let production: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM accounts WHERE environment = 'production'")
            .fetch_one(store.pool())
            .await?;
    if production > 0 {
        return Err("this database has a production account: nothing is invented into it".into());
    }
    let account: Option<String> =
        sqlx::query_scalar("SELECT id FROM accounts ORDER BY created_at LIMIT 1")
            .fetch_optional(store.pool())
            .await?;
    let user: Option<String> =
        sqlx::query_scalar("SELECT id FROM users ORDER BY created_at, id LIMIT 1")
            .fetch_optional(store.pool())
            .await?;
    let first: Option<String> = sqlx::query_scalar("SELECT MIN(date) FROM bills")
        .fetch_one(store.pool())
        .await?;
    let mut sqls = Vec::new();
    let a = account.unwrap_or_else(|| {
        let a = AccountId::new().to_string();
        sqls.push(format!(
            "INSERT INTO accounts (id, channel, environment, display_name, merchant_no, appid, certificate_serial, base_url, created_at)
             VALUES ('{a}', 'wechat_pay', 'demo', '测速', '1900000109', 'wx0', '00', 'sandbox:', 0)"
        ));
        a
    });
    let u = user.unwrap_or_else(|| {
        let u = UserId::new().to_string();
        sqls.push(format!(
            "INSERT INTO users (id, login, display_name, role, password_hash, created_at)
             VALUES ('{u}', 'bench', '测速', 'clerk', '-', 0)"
        ));
        u
    });
    let date = match first {
        Some(first) => BusinessDate::parse(&first)?.plus_days(-1),
        None => BusinessDate::parse(DATE)?,
    };
    let made = Day {
        account: AccountId::parse(&a)?,
        date,
        bill: BillId::new(),
        books: BookImportId::new(),
        run: RunId::new(),
    };
    let (b, i, r, shown) = (
        made.bill.to_string(),
        made.books.to_string(),
        made.run.to_string(),
        summary(lines),
    );
    sqls.extend([
        format!(
            "INSERT INTO bills (id, account_id, kind, date, status, row_count, faults)
             VALUES ('{b}', '{a}', 'trade', '{date}', 'verified', {lines}, '[]')"
        ),
        format!(
            "INSERT INTO book_imports (id, account_id, date, file_name, path, sha256, row_count, sums, faults, imported_by, imported_at)
             VALUES ('{i}', '{a}', '{date}', '{BOOKS}', '{BOOKS}', '-', {lines}, '[]', '[]', '{u}', 0)"
        ),
        format!(
            "INSERT INTO recon_runs (id, account_id, date, number, bill_id, import_id, outcome, matched, residual_minor,
                bill_sha256, books_sha256, refused_rows, run_digest, run_by, finished_at, millis)
             VALUES ('{r}', '{a}', '{date}', 1, '{b}', '{i}', '{shown}', {}, 0, '-', '-', 0, 'bench', '{u}', 0, 0)",
            lines - lines / SHARE
        ),
    ]);
    let mut tx = store.begin().await?;
    for sql in sqls {
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(tx.conn())
            .await?;
    }
    tx.commit_bookkeeping().await?;
    Ok(made)
}

struct Line {
    no: u64,
    order: String,
    payment: String,
    refund: Option<String>,
    minor: i64,
    at: i64,
}

impl Line {
    const fn kind(&self) -> &'static str {
        if self.refund.is_some() {
            "refund"
        } else {
            "payment"
        }
    }
}

async fn fill(store: &Store, day: &Day, lines: u64) -> Outcome<()> {
    let have: Option<i64> =
        sqlx::query_scalar("SELECT MAX(line_no) FROM bill_lines WHERE bill_id = $1")
            .bind(day.bill.to_string())
            .fetch_one(store.pool())
            .await?;
    let mut done = u64::try_from(have.unwrap_or(0))?;
    if done >= lines {
        return Ok(());
    }
    // Scattered numbers are sorted into their index at the end, not one by one.
    for name in SCATTERED.iter().map(|(name, _)| name) {
        sqlx::query(sqlx::AssertSqlSafe(format!("DROP INDEX IF EXISTS {name}")))
            .execute(store.pool())
            .await?;
    }
    let user: String = sqlx::query_scalar("SELECT run_by FROM recon_runs WHERE id = $1")
        .bind(day.run.to_string())
        .fetch_one(store.pool())
        .await?;
    let midnight = day.date.beijing_start().millis();
    let began = Instant::now();
    while done < lines {
        let mut tx = store.begin().await?;
        for pragma in [
            "PRAGMA cache_size = -400000",
            "PRAGMA wal_autocheckpoint = 20000",
        ] {
            sqlx::query(pragma).execute(tx.conn()).await?;
        }
        let end = (done + BATCH).min(lines);
        let mut dice = Dice(0x5eed ^ (done + 1));
        let batch: Vec<Line> = (done + 1..=end)
            .map(|no| {
                let (order, payment, refund) = numbers(no);
                Line {
                    no,
                    order,
                    payment,
                    refund,
                    minor: 500 + to_i64(dice.roll(90_000)),
                    at: midnight + to_i64(dice.roll(86_400_000)),
                }
            })
            .collect();
        for some in batch.chunks(AT_ONCE) {
            write_lines(&mut tx, day, some).await?;
        }
        for line in batch.iter().filter(|line| line.no % SHARE == 7) {
            write_difference(&mut tx, day, &user, line, &mut dice).await?;
        }
        for line in batch.iter().filter(|line| line.no % CARRIED == 0) {
            write_carried(&mut tx, day, line).await?;
        }
        tx.commit_bookkeeping().await?;
        done = end;
        if done % 500_000 < BATCH {
            println!(
                "  {done} lines written, {:.0} s",
                began.elapsed().as_secs_f64()
            );
        }
    }
    for (_, sql) in SCATTERED {
        sqlx::query(sql).execute(store.pool()).await?;
    }
    println!("  indexes, {:.0} s", began.elapsed().as_secs_f64());
    Ok(())
}

async fn write_lines(tx: &mut Tx, day: &Day, some: &[Line]) -> Outcome<()> {
    let (account, bill, books) = (
        day.account.to_string(),
        day.bill.to_string(),
        day.books.to_string(),
    );
    let mut sql = sqlx::QueryBuilder::<zf_store::dialect::Db>::new(
        "INSERT INTO bill_lines (bill_id, line_no, account_id, kind, occurred_at, order_no, payment_id, refund_no, refund_id,
            currency, amount_minor, settlement_minor, fee_minor, state, state_text, method, payer, goods) ",
    );
    sql.push_values(some, |mut row, line| {
        row.push_bind(&bill)
            .push_bind(to_i64(line.no))
            .push_bind(&account)
            .push_bind(line.kind())
            .push_bind(line.at)
            .push_bind(&line.order)
            .push_bind(&line.payment)
            .push_bind(&line.refund)
            .push_bind(
                line.refund
                    .as_ref()
                    .map(|_| format!("5030{}", line.payment)),
            )
            .push("'CNY'")
            .push_bind(line.minor)
            .push_bind(line.minor)
            .push("3, 'done', 'SUCCESS', 'JSAPI', '', ''");
    });
    sql.build().execute(tx.conn()).await?;
    let mut sql = sqlx::QueryBuilder::<zf_store::dialect::Db>::new(
        "INSERT INTO book_entries (import_id, line_no, account_id, kind, order_no, refund_no, currency, amount_minor, state,
            state_text, created_at) ",
    );
    sql.push_values(some, |mut row, line| {
        row.push_bind(&books)
            .push_bind(to_i64(line.no))
            .push_bind(&account)
            .push_bind(line.kind())
            .push_bind(&line.order)
            .push_bind(&line.refund)
            .push("'CNY'")
            .push_bind(line.minor)
            .push("'done', 'PAID'")
            .push_bind(line.at);
    });
    sql.build().execute(tx.conn()).await?;
    Ok(())
}

/// Of ten: six open, one suspended, one pending, two resolved; some of the open may still come.
async fn write_difference(
    tx: &mut Tx,
    day: &Day,
    user: &str,
    line: &Line,
    dice: &mut Dice,
) -> Outcome<()> {
    let code = CODES[usize::try_from(dice.roll(CODES.len() as u64))?].as_str();
    let gap = to_i64(dice.roll(200_000)) - 100_000;
    let (disposition, due) = match dice.roll(10) {
        0..=5 => ("open", None),
        6 => (
            "suspended",
            Some(day.date.plus_days(to_i64(dice.roll(20))).to_string()),
        ),
        7 => ("pending", Some(day.date.plus_days(9).to_string())),
        _ => ("resolved", Some(day.date.plus_days(9).to_string())),
    };
    let held = due.as_ref().map(|_| user);
    let id = DifferenceId::new().to_string();
    sqlx::query(
        "INSERT INTO differences (id, run_id, account_id, date, position, code, bucket, kind, number, order_no, currency,
            gap_minor, channel_line, channel_currency, channel_minor, channel_state, channel_at,
            ledger_line, ledger_currency, ledger_minor, ledger_state, ledger_at, disposition, owner_id, due_date, note)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, 'CNY', $10, $11, 'CNY', $12, 'done', $13,
             $11, 'CNY', $12 - $10, 'done', $13, $14, $15, $16, $17)",
    )
    .bind(&id)
    .bind(day.run.to_string())
    .bind(day.account.to_string())
    .bind(day.date.to_string())
    .bind(to_i64(line.no / SHARE + 1))
    .bind(code)
    .bind(line.kind())
    .bind(line.refund.as_ref().unwrap_or(&line.order))
    .bind(&line.order)
    .bind(gap)
    .bind(to_i64(line.no))
    .bind(line.minor)
    .bind(line.at)
    .bind(disposition)
    .bind(held)
    .bind(due.as_deref())
    .bind(held.map(|_| "-"))
    .execute(tx.conn())
    .await?;
    if dice.roll(5) == 0 {
        let expected = day.date.plus_days(to_i64(dice.roll(10))).to_string();
        for sql in [
            "INSERT INTO difference_terms (difference_id, expected_date, likely) VALUES ($1, $2, 1)",
            "UPDATE differences SET expected_date = $2, likely = 1 WHERE id = $1",
        ] {
            sqlx::query(sql)
                .bind(&id)
                .bind(&expected)
                .execute(tx.conn())
                .await?;
        }
    }
    Ok(())
}

async fn write_carried(tx: &mut Tx, day: &Day, line: &Line) -> Outcome<()> {
    sqlx::query(
        "INSERT INTO carried_rows (run_id, position, account_id, date, side, kind, number, line_no, currency, amount_minor,
             at, expected_date, likely) VALUES ($1, $2, $3, $4, 'channel', $5, $6, $2, 'CNY', $7, $8, $9, 1)",
    )
    .bind(day.run.to_string())
    .bind(to_i64(line.no))
    .bind(day.account.to_string())
    .bind(day.date.to_string())
    .bind(line.kind())
    .bind(line.refund.as_ref().unwrap_or(&line.order))
    .bind(line.minor)
    .bind(line.at)
    .bind(day.date.plus_days(9).to_string())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Runs a question often and says how long its median and its hundredth-slowest took.
async fn measure<F, Fut>(name: &str, times: usize, mut ask: F) -> Outcome<()>
where
    F: FnMut(usize) -> Fut,
    Fut: Future<Output = Outcome<usize>>,
{
    let mut took: Vec<Duration> = Vec::with_capacity(times);
    let mut found = 0;
    for n in 0..times {
        let began = Instant::now();
        found += ask(n).await?;
        took.push(began.elapsed());
    }
    row(name, took, found / times);
    Ok(())
}

fn row(name: &str, mut took: Vec<Duration>, found: usize) {
    took.sort();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    println!(
        "| {name} | {} | {:.2} | {:.2} | {found} |",
        took.len(),
        at(50),
        at(99),
    );
}

/// One page of the workbench's list and how many there are, as the workbench asks for them.
async fn page(store: &Store, day: &Day, filter: DifferenceFilter) -> Outcome<usize> {
    let filter = DifferenceFilter {
        limit: 200,
        ..filter
    };
    let numbers = recon::whole_numbers(store.pool(), day.account, filter.text.as_deref()).await?;
    let filter = DifferenceFilter { numbers, ..filter };
    Ok(recon::differences(store.pool(), day.run, &filter)
        .await?
        .len())
}

async fn counted(store: &Store, day: &Day, filter: DifferenceFilter) -> Outcome<usize> {
    let numbers = recon::whole_numbers(store.pool(), day.account, filter.text.as_deref()).await?;
    let filter = DifferenceFilter { numbers, ..filter };
    Ok(usize::try_from(
        recon::count_differences(store.pool(), day.run, &filter).await?,
    )?)
}

/// A number of a bill line that has no difference, found in the bill itself.
async fn line_by(store: &Store, day: &Day, column: &str, number: String) -> Outcome<usize> {
    let sql = format!("SELECT line_no FROM bill_lines WHERE account_id = $1 AND {column} = $2");
    let found: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(day.account.to_string())
        .bind(number)
        .fetch_all(store.pool())
        .await?;
    Ok(found.len())
}

/// The same of the books.
async fn entry_by(store: &Store, day: &Day, column: &str, number: String) -> Outcome<usize> {
    let sql = format!("SELECT line_no FROM book_entries WHERE account_id = $1 AND {column} = $2");
    let found: Vec<i64> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(day.account.to_string())
        .bind(number)
        .fetch_all(store.pool())
        .await?;
    Ok(found.len())
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let options = options()?;
    let store = Store::open(&options.db).await?;
    let day = day(&store, options.lines).await?;
    std::fs::write(options.db.with_file_name(BOOKS), "order_no,amount\n")?;
    fill(&store, &day, options.lines).await?;
    if options.fill_only {
        return Ok(());
    }
    let size = std::fs::metadata(&options.db)?.len() / (1 << 20);
    let all = DifferenceFilter::default();
    let total = counted(&store, &day, all.clone()).await? as u64;
    println!(
        "\n{} lines, {total} differences, {size} MiB\n",
        options.lines
    );
    println!("| question | times | median ms | p99 ms | rows |\n|---|---:|---:|---:|---:|");
    let (store, day) = (&store, &day);
    let mut dice = Dice(42);
    let mut places: Vec<u64> = (0..200).map(|_| dice.roll(total)).collect();
    let after = |after: u64| DifferenceFilter {
        after,
        ..DifferenceFilter::default()
    };
    let text = |text: String| DifferenceFilter {
        text: Some(text),
        ..DifferenceFilter::default()
    };
    let codes = || DifferenceFilter {
        codes: vec![CODES[1]],
        ..DifferenceFilter::default()
    };
    let open = || DifferenceFilter {
        disposition: Some(Disposition::Open),
        ..DifferenceFilter::default()
    };
    let largest = || DifferenceFilter {
        largest: true,
        ..DifferenceFilter::default()
    };
    measure("first page", 200, |_| page(store, day, after(0))).await?;
    measure("next page", 200, |n| {
        page(store, day, after(200 * (n as u64 + 1)))
    })
    .await?;
    measure("jump to a place", 200, |n| {
        page(store, day, after(places[n]))
    })
    .await?;
    measure("first page of one code", 100, |_| page(store, day, codes())).await?;
    measure("first page of what is open", 100, |_| {
        page(store, day, open())
    })
    .await?;
    measure("largest first", 100, |_| page(store, day, largest())).await?;
    measure("largest first, deep in", 100, |n| {
        page(
            store,
            day,
            DifferenceFilter {
                after: places[n],
                after_size: Some(("CNY".to_owned(), 50_000 - to_i64(n as u64) * 100)),
                ..largest()
            },
        )
    })
    .await?;
    measure("count of all", 20, |_| counted(store, day, after(0))).await?;
    measure("count of one code", 20, |_| counted(store, day, codes())).await?;
    measure("count of what is open", 20, |_| counted(store, day, open())).await?;
    // Numbers of differences, from all over the file.
    places.iter_mut().for_each(|p| *p = *p * SHARE + 7);
    measure("difference by merchant number", 200, |n| {
        page(store, day, text(numbers(places[n]).0))
    })
    .await?;
    measure("difference by channel number", 200, |n| {
        page(store, day, text(numbers(places[n]).1))
    })
    .await?;
    let refunds: Vec<u64> = (0..200)
        .map(|_| dice.roll(options.lines / 200 - 1) * 200 + 7)
        .collect();
    measure("difference by refund number", 200, |n| {
        page(store, day, text(numbers(refunds[n]).2.unwrap_or_default()))
    })
    .await?;
    measure("count by channel number", 200, |n| {
        counted(store, day, text(numbers(places[n]).1))
    })
    .await?;
    measure("line by merchant number", 200, |n| {
        line_by(store, day, "order_no", numbers(places[n] + 1).0)
    })
    .await?;
    measure("line by channel number", 200, |n| {
        line_by(store, day, "payment_id", numbers(places[n] + 1).1)
    })
    .await?;
    measure("line by refund number", 200, |n| {
        line_by(
            store,
            day,
            "refund_no",
            numbers(refunds[n]).2.unwrap_or_default(),
        )
    })
    .await?;
    measure("line by channel refund number", 200, |n| {
        line_by(
            store,
            day,
            "refund_id",
            format!("5030{}", numbers(refunds[n]).1),
        )
    })
    .await?;
    measure("entry by merchant number", 200, |n| {
        entry_by(store, day, "order_no", numbers(places[n] + 1).0)
    })
    .await?;
    measure("entry by refund number", 200, |n| {
        entry_by(
            store,
            day,
            "refund_no",
            numbers(refunds[n]).2.unwrap_or_default(),
        )
    })
    .await?;
    measure("what stands beside a page", 100, async |n| {
        let filter = DifferenceFilter {
            limit: 200,
            ..after(places[n] / SHARE)
        };
        let page = recon::differences(store.pool(), day.run, &filter).await?;
        Ok(recon::beside(store.pool(), &page).await?.len())
    })
    .await?;
    measure("part of a number (reads every difference)", 5, |n| {
        page(store, day, text(format!("9{}77", n)))
    })
    .await?;
    let today = day.date.plus_days(2);
    let pool_of = |filter: PoolFilter| PoolFilter {
        limit: 200,
        ..filter
    };
    let pool_page = async |filter: PoolFilter| -> Outcome<usize> {
        let numbers =
            recon::whole_numbers(store.pool(), day.account, filter.text.as_deref()).await?;
        let filter = PoolFilter { numbers, ..filter };
        let found = recon::pool_differences(store.pool(), day.account, today, &filter).await?;
        Ok(found.len())
    };
    for (name, status) in POOL {
        for largest in [false, true] {
            let order = if largest { "largest" } else { "oldest" };
            let status = status.map(str::to_owned);
            measure(&format!("pool {name}, {order} first"), 20, |_| {
                pool_page(pool_of(PoolFilter {
                    status: status.clone(),
                    largest,
                    ..PoolFilter::default()
                }))
            })
            .await?;
        }
    }
    measure("pool, deep in", 100, |n| {
        pool_page(pool_of(PoolFilter {
            after: Some((day.date, places[n] / SHARE)),
            ..PoolFilter::default()
        }))
    })
    .await?;
    measure("pool, largest first, deep in", 100, |n| {
        pool_page(pool_of(PoolFilter {
            largest: true,
            after: Some((day.date, places[n] / SHARE)),
            after_size: Some(("CNY".to_owned(), 50_000 - to_i64(n as u64) * 100)),
            ..PoolFilter::default()
        }))
    })
    .await?;
    measure("pool by channel number", 200, |n| {
        pool_page(pool_of(PoolFilter {
            text: Some(numbers(places[n]).1),
            ..PoolFilter::default()
        }))
    })
    .await?;
    measure("pool, how many are overdue", 20, async |_| {
        let filter = PoolFilter {
            status: Some("overdue".to_owned()),
            ..PoolFilter::default()
        };
        let n = recon::count_pool(store.pool(), day.account, today, &filter).await?;
        Ok(usize::try_from(n)?)
    })
    .await?;
    measure("pool, its counters", 20, async |_| {
        let of = recon::unsettled(store.pool(), Some(day.account)).await?;
        Ok(recon::pool_counters(&of, day.date, today).len())
    })
    .await?;
    measure("pool by day, all accounts (the desk)", 20, async |_| {
        Ok(recon::pool_by_day(store.pool(), today).await?.len())
    })
    .await?;
    let mut conn = store.pool().acquire().await?;
    let of = recon::unsettled(&mut *conn, Some(day.account)).await?;
    for (name, times) in [
        ("forecast", 20),
        ("ages", 20),
        ("carried, groups", 20),
        ("carried, a page", 20),
    ] {
        let mut took = Vec::new();
        let mut found = 0;
        for _ in 0..times {
            let began = Instant::now();
            found = match name {
                "forecast" => usize::try_from(
                    carry::forecast(&mut conn, day.account, today, &of)
                        .await?
                        .count,
                )?,
                "ages" => carry::ages(&mut conn, day.account, &of).await?.len(),
                "carried, groups" => carry::groups(&mut *conn, Some(day.account), today)
                    .await?
                    .len(),
                _ => carry::rows(
                    &mut *conn,
                    day.account,
                    false,
                    Some((day.date, 5_000_000)),
                    200,
                )
                .await?
                .len(),
            };
            took.push(began.elapsed());
        }
        row(name, took, found);
    }
    Ok(())
}
