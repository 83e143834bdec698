//! An export reads one moment, whatever is written meanwhile.

use crate::desk::{Databases, order, people, run};

#[tokio::test]
async fn a_snapshot_reads_one_moment() {
    let databases = Databases::start().await;
    databases
        .each_twice(async |one, two| {
            let people = people(one).await;
            for n in 0..5 {
                order(one, &people, &format!("M{n}"), 100).await;
            }
            let mut snapshot = one.snapshot().await.unwrap();
            let read = "SELECT COUNT(*), CAST(SUM(amount_minor) AS BIGINT) FROM orders";
            let mut seen: Vec<(i64, i64)> = Vec::new();
            for n in 5..8 {
                seen.push(
                    sqlx::query_as(read)
                        .fetch_one(&mut *snapshot)
                        .await
                        .unwrap(),
                );
                order(two, &people, &format!("M{n}"), 100).await;
                run(two, "UPDATE orders SET amount_minor = amount_minor + 1")
                    .await
                    .unwrap();
            }
            assert_eq!(seen, [(5, 500); 3]);
            // A read cannot write.
            if one.dialect() == zf_store::Dialect::Postgres {
                assert!(
                    sqlx::query("DELETE FROM meta")
                        .execute(&mut *snapshot)
                        .await
                        .is_err()
                );
            }
            drop(snapshot);
            let mut snapshot = one.snapshot().await.unwrap();
            let now: (i64, i64) = sqlx::query_as(read)
                .fetch_one(&mut *snapshot)
                .await
                .unwrap();
            assert_eq!(now, (8, 821));
        })
        .await;
}
