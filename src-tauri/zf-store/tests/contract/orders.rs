//! The search of orders finds the same, in the same order, with the same sums, on both databases.

use zf_domain::{AccountId, Currency, Money, OrderId, OrderState, PaymentState, Timestamp};
use zf_store::Store;
use zf_store::orders::{self, OrderRecord};
use zf_store::search::{Moved, OrderFilter, OrderSort, PageStart, Term, list, recognise, sums};

use crate::desk::{Databases, Dice, account};

/// Monday 2026-03-02, midnight in Beijing.
const MONDAY: i64 = 1_772_380_800_000;
const DAY_MS: i64 = 86_400_000;
/// More than a search gathers by their pieces: a common fragment is then met by walking.
const ORDERS: u64 = 5_200;

fn order(accounts: &[AccountId; 2], dice: &mut Dice, n: u64) -> OrderRecord {
    let (state, payment_state) = match dice.roll(30) {
        0 => (OrderState::RefundUnknown, PaymentState::Paid),
        1..=5 => (OrderState::AwaitingPayment, PaymentState::Pending),
        6..=10 => (OrderState::PartlyRefunded, PaymentState::Paid),
        _ => (OrderState::Paid, PaymentState::Paid),
    };
    let currency = if dice.roll(5) == 0 {
        Currency::Usd
    } else {
        Currency::Cny
    };
    let minor = i64::try_from(100 * (1 + dice.roll(60))).unwrap();
    let paid = payment_state == PaymentState::Paid;
    OrderRecord {
        id: dice.id(OrderId::parse),
        account_id: accounts[usize::from(dice.roll(4) == 0)],
        order_no: format!("QY2026{:03}{n:05}", dice.roll(1000)),
        payment_id: paid.then(|| format!("4200{:024}", dice.roll(1_000_000_000_000))),
        payment_state,
        state,
        closed_before_paid: false,
        amount: Money::new(minor, currency),
        amount_provisional: false,
        refund_hint: false,
        paid_minor: if paid { minor } else { 0 },
        refunded_minor: if state == OrderState::PartlyRefunded {
            50
        } else {
            0
        },
        in_flight_minor: 0,
        method: "NATIVE".to_owned(),
        payer: paid.then(|| format!("oInvented{:05}", dice.roll(100_000))),
        goods: Some(
            (*dice.pick(&["红茶", "露营灯", "雨衣 XL", "100% 棉毛巾", "Ünïcode \\ tea"]))
                .to_owned(),
        ),
        // Many at one instant, so that ties are met.
        created_at: Timestamp::from_millis(
            MONDAY + i64::try_from(dice.roll(6 * 24)).unwrap() * 3_600_000,
        ),
        paid_at: None,
        reconciliation: None,
        checked_at: None,
        source: "channel_bill".to_owned(),
    }
}

async fn fill(store: &Store, accounts: &[AccountId; 2], dice: &mut Dice) -> Vec<OrderRecord> {
    let mut tx = store.begin().await.unwrap();
    let mut all = Vec::new();
    for n in 0..ORDERS {
        let order = order(accounts, dice, n);
        orders::save(tx.conn(), &order).await.unwrap();
        if dice.roll(3) > 0 {
            sqlx::query("UPDATE orders SET reconciliation = $1 WHERE id = $2")
                .bind(*dice.pick(&["matched", "matched", "amount_mismatch"]))
                .bind(order.id.to_string())
                .execute(tx.conn())
                .await
                .unwrap();
        }
        if dice.roll(40) == 0 {
            sqlx::query(
                "INSERT INTO refunds (id, account_id, order_id, refund_no, channel_refund_id, state, currency, amount_minor,
                    reason_code, note, buyer_note, origin, created_at)
                 VALUES ($1, $2, $3, $4, $5, 'succeeded', $6, 77, 'other', '', '', 'channel', 0)",
            )
            .bind(format!("r{n}"))
            .bind(order.account_id.to_string())
            .bind(order.id.to_string())
            .bind(format!("RF0302-{n:05}"))
            .bind((dice.roll(2) == 0).then(|| format!("5030{n:020}")))
            .bind(order.amount.currency.code())
            .execute(tx.conn())
            .await
            .unwrap();
        }
        all.push(order);
    }
    // Numbers that come later, orders that change.
    for sql in [
        "UPDATE refunds SET channel_refund_id = '50399' || refund_no WHERE channel_refund_id IS NULL",
        "UPDATE orders SET goods = '保温杯' WHERE order_no LIKE '%7'",
        "UPDATE orders SET state = 'closed' WHERE order_no LIKE '%33'",
        "UPDATE orders SET created_at = created_at - 86400000 WHERE order_no LIKE '%41'",
    ] {
        sqlx::query(sql).execute(tx.conn()).await.unwrap();
    }
    tx.commit_bookkeeping().await.unwrap();
    all
}

