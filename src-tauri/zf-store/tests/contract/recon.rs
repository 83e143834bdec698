//! Runs with differences, what people do about them, and the counters of the pool: read alike on both
//! databases, over a generated month.

use zf_domain::{
    BusinessDate, Currency, DifferenceCode, DifferenceId, Disposition, EntryKind, EntryState,
    Money, ResolutionId, ResolutionKind, ResolutionState, Timestamp,
};
use zf_store::carry::{self, CarriedRecord, DifferenceTerms};
use zf_store::recon::{
    self, DifferenceFilter, DifferenceRecord, PoolFilter, RunRecord, SideRecord,
};
use zf_store::recon_export;
use zf_store::resolutions::{self, LedgerFilter, Place, ResolutionRecord};
use zf_store::{Store, bills};

use crate::days::{bill, books, done, entries, lines, run_of};
use crate::desk::{Databases, Dice, People, Why, people, refused, run};

const DAYS: i64 = 24;

fn side(dice: &mut Dice, at: i64) -> Option<SideRecord> {
    (dice.roll(3) > 0).then(|| SideRecord {
        line_no: 1 + dice.roll(60),
        amount: Money::new(
            i64::try_from(dice.roll(50_000)).unwrap(),
            *dice.pick(&[Currency::Cny, Currency::Cny, Currency::Usd]),
        ),
        state: *dice.pick(&[EntryState::Done, EntryState::Void]),
        at: Timestamp::from_millis(1_790_000_000_000 + at),
    })
}

fn difference(dice: &mut Dice, of: &RunRecord, position: u64) -> DifferenceRecord {
    let number = dice.roll(400);
    let kind = *dice.pick(&[EntryKind::Payment, EntryKind::Refund]);
    DifferenceRecord {
        id: dice.id(DifferenceId::parse),
        run_id: of.id,
        account_id: of.account_id,
        date: of.date,
        position,
        code: *dice.pick(DifferenceCode::ALL),
        bucket: "b".to_owned(),
        kind,
        number: format!("QY{number:06}"),
        order_no: format!("QY{number:06}"),
        gap: Money::new(
            i64::try_from(dice.roll(2_000)).unwrap() - 1_000,
            *dice.pick(&[Currency::Cny, Currency::Usd]),
        ),
        channel: side(dice, 1),
        ledger: side(dice, 2),
        twin_line: (dice.roll(5) == 0).then_some(3),
        place: Place::OPEN,
    }
}

