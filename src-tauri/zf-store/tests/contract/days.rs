//! Bills, books and the lock of a closed day.

use zf_domain::{
    BillId, BookEntry, BookImportId, BusinessDate, ChannelPaymentId, ChannelRefundId, Currency,
    EntryKind, EntryState, MerchantOrderNo, MerchantRefundNo, Money, RunId, StatementLine,
    Timestamp, UserId,
};
use zf_store::bills::{self, BillRecord, BookImport, FundRow};
use zf_store::recon::{self, DayClose, ReopeningWish, RunRecord, SignatureRecord};
use zf_store::{Store, StoreError, Tx};

use crate::desk::{Databases, Dice, People, Why, entry, people, refused, run};

pub(crate) fn bill(people: &People, dice: &mut Dice, kind: &str, date: BusinessDate) -> BillRecord {
    BillRecord {
        id: dice.id(BillId::parse),
        account_id: people.account,
        kind: kind.to_owned(),
        date,
        status: "verified".to_owned(),
        path: Some("bills/x".to_owned()),
        sha256: Some(format!("sha of {kind} {date}")),
        channel_hash: None,
        hash_verified: true,
        bytes: 12,
        row_count: 3,
        totals: "[]".to_owned(),
        faults: "[]".to_owned(),
        balance: None,
        fees: Some("{}".to_owned()),
        fetched_at: Some(Timestamp::from_millis(5)),
        next_try_at: None,
        attempts: 2,
        detail: None,
    }
}

pub(crate) fn books(people: &People, dice: &mut Dice, date: BusinessDate) -> BookImport {
    BookImport {
        id: dice.id(BookImportId::parse),
        account_id: people.account,
        date,
        file_name: "账.csv".to_owned(),
        path: "books/x".to_owned(),
        sha256: format!("sha of books {date}"),
        row_count: 2,
        sums: "[]".to_owned(),
        faults: "[]".to_owned(),
        imported_by: people.maker,
        imported_at: Timestamp::from_millis(7),
        mapping: None,
    }
}

pub(crate) fn lines(dice: &mut Dice, many: u64) -> Vec<StatementLine> {
    (1..=many)
        .map(|n| {
            let refund = dice.roll(4) == 0;
            let minor = i64::try_from(1 + dice.roll(9_000)).unwrap();
            StatementLine {
                line_no: n,
                kind: if refund {
                    EntryKind::Refund
                } else {
                    EntryKind::Payment
                },
                occurred_at: Timestamp::from_millis(1_790_000_000_000 + i64::try_from(n).unwrap()),
                order_no: MerchantOrderNo::parse(&format!("QY{n:06}")).unwrap(),
                payment_id: ChannelPaymentId::parse(&format!("4200{n:024}")).unwrap(),
                refund_no: refund.then(|| MerchantRefundNo::parse(&format!("RF{n:06}")).unwrap()),
                refund_id: refund.then(|| ChannelRefundId::parse(&format!("5030{n:024}")).unwrap()),
                amount: Money::new(minor, *dice.pick(&[Currency::Cny, Currency::Usd])),
                settlement_minor: minor - 1,
                fee_minor: -1,
                state: *dice.pick(&[EntryState::Done, EntryState::InProgress, EntryState::Void]),
                state_text: "SUCCESS".to_owned(),
                method: "NATIVE".to_owned(),
                payer: String::new(),
                goods: (*dice.pick(&["红茶", "Tea 100%", "a_b", ""])).to_owned(),
            }
        })
        .collect()
}

pub(crate) fn entries(lines: &[StatementLine]) -> Vec<BookEntry> {
    lines
        .iter()
        .map(|line| BookEntry {
            line_no: line.line_no,
            kind: line.kind,
            order_no: line.order_no.clone(),
            refund_no: line.refund_no.clone(),
            channel_no: (line.line_no % 2 == 0).then(|| line.payment_id.to_string()),
            amount: line.amount,
            state: line.state,
            state_text: "SUCCESS".to_owned(),
            created_at: line.occurred_at,
        })
        .collect()
}

fn fund_rows() -> Vec<FundRow> {
    (1..=230)
        .map(|n| FundRow {
            line_no: n,
            occurred_at: Timestamp::from_millis(9),
            business_no: format!("4200{n}"),
            flow_no: format!("8000{n}"),
            business_type: "交易".to_owned(),
            income: n % 2 == 0,
            amount: Money::cny(100),
            balance_minor: -5,
            remark: String::new(),
            voucher_no: format!("Rf{n}"),
        })
        .collect()
}