fn question(accounts: &[AccountId; 2], dice: &mut Dice, all: &[OrderRecord]) -> OrderFilter {
    let sample = dice.pick(all).clone();
    let cut = |text: Option<String>, skip: usize| -> String {
        text.unwrap_or_default().chars().skip(skip).collect()
    };
    let mut terms: Vec<String> = match dice.roll(18) {
        0 => vec![sample.order_no[8..].to_owned()],
        1 => vec![sample.order_no[..9].to_lowercase()],
        2 => vec![cut(sample.payment_id.clone(), 20)],
        3 => vec!["红茶".to_owned()],
        4 => vec!["00% 棉".to_owned()],
        5 => vec![cut(sample.payer.clone(), 3)],
        6 => vec![format!("{}.00", sample.amount.minor / 100)],
        7 => vec!["y_0".to_owned()],
        8 => vec!["保温杯".to_owned(), sample.order_no[9..12].to_owned()],
        9 => vec!["rf0302-0".to_owned()],
        10 => vec!["50399RF".to_owned()],
        11 => vec!["QY2026".to_owned()],
        12 => vec!["7".to_owned()],
        13 => vec!["\\ TEA".to_owned()],
        14 => vec!["0.77".to_owned()],
        15 => vec!["XL".to_owned(), "qy2026".to_owned()],
        _ => Vec::new(),
    };
    terms.retain(|t| !t.is_empty());
    let day = |n: u64| Timestamp::from_millis(MONDAY + i64::try_from(n).unwrap() * DAY_MS);
    let from = dice.roll(6);
    OrderFilter {
        number: None,
        terms: terms
            .into_iter()
            .map(|text| {
                let minor = Money::parse(&text, Currency::Cny).ok().map(|m| m.minor);
                Term { text, minor }
            })
            .collect(),
        account_id: (dice.roll(3) == 0).then(|| *dice.pick(accounts)),
        states: match dice.roll(6) {
            0 => vec![OrderState::RefundUnknown],
            1 => vec![OrderState::Paid, OrderState::PartlyRefunded],
            _ => Vec::new(),
        },
        words: match dice.roll(6) {
            0 => vec!["waiting".to_owned()],
            1 => vec!["amount_mismatch".to_owned(), "none".to_owned()],
            2 => vec!["matched".to_owned()],
            _ => Vec::new(),
        },
        from: (dice.roll(3) == 0).then(|| day(from)),
        before: (dice.roll(3) == 0).then(|| day(from + 1 + dice.roll(3))),
        minor_min: (dice.roll(5) == 0).then_some(sample.amount.minor),
        minor_max: (dice.roll(5) == 0).then_some(4_000),
        moved: *dice.pick(&[None, None, None, Some(Moved::In), Some(Moved::Back)]),
    }
}

fn numbers(page: &[OrderRecord]) -> Vec<&str> {
    page.iter().map(|o| o.order_no.as_str()).collect()
}

#[tokio::test]
async fn searches_find_the_same_in_the_same_order() {
    let databases = Databases::start().await;
    let readings = databases
        .alike(async |store| {
            let mut dice = Dice(0x5eed_0000_0bad_cafe);
            let accounts = [dice.id(AccountId::parse), dice.id(AccountId::parse)];
            for (n, id) in accounts.iter().enumerate() {
                account(store, *id, &format!("19000001{n:02}")).await;
            }
            let all = fill(store, &accounts, &mut dice).await;
            let mut said: Vec<String> = Vec::new();
            let mut conn = store.pool().acquire().await.unwrap();
            for round in 0..90 {
                let filter = question(&accounts, &mut dice, &all);
                let sort = *dice.pick(&[
                    OrderSort::NewestFirst,
                    OrderSort::NewestFirst,
                    OrderSort::OldestFirst,
                    OrderSort::LargestFirst,
                    OrderSort::SmallestFirst,
                ]);
                let what = format!("round {round} {filter:?} {sort:?}");
                let mut start = PageStart::At {
                    offset: *dice.pick(&[0, 0, 1, 40, 700]),
                    anchor: None,
                };
                for _ in 0..3 {
                    let page = list(&mut conn, &filter, &[], sort, &start, 60).await.unwrap();
                    said.push(format!("{what} {start:?}: {:?}", numbers(&page)));
                    let Some(last) = page.last() else { break };
                    start = PageStart::After {
                        currency: last.amount.currency.code().to_owned(),
                        minor: last.amount.minor,
                        created: last.created_at.millis(),
                        id: last.id.to_string(),
                    };
                }
                said.push(format!("{what}: {:?}", sums(&mut conn, &filter, &[]).await.unwrap()));
            }
            for n in 0..40 {
                let order = dice.pick(&all);
                let number = match n % 4 {
                    0 => order.order_no.clone(),
                    1 => order.payment_id.clone().unwrap_or_default(),
                    2 => format!("RF0302-{:05}", dice.roll(ORDERS)),
                    _ => "nothing of ours".to_owned(),
                };
                said.push(format!("{number}: {:?}", recognise(&mut conn, &number).await.unwrap()));
            }
            // What the database keeps by day is what the orders say.
            let kept: Vec<(i64, String, String, i64, i64)> = sqlx::query_as(
                "SELECT day, state, currency, CAST(SUM(orders) AS BIGINT), CAST(SUM(paid_minor) AS BIGINT) FROM order_days
                 GROUP BY 1, 2, 3 HAVING SUM(orders) > 0 ORDER BY 1, 2, 3",
            )
            .fetch_all(&mut *conn)
            .await
            .unwrap();
            let counted: Vec<(i64, String, String, i64, i64)> = sqlx::query_as(
                "SELECT (created_at + 28800000) / 86400000, state, currency, COUNT(*), CAST(SUM(paid_minor) AS BIGINT)
                 FROM orders GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            )
            .fetch_all(&mut *conn)
            .await
            .unwrap();
            assert_eq!(kept, counted);
            said.push(format!("{kept:?}"));
            said
        })
        .await;
    assert!(readings > 250, "{readings}");
}