/// Writes a month: two runs a day, differences, terms, entries of the ledger, rows carried over.
async fn month(store: &Store, people: &People, dice: &mut Dice) -> Vec<RunRecord> {
    let first = BusinessDate::parse("2026-10-25").unwrap();
    let mut runs = Vec::new();
    for ahead in 0..DAYS {
        let date = first.plus_days(ahead);
        let (trade, import) = (bill(people, dice, "trade", date), books(people, dice, date));
        let rows = lines(dice, 60);
        let mut tx = store.begin().await.unwrap();
        bills::put(&mut tx, &trade).await.unwrap();
        bills::add_lines(&mut tx, trade.id, people.account, &rows)
            .await
            .unwrap();
        bills::stage_books(&mut tx, &import).await.unwrap();
        bills::add_entries(&mut tx, import.id, people.account, &entries(&rows))
            .await
            .unwrap();
        bills::let_stand(&mut tx, &import).await.unwrap();
        for number in 1..=2 {
            let of = run_of(people, dice, number, &trade, &import);
            recon::add_run(&mut tx, &of).await.unwrap();
            for position in 1..=12 {
                let found = difference(dice, &of, position);
                recon::add_difference(&mut tx, &found).await.unwrap();
                if dice.roll(3) == 0 {
                    let terms = DifferenceTerms {
                        fee: Some((60, 54)),
                        over_budget: dice.roll(2) == 0,
                        expected: Some(date.plus_days(2)),
                        likely: dice.roll(2) == 0,
                    };
                    carry::add_terms(&mut tx, found.id, &terms).await.unwrap();
                }
                let kinds = [
                    ResolutionKind::Wait,
                    ResolutionKind::WriteOff,
                    ResolutionKind::CrossDay,
                ];
                if number == 2 && dice.roll(2) == 0 {
                    let mut of = ResolutionRecord::about(
                        &found,
                        *dice.pick(&kinds),
                        "因为".to_owned(),
                        people.maker,
                        Timestamp::from_millis(1_000 + i64::try_from(position % 5).unwrap()),
                    );
                    of.id = dice.id(ResolutionId::parse);
                    if of.kind == ResolutionKind::CrossDay {
                        of.other = Some((date.plus_days(1), 4));
                    }
                    if of.kind == ResolutionKind::Wait {
                        of.owner = Some(people.checker);
                        of.due_date = Some(date.plus_days(i64::try_from(dice.roll(9)).unwrap()));
                    }
                    resolutions::add(&mut tx, &of).await.unwrap();
                    resolutions::put(&mut tx, found.id, &Place::after(&of))
                        .await
                        .unwrap();
                    if of.second_person && dice.roll(2) == 0 {
                        let decision = (people.checker, Timestamp::from_millis(2_000), "好");
                        assert!(
                            resolutions::move_to(
                                &mut tx,
                                of.id,
                                ResolutionState::Proposed,
                                ResolutionState::InEffect,
                                Some(decision),
                            )
                            .await
                            .unwrap()
                        );
                    }
                }
            }
            for position in 1..=3 {
                let carried = CarriedRecord {
                    run_id: of.id,
                    position,
                    account_id: people.account,
                    date,
                    in_channel: dice.roll(2) == 0,
                    kind: *dice.pick(&[EntryKind::Payment, EntryKind::Refund]),
                    number: format!("QY{:06}", dice.roll(60)),
                    line_no: position,
                    amount: Money::cny(500),
                    at: Timestamp::from_millis(3),
                    expected: date.plus_days(1),
                    likely: dice.roll(2) == 0,
                    cleared: None,
                };
                carry::add(&mut tx, &carried).await.unwrap();
            }
            runs.push(of);
        }
        done(tx).await;
    }
    runs
}

