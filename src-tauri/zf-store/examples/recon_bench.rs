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
use zf_store::Store;
use zf_store::recon::{self, DifferenceFilter, PoolFilter};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Lines of one transaction.
const BATCH: u64 = 50_000;
/// One line in so many has a difference.
const SHARE: u64 = 50;
const DATE: &str = "2026-11-19";
const MIDNIGHT_MS: i64 = 1_795_017_600_000;

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
    bill: BillId,
    books: BookImportId,
    run: RunId,
}

/// The account, bill, books and run everything hangs on; found again by a later call.
async fn day(store: &Store) -> Outcome<Day> {
    let known: Option<(String, String, String, String)> =
        sqlx::query_as("SELECT account_id, bill_id, import_id, id FROM recon_runs LIMIT 1")
            .fetch_optional(store.pool())
            .await?;
    if let Some((account, bill, books, run)) = known {
        return Ok(Day {
            account: AccountId::parse(&account)?,
            bill: BillId::parse(&bill)?,
            books: BookImportId::parse(&books)?,
            run: RunId::parse(&run)?,
        });
    }
    let made = Day {
        account: AccountId::new(),
        bill: BillId::new(),
        books: BookImportId::new(),
        run: RunId::new(),
    };
    let user = UserId::new();
    let (a, b, i, r, u) = (
        made.account.to_string(),
        made.bill.to_string(),
        made.books.to_string(),
        made.run.to_string(),
        user.to_string(),
    );
    let mut tx = store.begin().await?;
    for sql in [
        format!(
            "INSERT INTO accounts (id, channel, environment, display_name, merchant_no, appid, certificate_serial, base_url, created_at)
             VALUES ('{a}', 'wechat_pay', 'demo', '测速', '1900000109', 'wx0', '00', 'sandbox:', 0)"
        ),
        format!(
            "INSERT INTO users (id, login, display_name, role, password_hash, created_at)
             VALUES ('{u}', 'bench', '测速', 'clerk', '-', 0)"
        ),
        format!(
            "INSERT INTO bills (id, account_id, kind, date, status, row_count, faults)
             VALUES ('{b}', '{a}', 'trade', '{DATE}', 'verified', 0, '[]')"
        ),
        format!(
            "INSERT INTO book_imports (id, account_id, date, file_name, path, sha256, row_count, sums, faults, imported_by, imported_at)
             VALUES ('{i}', '{a}', '{DATE}', 'b.csv', 'b.csv', '-', 0, '[]', '[]', '{u}', 0)"
        ),
        format!(
            "INSERT INTO recon_runs (id, account_id, date, number, bill_id, import_id, outcome, matched, residual_minor,
                bill_sha256, books_sha256, refused_rows, run_digest, run_by, finished_at, millis)
             VALUES ('{r}', '{a}', '{DATE}', 1, '{b}', '{i}', '{{}}', 0, 0, '-', '-', 0, '-', '{u}', 0, 0)"
        ),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(tx.conn()).await?;
    }
    tx.commit_bookkeeping().await?;
    Ok(made)
}

async fn fill(store: &Store, day: &Day, lines: u64) -> Outcome<()> {
    let have: Option<i64> = sqlx::query_scalar("SELECT MAX(line_no) FROM bill_lines")
        .fetch_one(store.pool())
        .await?;
    let mut done = u64::try_from(have.unwrap_or(0))?;
    let (account, bill, run) = (
        day.account.to_string(),
        day.bill.to_string(),
        day.run.to_string(),
    );
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
        for line in done + 1..=end {
            let (order, payment, refund) = numbers(line);
            let minor = 500 + to_i64(dice.roll(90_000));
            let at = MIDNIGHT_MS + to_i64(dice.roll(86_400_000));
            let kind = if refund.is_some() {
                "refund"
            } else {
                "payment"
            };
            sqlx::query(
                "INSERT INTO bill_lines (bill_id, line_no, account_id, kind, occurred_at, order_no, payment_id, refund_no, refund_id,
                    currency, amount_minor, settlement_minor, fee_minor, state, state_text, method, payer, goods)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'CNY', $10, $10, 3, 'done', 'SUCCESS', 'JSAPI', '', '')",
            )
            .bind(&bill)
            .bind(to_i64(line))
            .bind(&account)
            .bind(kind)
            .bind(at)
            .bind(&order)
            .bind(&payment)
            .bind(&refund)
            .bind(refund.as_ref().map(|_| format!("5030{payment}")))
            .bind(minor)
            .execute(tx.conn())
            .await?;
            if line % SHARE != 7 {
                continue;
            }
            let code = DifferenceCode::ALL[usize::try_from(dice.roll(4))?].as_str();
            let gap = to_i64(dice.roll(200_000)) - 100_000;
            sqlx::query(
                "INSERT INTO differences (id, run_id, account_id, date, position, code, bucket, kind, number, order_no, currency,
                    gap_minor, channel_line, channel_currency, channel_minor, channel_state, channel_at, disposition)
                 VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, 'CNY', $10, $11, 'CNY', $12, 'done', $13, $14)",
            )
            .bind(DifferenceId::new().to_string())
            .bind(&run)
            .bind(&account)
            .bind(DATE)
            .bind(to_i64(line / SHARE + 1))
            .bind(code)
            .bind(kind)
            .bind(refund.as_ref().unwrap_or(&order))
            .bind(&order)
            .bind(gap)
            .bind(to_i64(line))
            .bind(minor)
            .bind(at)
            .bind(if dice.roll(10) < 7 { "open" } else { "resolved" })
            .execute(tx.conn())
            .await?;
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
    took.sort();
    let at = |percent: usize| took[(times - 1) * percent / 100].as_secs_f64() * 1e3;
    println!(
        "| {name} | {times} | {:.2} | {:.2} | {} |",
        at(50),
        at(99),
        found / times
    );
    Ok(())
}

/// One page of the workbench's list and how many there are, as the workbench asks for them.
async fn page(store: &Store, day: &Day, filter: DifferenceFilter) -> Outcome<usize> {
    let filter = DifferenceFilter {
        limit: 200,
        ..filter
    };
    let filter = recon::whole_numbers(store.pool(), day.account, filter).await?;
    Ok(recon::differences(store.pool(), day.run, &filter)
        .await?
        .len())
}

async fn counted(store: &Store, day: &Day, filter: DifferenceFilter) -> Outcome<usize> {
    let filter = recon::whole_numbers(store.pool(), day.account, filter).await?;
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

#[tokio::main]
async fn main() -> Outcome<()> {
    let options = options()?;
    let store = Store::open(&options.db).await?;
    let day = day(&store).await?;
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
        codes: vec![DifferenceCode::ALL[1]],
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
    measure("part of a number (reads every difference)", 5, |n| {
        page(store, day, text(format!("9{}77", n)))
    })
    .await?;
    let today = BusinessDate::parse("2026-11-20")?;
    let mut conn = store.pool().acquire().await?;
    let began = Instant::now();
    let (first, open) = recon::pool_differences(
        &mut conn,
        day.account,
        today,
        &PoolFilter {
            limit: 200,
            ..PoolFilter::default()
        },
    )
    .await?;
    println!(
        "| pool, first page and count of {open} | 1 | {:.2} | | {} |",
        began.elapsed().as_secs_f64() * 1e3,
        first.len()
    );
    let began = Instant::now();
    let groups = recon::pool(store.pool(), day.account, BusinessDate::parse(DATE)?, today).await?;
    println!(
        "| pool, its counters | 1 | {:.2} | | {} |",
        began.elapsed().as_secs_f64() * 1e3,
        groups.len()
    );
    Ok(())
}
