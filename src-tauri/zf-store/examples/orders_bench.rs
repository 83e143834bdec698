//! Measures orders by the million in the store. For measuring only: it writes invented orders straight
//! into a database, past every rule of the desk, and refuses a database with a production account.
//!
//! ```text
//! cargo run --release -p zf-store --example orders_bench -- [--orders N] [--db FILE] [--fill-only]
//! ```
//!
//! Without `--db` the orders (1,000,000) go into a file of the system's temporary folder, which is
//! kept for the next run. With `--db` of a demonstration's `desk.db`, the console can be tried on
//! them: `zf demo --home DIR` first, then this, then `zf console --home DIR`.
#![allow(
    clippy::print_stdout,
    clippy::float_arithmetic,
    clippy::unwrap_used,
    reason = "a measuring program prints milliseconds and ends on the first surprise; no amount passes through a float"
)]

use std::error::Error;
use std::fmt::Write as _;
use std::future::Future;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use zf_domain::{AccountId, Currency, Money, OrderId, OrderState, PaymentState, Timestamp};
use zf_store::Conn;
use zf_store::Store;
use zf_store::orders::{self, NumberKind, OrderFilter, OrderRecord, OrderSort, PageStart, Term};

type Outcome<T> = Result<T, Box<dyn Error>>;

const DAY_MS: i64 = 86_400_000;
const BEIJING_MS: i64 = 28_800_000;
/// Days the orders are spread over.
const DAYS: i64 = 120;
/// Orders of one transaction.
const BATCH: u64 = 20_000;

/// A seeded stream of numbers.
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
    orders: u64,
    db: PathBuf,
    fill_only: bool,
}