pub(crate) async fn done(mut tx: Tx) {
    tx.audit(entry(1)).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) fn run_of(
    people: &People,
    dice: &mut Dice,
    number: u32,
    bill: &BillRecord,
    books: &BookImport,
) -> RunRecord {
    RunRecord {
        id: dice.id(RunId::parse),
        account_id: people.account,
        date: bill.date,
        number,
        bill_id: bill.id,
        import_id: books.id,
        outcome: "{}".to_owned(),
        matched: 3,
        residual_minor: -2,
        bill_sha256: String::new(),
        books_sha256: String::new(),
        refused_rows: 0,
        run_digest: String::new(),
        run_by: people.maker,
        finished_at: Timestamp::from_millis(11),
        millis: 4,
    }
}

#[tokio::test]
async fn bills_and_books_are_kept_and_read_alike() {
    let databases = Databases::start().await;
    let readings = databases
        .alike(async |store| {
            let mut said: Vec<String> = Vec::new();
            let mut dice = Dice(0x00b1_1100_0000_0007);
            let people = people(store).await;
            let date = BusinessDate::parse("2026-11-20").unwrap();
            let (trade, flow) = (
                bill(&people, &mut dice, "trade", date),
                bill(&people, &mut dice, "fund_flow", date),
            );
            let rows = lines(&mut dice, 250);
            // Twice: a bill fetched again takes the place of what was read before.
            for _ in 0..2 {
                let mut tx = store.begin().await.unwrap();
                for bill in [&trade, &flow] {
                    bills::put(&mut tx, bill).await.unwrap();
                    bills::clear_lines(&mut tx, bill.id).await.unwrap();
                }
                bills::add_lines(&mut tx, trade.id, people.account, &rows)
                    .await
                    .unwrap();
                bills::add_fund_lines(&mut tx, flow.id, people.account, &fund_rows())
                    .await
                    .unwrap();
                done(tx).await;
            }
            assert_eq!(
                bills::by_id(store.pool(), trade.id).await.unwrap().as_ref(),
                Some(&trade)
            );
            said.push(format!(
                "{:?}",
                bills::of_day(store.pool(), people.account, "fund_flow", date)
                    .await
                    .unwrap()
            ));
            said.push(format!(
                "{:?}",
                bills::between(store.pool(), people.account, date, date)
                    .await
                    .unwrap()
            ));
            assert_eq!(
                bills::lines(store.pool(), trade.id, None, 0, 1_000)
                    .await
                    .unwrap(),
                rows
            );
            for text in [
                "qy00001", "RF", "rf", "红茶", "tea", "100%", "a_b", "5030", "\\", "no such",
            ] {
                said.push(format!(
                    "{:?}",
                    bills::lines(store.pool(), trade.id, Some(text), 3, 40)
                        .await
                        .unwrap()
                ));
                said.push(format!(
                    "{:?}",
                    bills::fund_lines(store.pool(), flow.id, Some(text), 3, 40)
                        .await
                        .unwrap()
                ));
            }
            said.push(format!(
                "{:?}",
                bills::line(store.pool(), trade.id, 7).await.unwrap()
            ));

            // Books come in steps and stand at the end; the next ones take their place.
            for n in 0..2 {
                let import = books(&people, &mut dice, date);
                let mut tx = store.begin().await.unwrap();
                bills::stage_books(&mut tx, &import).await.unwrap();
                bills::add_entries(&mut tx, import.id, people.account, &entries(&rows)[..150])
                    .await
                    .unwrap();
                done(tx).await;
                said.push(format!(
                    "{:?}",
                    bills::unfinished_books(
                        store.pool(),
                        people.account,
                        date,
                        &import.sha256,
                        None
                    )
                    .await
                    .unwrap()
                ));
                said.push(format!(
                    "{:?}",
                    bills::last_entry_line(store.pool(), import.id)
                        .await
                        .unwrap()
                ));
                let mut tx = store.begin().await.unwrap();
                bills::add_entries(&mut tx, import.id, people.account, &entries(&rows)[150..])
                    .await
                    .unwrap();
                bills::let_stand(&mut tx, &import).await.unwrap();
                done(tx).await;
                let standing = bills::standing_books(store.pool(), people.account, date)
                    .await
                    .unwrap();
                assert_eq!(
                    standing.as_ref().map(|b| b.id),
                    Some(import.id),
                    "import {n}"
                );
                said.push(format!("{standing:?}"));
                said.push(format!(
                    "{:?}",
                    bills::entries(store.pool(), import.id, 0, 1_000)
                        .await
                        .unwrap()
                ));
                said.push(format!(
                    "{:?}",
                    bills::entry(store.pool(), import.id, 9).await.unwrap()
                ));
                said.push(format!(
                    "{:?}",
                    bills::has_channel_numbers(store.pool(), import.id)
                        .await
                        .unwrap()
                ));
            }
            said
        })
        .await;
    assert!(readings > 30, "{readings}");
}

