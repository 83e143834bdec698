//! A refund's life and what the database itself refuses: more than was paid, an approval of one's own,
//! a sending twice; also when two programs try at one instant.

use zf_domain::{BusinessDate, Money, RefundId, RefundState, Timestamp, UserId};
use zf_store::orders::OrderRecord;
use zf_store::refunds::{self, ApprovalRecord, RefundRecord, VersionRecord};
use zf_store::{Store, StoreError};

use crate::desk::{Databases, People, Why, entry, order, people, refused, run};

struct Desk<'a> {
    store: &'a Store,
    people: &'a People,
    order: OrderRecord,
}

impl<'a> Desk<'a> {
    /// One paid order of 100.00.
    async fn open(store: &'a Store, people: &'a People) -> Self {
        Self {
            store,
            people,
            order: order(store, people, "M1", 10_000).await,
        }
    }

    /// A refund of this many fen that waits for approval.
    async fn asked(&self, number: &str, minor: i64) -> Result<RefundRecord, StoreError> {
        asked(self.store, self.people.maker, &self.order, number, minor).await
    }

    async fn approve(
        &self,
        refund: &RefundRecord,
        who: UserId,
        digest: &str,
    ) -> Result<(), StoreError> {
        let mut conn = self.store.pool().acquire().await.unwrap();
        let approval = ApprovalRecord {
            version: refund.version,
            checker_id: who,
            checker: String::new(),
            approved: true,
            digest: digest.to_owned(),
            comment: String::new(),
            at: Timestamp::from_millis(1),
            stands: true,
        };
        refunds::add_approval(&mut conn, refund.id, &approval).await
    }
}

async fn asked(
    store: &Store,
    maker: UserId,
    order: &OrderRecord,
    number: &str,
    minor: i64,
) -> Result<RefundRecord, StoreError> {
    let mut conn = store.pool().acquire().await.unwrap();
    let mut refund = RefundRecord::draft(
        RefundId::new(),
        order,
        number,
        Some(maker),
        Timestamp::from_millis(0),
    );
    refunds::insert(&mut conn, &refund).await?;
    let version = VersionRecord {
        version: 1,
        content: "[]".to_owned(),
        digest: format!("digest of {number}"),
        editor_id: maker,
        at: Timestamp::from_millis(0),
    };
    refunds::add_version(&mut conn, refund.id, &version).await?;
    refund.state = RefundState::AwaitingApproval;
    refund.amount = Money::cny(minor);
    refund.version = 1;
    refund.digest = version.digest;
    refunds::save(&mut conn, &refund).await?;
    Ok(refund)
}

#[tokio::test]
async fn refunds_never_exceed_the_payment_whatever_the_core_says() {
    let databases = Databases::start().await;
    databases
        .each(async |store| {
            let people = people(store).await;
            let desk = Desk::open(store, &people).await;
            desk.asked("R1", 6_000).await.unwrap();
            refused(
                desk.asked("R2", 4_001).await,
                Why::Rule("refunds exceed the payment"),
            );
            desk.asked("R3", 4_000).await.unwrap();
            refused(desk.asked("R1", 1).await, Why::Unique);
            for sql in [
                "UPDATE orders SET refunded_minor = 4000, in_flight_minor = 6001",
                "UPDATE orders SET refunded_minor = -1",
                "UPDATE orders SET paid_minor = -1",
            ] {
                refused(run(store, sql).await, Why::Check);
            }
        })
        .await;
}