#[tokio::test]
async fn a_month_of_runs_is_read_alike() {
    let databases = Databases::start().await;
    let readings = databases
        .alike(async |store| {
            let mut said: Vec<String> = Vec::new();
            let mut dice = Dice(0x00d1_ffe7_e11c_0001);
            let people = people(store).await;
            let runs = month(store, &people, &mut dice).await;
            let account = people.account;
            let today = runs.last().unwrap().date;
            let mut conn = store.pool().acquire().await.unwrap();
            let conn = &mut *conn;
            for of in &runs {
                said.push(format!(
                    "{:?}",
                    recon::runs_of_day(&mut *conn, account, of.date)
                        .await
                        .unwrap()
                ));
                for filter in [
                    DifferenceFilter {
                        limit: 5,
                        ..DifferenceFilter::default()
                    },
                    DifferenceFilter {
                        limit: 50,
                        after: 4,
                        ..DifferenceFilter::default()
                    },
                    DifferenceFilter {
                        limit: 50,
                        largest: true,
                        ..DifferenceFilter::default()
                    },
                    DifferenceFilter {
                        limit: 50,
                        codes: vec![
                            DifferenceCode::AmountMismatch,
                            DifferenceCode::MissingInLedger,
                        ],
                        ..DifferenceFilter::default()
                    },
                    DifferenceFilter {
                        limit: 50,
                        disposition: Some(Disposition::Suspended),
                        ..DifferenceFilter::default()
                    },
                    DifferenceFilter {
                        limit: 50,
                        text: Some("qy0001".to_owned()),
                        ..DifferenceFilter::default()
                    },
                    DifferenceFilter {
                        limit: 50,
                        text: Some(format!("QY{:06}", dice.roll(60))),
                        ..DifferenceFilter::default()
                    },
                ] {
                    let numbers = recon::whole_numbers(&mut *conn, account, filter.text.as_deref())
                        .await
                        .unwrap();
                    let filter = DifferenceFilter { numbers, ..filter };
                    said.push(format!(
                        "{:?}",
                        recon::differences(&mut *conn, of.id, &filter)
                            .await
                            .unwrap()
                    ));
                    said.push(format!(
                        "{:?}",
                        recon::count_differences(&mut *conn, of.id, &filter)
                            .await
                            .unwrap()
                    ));
                    said.push(format!(
                        "{:?}",
                        recon_export::of_run(&mut *conn, of.id, &filter)
                            .await
                            .unwrap()
                    ));
                }
                said.push(format!(
                    "{:?}",
                    recon::met_across_days(&mut *conn, of, 5).await.unwrap()
                ));
                said.push(format!(
                    "{:?}",
                    resolutions::cross_days_undone(&mut *conn, of)
                        .await
                        .unwrap()
                ));
                let found = recon::differences(
                    &mut *conn,
                    of.id,
                    &DifferenceFilter {
                        limit: 50,
                        ..DifferenceFilter::default()
                    },
                )
                .await
                .unwrap();
                for one in &found {
                    said.push(format!(
                        "{:?}",
                        carry::terms(&mut *conn, one.id).await.unwrap()
                    ));
                    let about = resolutions::of_difference(&mut *conn, one).await.unwrap();
                    for entry in &about {
                        said.push(format!(
                            "{:?}",
                            recon::same_difference(&mut *conn, entry).await.unwrap()
                        ));
                    }
                    said.push(format!("{about:?}"));
                }
            }
            // The pool, as of several days.
            let sorted = |mut lines: Vec<String>| {
                lines.sort();
                lines.join("\n")
            };
            for ago in [0, 3, 8] {
                let day = today.plus_days(-ago);
                let of = recon::unsettled(&mut *conn, Some(account)).await.unwrap();
                said.push(sorted(of.iter().map(|u| format!("{u:?}")).collect()));
                said.push(format!("{:?}", recon::pool_counters(&of, day, today)));
                said.push(format!(
                    "{:?}",
                    recon::overdue(&mut *conn, account, day, today)
                        .await
                        .unwrap()
                ));
                said.push(format!(
                    "{:?}",
                    recon::pool_by_day(&mut *conn, day).await.unwrap()
                ));
                said.push(format!(
                    "{:?}",
                    recon::open_runs(&mut *conn, day).await.unwrap()
                ));
                said.push(format!(
                    "{:?}",
                    carry::groups(&mut *conn, Some(account), day).await.unwrap()
                ));
                let ages = carry::ages(&mut *conn, account, &of).await.unwrap();
                said.push(sorted(ages.iter().map(|a| format!("{a:?}")).collect()));
                said.push(format!(
                    "{:?}",
                    carry::forecast(&mut *conn, account, day, &of)
                        .await
                        .unwrap()
                ));
                for status in [
                    None,
                    Some("overdue"),
                    Some("suspended"),
                    Some("waiting"),
                    Some("broken"),
                    Some("pending"),
                ] {
                    for text in [None, Some("QY0000")] {
                        for largest in [false, true] {
                            let filter = PoolFilter {
                                status: status.map(str::to_owned),
                                codes: if ago == 0 {
                                    Vec::new()
                                } else {
                                    vec![DifferenceCode::IdClash, DifferenceCode::FeeMismatch]
                                },
                                text: text.map(str::to_owned),
                                largest,
                                after: (ago == 3).then(|| (day.plus_days(-9), 2)),
                                after_size: (ago == 3 && largest).then(|| ("CNY".to_owned(), 400)),
                                limit: 40,
                                ..PoolFilter::default()
                            };
                            said.push(format!(
                                "{:?}",
                                recon::pool_differences(&mut *conn, account, day, &filter)
                                    .await
                                    .unwrap()
                            ));
                            said.push(format!(
                                "{:?}",
                                recon::count_pool(&mut *conn, account, day, &filter)
                                    .await
                                    .unwrap()
                            ));
                            if !largest {
                                said.push(format!(
                                    "{:?}",
                                    recon_export::of_pool(&mut *conn, account, day, &filter)
                                        .await
                                        .unwrap()
                                ));
                            }
                        }
                    }
                }
            }
            for state in [
                None,
                Some(ResolutionState::Proposed),
                Some(ResolutionState::InEffect),
            ] {
                for text in [None, Some("qy00002")] {
                    let filter = LedgerFilter {
                        account_id: Some(account),
                        state,
                        text: text.map(str::to_owned),
                        before: None,
                        limit: 60,
                    };
                    let (page, total) = resolutions::ledger(&mut *conn, &filter).await.unwrap();
                    let before = page.get(5).map(|e| (e.proposed_at, e.id));
                    said.push(format!("{total} {page:?}"));
                    let filter = LedgerFilter { before, ..filter };
                    said.push(format!(
                        "{:?}",
                        resolutions::ledger(&mut *conn, &filter).await.unwrap()
                    ));
                    said.push(format!(
                        "{:?}",
                        recon_export::of_ledger(&mut *conn, &filter).await.unwrap()
                    ));
                }
            }
            for cleared in [false, true] {
                said.push(format!(
                    "{:?}",
                    carry::rows(&mut *conn, account, cleared, None, 100)
                        .await
                        .unwrap()
                ));
                said.push(format!(
                    "{:?}",
                    carry::rows(
                        &mut *conn,
                        account,
                        cleared,
                        Some((today.plus_days(-4), 1)),
                        100
                    )
                    .await
                    .unwrap()
                ));
            }
            said.push(format!(
                "{:?}",
                carry::cleared_as_expected(&mut *conn, account, today)
                    .await
                    .unwrap()
            ));
            // A later day's file clears what was carried over.
            let mut tx = store.begin().await.unwrap();
            for of in runs.iter().filter(|r| r.number == 2) {
                said.push(format!(
                    "cleared {:?}",
                    carry::clear(&mut tx, of, 3).await.unwrap()
                ));
                recon::mark_orders(&mut tx, of).await.unwrap();
            }
            done(tx).await;
            said.push(format!(
                "{:?}",
                carry::rows(&mut *conn, account, true, None, 200)
                    .await
                    .unwrap()
            ));
            said
        })
        .await;
    assert!(readings > 2_000, "{readings}");
}

/// What the database itself refuses about runs and the ledger.
#[tokio::test]
async fn what_a_run_found_and_what_people_said_never_changes() {
    let databases = Databases::start().await;
    databases
        .each(async |store| {
            let mut dice = Dice(0x0001_ed6e);
            let people = people(store).await;
            month(store, &people, &mut dice).await;
            for (sql, why) in [
                ("DELETE FROM resolutions", "never deleted"),
                ("UPDATE resolutions SET reason = 'x'", "does not change"),
                ("UPDATE resolutions SET amount_minor = amount_minor + 1", "does not change"),
                ("UPDATE difference_terms SET likely = 1", "does not change"),
                ("UPDATE carried_rows SET amount_minor = 1", "does not change"),
            ] {
                refused(run(store, sql).await, Why::Rule(why));
            }
            // Nobody decides about an entry of their own.
            refused(
                run(
                    store,
                    "UPDATE resolutions SET state = 'in_effect', decided_by = proposed_by, decided_at = 1
                     WHERE state = 'proposed' AND second_person = 1",
                )
                .await,
                Why::Check,
            );
            refused(
                run(store, "UPDATE differences SET disposition = 'suspended', owner_id = NULL").await,
                Why::Check,
            );
        })
        .await;
}
