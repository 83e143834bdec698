//! The chain: whole, and every tampering named; written by two programs at once without a gap.

use zf_domain::Timestamp;
use zf_store::{AuditFilter, Dialect, Store, StoreError};

use crate::desk::{Databases, Why, entry, refused, run};

async fn chain(store: &Store, rows: i64) {
    for n in 1..=rows {
        let mut tx = store.begin().await.unwrap();
        tx.audit(entry(n)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// What the owner of a database can do to its rules.
async fn without_rules(store: &Store) {
    let on = match store.dialect() {
        Dialect::Sqlite => "",
        Dialect::Postgres => " ON audit",
    };
    for name in ["audit_is_never_changed", "audit_is_never_deleted"] {
        run(store, &format!("DROP TRIGGER {name}{on}"))
            .await
            .unwrap();
    }
}

/// Each way of tampering, by someone who owns the database and drops its triggers first.
#[tokio::test]
async fn the_first_broken_row_is_named() {
    let databases = Databases::start().await;
    for (what, sql, broken) in [
        ("nothing", "UPDATE meta SET value = value", None),
        (
            "edit",
            "UPDATE audit SET reason = 'because' WHERE seq = 4",
            Some(4),
        ),
        ("delete", "DELETE FROM audit WHERE seq = 3", Some(3)),
        ("cut the end", "DELETE FROM audit WHERE seq > 4", Some(5)),
        (
            "swap",
            "UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3)",
            Some(2),
        ),
    ] {
        databases
            .each(async |store| {
                chain(store, 6).await;
                without_rules(store).await;
                run(store, sql).await.unwrap();
                run(store, "UPDATE audit SET seq = -seq WHERE seq < 0")
                    .await
                    .unwrap();
                let verdict = store.verify_audit().await.unwrap();
                assert_eq!(
                    verdict.broken.as_ref().map(|(seq, _)| *seq),
                    broken,
                    "{what}: {verdict:?}"
                );
            })
            .await;
    }
}

#[tokio::test]
async fn the_chain_cannot_be_changed_through_the_store_and_changes_need_a_row() {
    let databases = Databases::start().await;
    databases
        .each(async |store| {
            chain(store, 2).await;
            for sql in ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"] {
                refused(run(store, sql).await, Why::Rule("audit rows are never"));
            }
            if store.dialect() == Dialect::Postgres {
                refused(
                    run(store, "TRUNCATE audit").await,
                    Why::Rule("audit rows are never"),
                );
            }
            let mut tx = store.begin().await.unwrap();
            tx.set_meta("a", "b").await.unwrap();
            assert!(matches!(tx.commit().await, Err(StoreError::Unaudited)));
            assert_eq!(store.meta("a").await.unwrap(), None);
        })
        .await;
}

/// Two programs on one database, several writers each: one chain, no gap, nothing lost.
#[tokio::test]
async fn writers_at_once_make_one_chain() {
    let databases = Databases::start().await;
    databases
        .each_twice(async |one, two| {
            let mut writers = tokio::task::JoinSet::new();
            for n in 0..8_i64 {
                let store = if n % 2 == 0 { one.clone() } else { two.clone() };
                writers.spawn(async move {
                    for step in 0..10 {
                        let mut tx = store.begin().await.unwrap();
                        // What was read at the beginning stays true until the commit.
                        let before: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM audit")
                            .fetch_one(tx.conn())
                            .await
                            .unwrap();
                        tokio::task::yield_now().await;
                        let row = tx.audit(entry(n * 100 + step)).await.unwrap();
                        assert_eq!(row.seq, before + 1);
                        tx.commit().await.unwrap();
                    }
                });
            }
            while let Some(done) = writers.join_next().await {
                done.unwrap();
            }
            let verdict = one.verify_audit().await.unwrap();
            assert_eq!((verdict.rows, verdict.broken), (80, None));
        })
        .await;
}

#[tokio::test]
async fn filters_leave_the_same() {
    let databases = Databases::start().await;
    databases
        .each(async |store| {
            chain(store, 6).await;
            let filter = |change: fn(&mut AuditFilter)| {
                let mut filter = AuditFilter::default();
                change(&mut filter);
                filter
            };
            for (what, filter, left) in [
                ("nothing", AuditFilter::default(), 6),
                ("a room", filter(|f| f.action = Some("test.".into())), 6),
                ("an action", filter(|f| f.action = Some("test".into())), 0),
                (
                    "an object",
                    filter(|f| f.object = Some("thing 3".into())),
                    1,
                ),
                (
                    "another case",
                    filter(|f| f.words = vec!["tHiNg".into(), "5".into()]),
                    1,
                ),
                ("not ASCII", filter(|f| f.words = vec!["定时".into()]), 6),
                (
                    "wildcards are no wildcards",
                    filter(|f| f.words = vec!["t%g_".into()]),
                    0,
                ),
                ("a backslash", filter(|f| f.words = vec!["\\".into()]), 6),
                (
                    "from",
                    filter(|f| f.from = Some(Timestamp::from_seconds(1_800_000_004))),
                    3,
                ),
                (
                    "before",
                    filter(|f| f.before = Some(Timestamp::from_seconds(1_800_000_004))),
                    3,
                ),
                ("refused", filter(|f| f.refused = true), 0),
            ] {
                assert_eq!(store.audit_count(&filter).await.unwrap(), left, "{what}");
                assert_eq!(
                    store.audit_page(&filter, None, 100).await.unwrap().len() as u64,
                    left
                );
            }
        })
        .await;
}