/// Requests on two programs at one instant, round after round, without the desk's own lock: together
/// they never exceed the payment.
#[tokio::test]
async fn requests_at_once_never_exceed_the_payment() {
    let databases = Databases::start().await;
    databases
        .each_twice(async |one, two| {
            let people = people(one).await;
            for round in 0..12 {
                let order = order(one, &people, &format!("M{round}"), 10_000).await;
                let mut asking = tokio::task::JoinSet::new();
                for n in 0..4 {
                    let store = if n % 2 == 0 { one.clone() } else { two.clone() };
                    let (order, maker) = (order.clone(), people.maker);
                    asking.spawn(async move {
                        asked(&store, maker, &order, &format!("R{round}-{n}"), 4_000).await
                    });
                }
                let mut stored = 0;
                while let Some(done) = asking.join_next().await {
                    match done.unwrap() {
                        Ok(_) => stored += 1,
                        refusal => refused(refusal, Why::Rule("refunds exceed the payment")),
                    }
                }
                assert_eq!(stored, 2, "round {round}");
            }
            let sums: Vec<(String, i64)> = sqlx::query_as(
                "SELECT o.order_no, CAST(SUM(r.amount_minor) AS BIGINT) FROM refunds r JOIN orders o ON o.id = r.order_id
                 WHERE r.state = 'awaiting_approval' GROUP BY o.order_no",
            )
            .fetch_all(one.pool())
            .await
            .unwrap();
            assert_eq!(sums.len(), 12);
            assert!(sums.iter().all(|(_, minor)| *minor == 8_000), "{sums:?}");
        })
        .await;
}

/// The same refund claimed for sending by four at once, on two programs: one wins, round after round.
#[tokio::test]
async fn one_of_several_claims_of_a_refund_wins() {
    let databases = Databases::start().await;
    databases
        .each_twice(async |one, two| {
            let people = people(one).await;
            let desk = Desk::open(one, &people).await;
            let refund = desk.asked("R1", 100).await.unwrap();
            for round in 1..=12_i64 {
                let mut claims = tokio::task::JoinSet::new();
                for n in 0..4 {
                    let store = if n % 2 == 0 { one.clone() } else { two.clone() };
                    let id = refund.id;
                    claims.spawn(async move {
                        // Half of them with the desk's transaction, half with the row's own rule alone.
                        if n < 2 {
                            let mut tx = store.begin().await?;
                            let attempt = refunds::begin_attempt(
                                tx.conn(),
                                id,
                                "run",
                                Timestamp::from_millis(n),
                            )
                            .await?;
                            tx.audit(entry(n)).await?;
                            tx.commit().await?;
                            Ok::<_, StoreError>(attempt)
                        } else {
                            let mut conn = store.pool().acquire().await.unwrap();
                            refunds::begin_attempt(&mut conn, id, "run", Timestamp::from_millis(n))
                                .await
                        }
                    });
                }
                let mut won = Vec::new();
                while let Some(done) = claims.join_next().await {
                    match done.unwrap() {
                        Ok(attempt) => won.push(attempt),
                        lost => refused(lost, Why::Unique),
                    }
                }
                assert_eq!(won, [round]);
                let mut conn = two.pool().acquire().await.unwrap();
                let at = Timestamp::from_millis(9);
                refunds::finish_attempt(&mut conn, refund.id, round, at, "unknown", None)
                    .await
                    .unwrap();
            }
            let verdict = one.verify_audit().await.unwrap();
            assert_eq!(verdict.broken, None);
        })
        .await;
}