async fn sign(
    store: &Store,
    people: &People,
    date: BusinessDate,
    part: &str,
    who: UserId,
    digest: &str,
) -> Result<(), StoreError> {
    let mut tx = store.begin().await.unwrap();
    let signature = SignatureRecord {
        part: part.to_owned(),
        user_id: who,
        digest: digest.to_owned(),
        note: String::new(),
        at: Timestamp::from_millis(20),
    };
    recon::add_signature(&mut tx, people.account, date, &signature).await?;
    done(tx).await;
    Ok(())
}

#[tokio::test]
async fn a_locked_day_does_not_move_and_two_people_lock_and_open_it() {
    let databases = Databases::start().await;
    databases
        .each(async |store| {
            let mut dice = Dice(0x00c1_05ed);
            let people = people(store).await;
            let date = BusinessDate::parse("2026-11-20").unwrap();
            let (trade, import) = (
                bill(&people, &mut dice, "trade", date),
                books(&people, &mut dice, date),
            );
            let first = run_of(&people, &mut dice, 1, &trade, &import);
            let mut tx = store.begin().await.unwrap();
            bills::put(&mut tx, &trade).await.unwrap();
            bills::stage_books(&mut tx, &import).await.unwrap();
            bills::let_stand(&mut tx, &import).await.unwrap();
            recon::add_run(&mut tx, &first).await.unwrap();
            done(tx).await;

            // One person never signs for both, and both sign the same.
            let two_people = Why::Rule("closed by two people over one digest");
            sign(store, &people, date, "maker", people.maker, "d")
                .await
                .unwrap();
            refused(
                sign(store, &people, date, "checker", people.maker, "d").await,
                two_people,
            );
            refused(
                sign(store, &people, date, "checker", people.checker, "e").await,
                two_people,
            );
            refused(
                sign(store, &people, date, "maker", people.checker, "d").await,
                Why::Unique,
            );
            sign(store, &people, date, "checker", people.checker, "d")
                .await
                .unwrap();
            refused(
                run(store, "UPDATE close_signatures SET user_id = 'x'").await,
                Why::Rule("signatures are never changed"),
            );

            let close = DayClose {
                locked_at: Some(Timestamp::from_millis(30)),
                digest: "d".to_owned(),
                content: "text".to_owned(),
                checks: "[]".to_owned(),
            };
            let mut tx = store.begin().await.unwrap();
            recon::put_day_close(&mut tx, people.account, date, &close)
                .await
                .unwrap();
            done(tx).await;
            assert_eq!(
                recon::day_close(store.pool(), people.account, date)
                    .await
                    .unwrap(),
                Some(close)
            );

            let locked = Why::Rule("day is locked");
            let mut tx = store.begin().await.unwrap();
            let second = run_of(&people, &mut dice, 2, &trade, &import);
            refused(recon::add_run(&mut tx, &second).await, locked);
            drop(tx);
            let mut tx = store.begin().await.unwrap();
            let other = books(&people, &mut dice, date);
            refused(bills::stage_books(&mut tx, &other).await, locked);
            drop(tx);
            for sql in [
                "UPDATE day_closes SET digest = 'x'",
                "DELETE FROM day_closes",
            ] {
                refused(run(store, sql).await, locked);
            }

            // Opened again by two people, and what was signed is kept.
            let wish = ReopeningWish {
                reason: "晚到的账".to_owned(),
                by: people.maker,
                at: Timestamp::from_millis(40),
            };
            for (by, opens) in [(people.maker, false), (people.checker, true)] {
                let mut tx = store.begin().await.unwrap();
                recon::put_reopening_wish(&mut tx, people.account, date, &wish)
                    .await
                    .unwrap();
                let done_so = recon::reopen(
                    &mut tx,
                    people.account,
                    date,
                    &wish,
                    by,
                    Timestamp::from_millis(50),
                )
                .await;
                if opens {
                    assert!(done_so.unwrap());
                    done(tx).await;
                } else {
                    refused(done_so, Why::Check);
                }
            }
            let before = recon::closed_before(store.pool(), people.account, date)
                .await
                .unwrap();
            assert_eq!(before.len(), 1);
            for sql in [
                "UPDATE closed_before SET digest = 'x'",
                "DELETE FROM closed_before",
            ] {
                refused(run(store, sql).await, Why::Rule("what was signed"));
            }
            let mut tx = store.begin().await.unwrap();
            recon::add_run(&mut tx, &second).await.unwrap();
            done(tx).await;
        })
        .await;
}