fn options() -> Outcome<Options> {
    let mut found = Options {
        orders: 1_000_000,
        db: std::env::temp_dir().join("zhangfang-orders-bench.db"),
        fill_only: false,
    };
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--orders" => found.orders = args.next().ok_or("--orders needs a number")?.parse()?,
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

/// One believable order: busier at noon and in the evening, most of them paid and long reconciled.
fn order(number: u64, total: u64, now: i64, account: AccountId, dice: &mut Dice) -> OrderRecord {
    let today = (now + BEIJING_MS).div_euclid(DAY_MS);
    let ago = DAYS - 1 - to_i64(number) * DAYS / to_i64(total.max(1));
    let hour = match dice.roll(10) {
        0..=2 => 11 + dice.roll(3),
        3..=6 => 18 + dice.roll(5),
        _ => 8 + dice.roll(14),
    };
    let midnight = (today - ago) * DAY_MS - BEIJING_MS;
    let created = (midnight + to_i64(hour * 3_600_000 + dice.roll(3_600_000))).min(now);
    let minor = match dice.roll(20) {
        0 => 50_000 + to_i64(dice.roll(450_000)),
        1..=6 => 10_000 + to_i64(dice.roll(40_000)),
        _ => 500 + to_i64(dice.roll(9_500)),
    };
    let (state, payment_state) = match dice.roll(1_000) {
        0..=9 => (OrderState::AwaitingPayment, PaymentState::Pending),
        10..=59 => (OrderState::Closed, PaymentState::Closed),
        60..=84 => (OrderState::FullyRefunded, PaymentState::Paid),
        85..=94 => (OrderState::PartlyRefunded, PaymentState::Paid),
        _ => (OrderState::Paid, PaymentState::Paid),
    };
    let paid = payment_state == PaymentState::Paid;
    let refunded = match state {
        OrderState::FullyRefunded => minor,
        OrderState::PartlyRefunded => minor / 4 + 1,
        _ => 0,
    };
    let date = Timestamp::from_millis(created)
        .beijing_date()
        .to_string()
        .replace('-', "");
    let goods = [
        "红茶礼盒",
        "露营灯",
        "雨衣 XL",
        "纯棉毛巾",
        "手冲壶",
        "登山杖",
    ];
    OrderRecord {
        id: OrderId::new(),
        account_id: account,
        order_no: format!("QY{date}{number:08}"),
        payment_id: paid.then(|| format!("42000025{date}{:012}", dice.roll(1_000_000_000_000))),
        payment_state,
        state,
        closed_before_paid: false,
        amount: Money::new(minor, Currency::Cny),
        amount_provisional: false,
        refund_hint: false,
        paid_minor: if paid { minor } else { 0 },
        refunded_minor: refunded,
        in_flight_minor: 0,
        method: "JSAPI".to_owned(),
        payer: paid.then(|| format!("oInvented{:019}", dice.roll(u64::MAX))),
        goods: Some(goods[usize::try_from(dice.roll(6)).unwrap()].to_owned()),
        created_at: Timestamp::from_millis(created),
        paid_at: paid.then(|| Timestamp::from_millis(created + 9_000)),
        reconciliation: None,
        checked_at: None,
        source: "channel_bill".to_owned(),
    }
}

async fn account(conn: &mut Conn) -> Outcome<AccountId> {
    let production: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM accounts WHERE environment = 'production'")
            .fetch_one(&mut *conn)
            .await?;
    if production > 0 {
        return Err("this database has a production account: nothing is invented into it".into());
    }
    let known: Option<String> =
        sqlx::query_scalar("SELECT id FROM accounts ORDER BY created_at LIMIT 1")
            .fetch_optional(&mut *conn)
            .await?;
    if let Some(id) = known {
        return Ok(AccountId::parse(&id)?);
    }
    let id = AccountId::new();
    sqlx::query(
        "INSERT INTO accounts (id, channel, environment, display_name, merchant_no, appid, certificate_serial, base_url, created_at)
         VALUES ($1, 'wechat_pay', 'demo', '测速', '1900000109', 'wx0', '00', 'sandbox:', 0)",
    )
    .bind(id.to_string())
    .execute(conn)
    .await?;
    Ok(id)
}

async fn fill(store: &Store, orders: u64, now: i64) -> Outcome<()> {
    let mut conn = store.pool().acquire().await?;
    let have: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM orders")
        .fetch_one(&mut *conn)
        .await?;
    let account = account(&mut conn).await?;
    drop(conn);
    // A fill that was stopped goes on where it was.
    let have = u64::try_from(have)?;
    if have >= orders {
        return Ok(());
    }
    let began = Instant::now();
    let mut dice = Dice(0x5eed ^ have);
    let mut done = have;
    while done < orders {
        let mut tx = store.begin().await?;
        sqlx::query("PRAGMA cache_size = -400000")
            .execute(tx.conn())
            .await?;
        let end = (done + BATCH).min(orders);
        // Ids are ordered by time: those of this transaction follow it.
        let first = OrderId::new();
        for number in done..end {
            let order = order(number, orders, now, account, &mut dice);
            orders::save(tx.conn(), &order).await?;
            if order.refunded_minor > 0 {
                sqlx::query(
                    "INSERT INTO refunds (id, account_id, order_id, refund_no, channel_refund_id, state, currency, amount_minor, reason_code,
                        note, buyer_note, origin, created_at)
                     VALUES ($1, $2, $3, $4, $5, 'succeeded', 'CNY', $6, 'other', '', '', 'channel', $7)",
                )
                .bind(OrderId::new().to_string())
                .bind(account.to_string())
                .bind(order.id.to_string())
                .bind(format!("RB{number:010}"))
                .bind(format!("503000{:023}", dice.roll(u64::MAX)))
                .bind(order.refunded_minor)
                .bind(order.created_at.millis() + 3_600_000)
                .execute(tx.conn())
                .await?;
            }
        }
        // All but the last two days are reconciled, one order in two hundred with a difference.
        sqlx::query(
            "UPDATE orders SET reconciliation = CASE WHEN amount_minor % 200 = 7 THEN 'amount_mismatch' ELSE 'matched' END
             WHERE reconciliation IS NULL AND payment_state = 'paid' AND created_at < $1 AND id >= $2",
        )
        .bind(now - 2 * DAY_MS)
        .bind(first.to_string())
        .execute(tx.conn())
        .await?;
        tx.commit_bookkeeping().await?;
        done = end;
        if done % 200_000 < BATCH {
            println!(
                "  {done} orders written, {:.0} s",
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

async fn search(
    store: &Store,
    filter: OrderFilter,
    sort: OrderSort,
    start: PageStart,
) -> Outcome<usize> {
    let mut conn = store.pool().acquire().await?;
    let ids = match &filter.number {
        Some(number) => orders::named_by(&mut conn, number).await?,
        None => Vec::new(),
    };
    Ok(orders::list(&mut conn, &filter, &ids, sort, &start, 200)
        .await?
        .len())
}

async fn totals(store: &Store, filter: OrderFilter) -> Outcome<usize> {
    let mut conn = store.pool().acquire().await?;
    let sums = orders::sums(&mut conn, &filter, &[]).await?;
    Ok(usize::try_from(sums.iter().map(|s| s.count).sum::<u64>())?)
}

fn at(offset: u64) -> PageStart {
    PageStart::At {
        offset,
        anchor: None,
    }
}

fn words(text: &str) -> OrderFilter {
    OrderFilter {
        terms: text
            .split_whitespace()
            .map(|word| Term {
                text: word.to_owned(),
                minor: Money::parse(word, Currency::Cny).ok().map(|m| m.minor),
            })
            .collect(),
        ..OrderFilter::default()
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let options = options()?;
    let store = Store::open(&options.db).await?;
    let now: Option<i64> = sqlx::query_scalar("SELECT MAX(created_at) FROM orders")
        .fetch_one(store.pool())
        .await?;
    // A fixed evening where the database is empty, so that two runs measure the same.
    let now = now.unwrap_or(1_795_180_000_000);
    fill(&store, options.orders, now).await?;
    if options.fill_only {
        return Ok(());
    }
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM orders")
        .fetch_one(store.pool())
        .await?;
    let count = u64::try_from(count)?;
    let size = std::fs::metadata(&options.db)?.len() / (1 << 20);
    println!("\n{count} orders, {size} MiB\n");
    println!("| question | times | median ms | p99 ms | rows |\n|---|---:|---:|---:|---:|");

    // Numbers to ask for, from all over the table.
    let mut dice = Dice(42);
    let mut samples: Vec<OrderRecord> = Vec::new();
    let mut conn = store.pool().acquire().await?;
    for _ in 0..200 {
        let page = orders::list(
            &mut conn,
            &OrderFilter::default(),
            &[],
            OrderSort::NewestFirst,
            &at(dice.roll(count)),
            20,
        )
        .await?;
        samples.extend(page.into_iter().find(|o| o.payment_id.is_some()));
    }
    let refunds: Vec<(String, String)> =
        sqlx::query_as("SELECT refund_no, channel_refund_id FROM refunds WHERE channel_refund_id IS NOT NULL LIMIT 2000")
            .fetch_all(&mut *conn)
            .await?;
    drop(conn);
    let sample = |n: usize| samples[n % samples.len()].clone();
    // As the page asks: a number nobody has is looked for as a fragment next.
    let number = |number: String| OrderFilter {
        number: Some(number.clone()),
        ..words(&number)
    };
    let newest = OrderSort::NewestFirst;

    for kind in [
        NumberKind::OrderNo,
        NumberKind::PaymentId,
        NumberKind::RefundNo,
        NumberKind::ChannelRefundId,
    ] {
        let refund = |n: usize| refunds[n * 7 % refunds.len()].clone();
        let mut name = String::from("whole number: ");
        write!(name, "{kind:?}")?;
        measure(&name, 2_000, |n| {
            let text = match kind {
                NumberKind::OrderNo => sample(n).order_no,
                NumberKind::PaymentId => sample(n).payment_id.unwrap_or_default(),
                NumberKind::RefundNo => refund(n).0,
                _ => refund(n).1,
            };
            search(&store, number(text), newest, at(0))
        })
        .await?;
    }
    measure("whole number nobody has", 2_000, |n| {
        search(&store, number(format!("NOBODY-{n}")), newest, at(0))
    })
    .await?;
    measure("fragment: last 6 of an order number", 200, |n| {
        let no = sample(n).order_no;
        search(&store, words(&no[no.len() - 6..]), newest, at(0))
    })
    .await?;
    measure("fragment: 8 from a payment number", 200, |n| {
        let id = sample(n).payment_id.unwrap_or_default();
        search(&store, words(&id[18..26]), newest, at(0))
    })
    .await?;
    measure("payer's last 4", 100, |n| {
        let payer = sample(n).payer.unwrap_or_default();
        search(&store, words(&payer[payer.len() - 4..]), newest, at(0))
    })
    .await?;
    measure("amount as text", 100, |n| {
        let minor = sample(n).amount.minor;
        search(
            &store,
            words(&format!("{}.{:02}", minor / 100, minor % 100)),
            newest,
            at(0),
        )
    })
    .await?;
    measure("goods word, in a sixth of all", 50, |_| {
        search(&store, words("红茶"), newest, at(0))
    })
    .await?;

    let all = OrderFilter::default;
    measure("first page", 200, |_| search(&store, all(), newest, at(0))).await?;
    let mut jumps = Dice(7);
    measure("jump anywhere", 500, |_| {
        search(&store, all(), newest, at(jumps.roll(count)))
    })
    .await?;
    measure("jump to 90 %", 200, |_| {
        search(&store, all(), newest, at(count * 9 / 10))
    })
    .await?;
    measure("jump to the end", 200, |_| {
        search(&store, all(), newest, at(count - 200))
    })
    .await?;
    let matched = || OrderFilter {
        states: vec![OrderState::Paid],
        words: vec!["matched".to_owned()],
        ..OrderFilter::default()
    };
    measure("paid and matched: jump to the middle", 100, |_| {
        search(&store, matched(), newest, at(count / 2))
    })
    .await?;
    let rare = || OrderFilter {
        words: vec!["amount_mismatch".to_owned()],
        ..OrderFilter::default()
    };
    measure("one kind of difference: first page", 100, |_| {
        search(&store, rare(), newest, at(0))
    })
    .await?;
    let large = || OrderFilter {
        minor_min: Some(490_000),
        ..OrderFilter::default()
    };
    measure("from ¥4,900: first page", 50, |_| {
        search(&store, large(), newest, at(0))
    })
    .await?;
    let sort = OrderSort::LargestFirst;
    measure("by amount: first page", 100, |_| {
        search(&store, all(), sort, at(0))
    })
    .await?;
    measure("by amount: jump to the middle", 30, |_| {
        search(&store, all(), sort, at(count / 2))
    })
    .await?;
    measure("by amount: the end", 100, |_| {
        search(&store, all(), sort, at(count - 200))
    })
    .await?;

    measure("totals of everything", 200, |_| totals(&store, all())).await?;
    let week = || OrderFilter {
        from: Some(Timestamp::from_millis(
            (now + BEIJING_MS).div_euclid(DAY_MS) * DAY_MS - BEIJING_MS - 6 * DAY_MS,
        )),
        words: vec!["waiting".to_owned()],
        ..OrderFilter::default()
    };
    measure("totals of a week's waiting", 200, |_| {
        totals(&store, week())
    })
    .await?;
    measure("totals from ¥4,900", 30, |_| totals(&store, large())).await?;
    measure("totals of a fragment (6 digits)", 100, |n| {
        let no = sample(n).order_no;
        totals(&store, words(&no[no.len() - 6..]))
    })
    .await?;
    measure("totals of a goods word, in a sixth of all", 5, |_| {
        totals(&store, words("红茶"))
    })
    .await?;
    store.close().await;
    Ok(())
}