#[tokio::test]
async fn nothing_is_sent_without_another_persons_approval_of_what_stands() {
    let databases = Databases::start().await;
    databases
        .each(async |store| {
            let people = people(store).await;
            let desk = Desk::open(store, &people).await;
            let refund = desk.asked("R1", 100).await.unwrap();
            for sql in [
                "UPDATE refunds SET state = 'queued'",
                "UPDATE refunds SET state = 'processing'",
                "UPDATE refunds SET state = 'succeeded'",
            ] {
                refused(run(store, sql).await, Why::Rule("not approved"));
            }
            refused(
                run(
                    store,
                    "INSERT INTO refunds (id, account_id, order_id, refund_no, state, currency, amount_minor, reason_code, note,
                        buyer_note, maker_id, origin, created_at)
                     SELECT 'x', account_id, order_id, 'R9', 'queued', currency, 1, '', '', '', maker_id, 'desk', 0 FROM refunds",
                )
                .await,
                Why::Rule("begins as a draft"),
            );
            for (who, digest, why) in [
                (people.maker, refund.digest.as_str(), Why::Rule("maker is checker")),
                (people.checker, "another digest", Why::Rule("digest mismatch")),
            ] {
                refused(desk.approve(&refund, who, digest).await, why);
            }
            desk.approve(&refund, people.checker, &refund.digest)
                .await
                .unwrap();
            refused(
                desk.approve(&refund, people.checker, &refund.digest).await,
                Why::Unique,
            );
            // A changed version takes the standing; it cannot be given back.
            let mut conn = store.pool().acquire().await.unwrap();
            assert_eq!(refunds::void_approvals(&mut conn, refund.id).await.unwrap(), 1);
            drop(conn);
            for (sql, why) in [
                ("UPDATE refunds SET state = 'queued'", "not approved"),
                ("UPDATE approvals SET stands = 1", "never changed"),
                ("UPDATE approvals SET comment = 'x'", "never changed"),
                ("UPDATE approvals SET checker_id = 'x'", "never changed"),
                ("DELETE FROM approvals", "never deleted"),
                ("UPDATE refund_versions SET content = 'x'", "never changed"),
                ("DELETE FROM refund_versions", "never deleted"),
            ] {
                refused(run(store, sql).await, Why::Rule(why));
            }
        })
        .await;
}

#[tokio::test]
async fn what_was_approved_and_its_number_never_change() {
    let databases = Databases::start().await;
    databases
        .each(async |store| {
            let people = people(store).await;
            let desk = Desk::open(store, &people).await;
            let refund = desk.asked("R1", 100).await.unwrap();
            desk.approve(&refund, people.checker, &refund.digest)
                .await
                .unwrap();
            run(store, "UPDATE refunds SET state = 'queued'")
                .await
                .unwrap();
            for sql in [
                "UPDATE refunds SET amount_minor = 101",
                "UPDATE refunds SET digest = 'x'",
                "UPDATE refunds SET refund_no = 'R2'",
                "UPDATE refunds SET checkers_required = 0",
            ] {
                refused(run(store, sql).await, Why::Rule("does not change"));
            }
            // One sending at a time, each written down before it.
            let mut conn = store.pool().acquire().await.unwrap();
            let now = Timestamp::from_millis(5);
            assert_eq!(
                refunds::begin_attempt(&mut conn, refund.id, "run", now)
                    .await
                    .unwrap(),
                1
            );
            refused(
                refunds::begin_attempt(&mut conn, refund.id, "run", now).await,
                Why::Unique,
            );
            assert_eq!(
                refunds::lost_attempts(&mut conn, "run", now).await.unwrap(),
                []
            );
            assert_eq!(
                refunds::lost_attempts(&mut conn, "next run", now)
                    .await
                    .unwrap(),
                [(refund.id, 1)]
            );
            refunds::finish_attempt(&mut conn, refund.id, 1, now, "unknown", None)
                .await
                .unwrap();
            assert_eq!(
                refunds::lost_attempts(&mut conn, "next run", now)
                    .await
                    .unwrap(),
                []
            );
            assert_eq!(
                refunds::begin_attempt(&mut conn, refund.id, "run", now)
                    .await
                    .unwrap(),
                2
            );
            drop(conn);
            refused(
                run(store, "DELETE FROM refund_attempts").await,
                Why::Rule("never deleted"),
            );
        })
        .await;
}

#[tokio::test]
async fn numbers_are_counted_within_their_transaction() {
    let databases = Databases::start().await;
    databases
        .each(async |store| {
            let date = BusinessDate::parse("2026-11-20").unwrap();
            let mut tx = store.begin().await.unwrap();
            assert_eq!(refunds::next_number(tx.conn(), date).await.unwrap(), 1);
            assert_eq!(refunds::next_number(tx.conn(), date).await.unwrap(), 2);
            drop(tx);
            let mut tx = store.begin().await.unwrap();
            assert_eq!(
                refunds::next_number(tx.conn(), date).await.unwrap(),
                1,
                "what was never stored was never given out"
            );
            assert_eq!(
                refunds::next_number(tx.conn(), date.plus_days(1))
                    .await
                    .unwrap(),
                1
            );
        })
        .await;
}
