//! The login the desk works with on PostgreSQL: all of the desk's work, and nothing against its rules.

use sqlx::{Connection as _, Executor as _};
use zf_store::{Conn, Dialect, Store, StoreError, Target};

use crate::desk::{Databases, entry, order, people, run};

const ROLES: &str = include_str!("../../migrations/postgres/roles.sql");

#[tokio::test]
async fn the_desks_own_login_cannot_touch_the_chain_or_the_rules() {
    let databases = Databases::start().await;
    let target = databases.fresh(Dialect::Postgres).await;
    let owner = Store::open_target(&target).await.unwrap();
    let Target::Postgres(url) = &target else {
        panic!("{target:?}");
    };
    // Twice: an owner runs it again after each migration.
    for _ in 0..2 {
        let mut conn = Conn::connect(url).await.unwrap();
        conn.execute(sqlx::raw_sql(ROLES)).await.unwrap();
        conn.close().await.unwrap();
    }
    let password = "CREATE ROLE desk1 LOGIN PASSWORD 'secret-of-the-test' IN ROLE zf_desk";
    run(&owner, password).await.unwrap();
    let url = url.replace("owner@", "desk1:secret-of-the-test@");
    // Migrated by the owner: there is nothing left to do for this login.
    let desk = Store::open_target(&Target::Postgres(url)).await.unwrap();

    let people = people(&desk).await;
    order(&desk, &people, "M1", 100).await;
    for n in 1..=3 {
        let mut tx = desk.begin().await.unwrap();
        tx.audit(entry(n)).await.unwrap();
        tx.commit().await.unwrap();
    }
    // PostgreSQL answers with a warning only: nothing was granted.
    let _ = run(&desk, "GRANT UPDATE, DELETE ON audit TO desk1").await;
    for sql in [
        "UPDATE audit SET actor = 'x'",
        "UPDATE audit SET hash = hash",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE seq = 3",
        "TRUNCATE audit",
        "DROP TABLE audit",
        "DROP TRIGGER audit_is_never_changed ON audit",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "ALTER TABLE orders DROP CONSTRAINT orders_check",
        "CREATE OR REPLACE FUNCTION audit_is_never_deleted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "CREATE TABLE refunds_of_mine (id TEXT)",
        "CREATE TEMPORARY TABLE refund_versions (id TEXT)",
        "SET session_replication_role = replica",
        "UPDATE refund_versions SET content = 'x'",
        "DELETE FROM refund_versions",
        "DELETE FROM approvals",
        "DELETE FROM refunds",
        "DELETE FROM orders",
        "UPDATE closed_before SET digest = 'x'",
        "DELETE FROM resolutions",
        "UPDATE house_rules SET content = 'x'",
        "DELETE FROM _sqlx_migrations",
        "SET ROLE owner",
    ] {
        match run(&desk, sql).await {
            Err(StoreError::Database(sqlx::Error::Database(error))) => {
                assert_eq!(error.code().as_deref(), Some("42501"), "{sql}: {error}");
            }
            other => panic!("{sql}: {other:?}"),
        }
    }
    let verdict = desk.verify_audit().await.unwrap();
    assert_eq!((verdict.rows, verdict.broken), (3, None));
}
