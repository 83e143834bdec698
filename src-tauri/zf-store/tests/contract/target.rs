//! Where a desk's memory may lie, and what is said when it cannot be reached.

use zf_store::{Dialect, Store, Target};

use crate::desk::{Databases, entry};

/// A path is a path, whatever is in it.
#[tokio::test]
async fn a_file_may_have_any_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "desk.db",
        "a b.db",
        "100%.db",
        "?mode=ro.db",
        "#1.db",
        "账房.db",
        "a:b@c.db",
        "..x/../y.db",
    ] {
        let path = folder.path().join(name);
        std::fs::create_dir_all(folder.path().join("..x")).unwrap();
        let store = Store::open(&path).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.audit(entry(1)).await.unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        assert!(path.exists(), "{name}");
    }
}

#[tokio::test]
async fn what_every_connection_is_told() {
    let databases = Databases::start().await;
    databases
        .each(async |store| {
            let asked: &[(&str, &str)] = match store.dialect() {
                Dialect::Sqlite => &[
                    (
                        "SELECT CAST(journal_mode AS TEXT) FROM pragma_journal_mode",
                        "wal",
                    ),
                    (
                        "SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous",
                        "2",
                    ),
                    (
                        "SELECT CAST(foreign_keys AS TEXT) FROM pragma_foreign_keys",
                        "1",
                    ),
                    (
                        "SELECT CAST(timeout AS TEXT) FROM pragma_busy_timeout",
                        "10000",
                    ),
                ],
                Dialect::Postgres => &[
                    ("SELECT current_setting('lock_timeout')", "10s"),
                    ("SELECT current_setting('synchronous_commit')", "on"),
                ],
            };
            for (sql, answer) in asked {
                let found: String = sqlx::query_scalar(*sql)
                    .fetch_one(store.pool())
                    .await
                    .unwrap();
                assert_eq!(found, *answer, "{sql}");
            }
        })
        .await;
}

/// TLS as sqlx does it: the server's certificate is checked against the one the URL names.
#[tokio::test]
async fn tls_is_checked_against_the_named_certificate() {
    let databases = Databases::start().await;
    let Target::Postgres(plain) = databases.fresh(Dialect::Postgres).await else {
        panic!("no server");
    };
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("server.pem");
    std::fs::write(&mine, &databases.server.certificate).unwrap();
    let secure = |more: &str| {
        Target::parse(&plain.replace("sslmode=disable", &format!("sslmode=verify-full{more}")))
    };
    let named = secure(&format!("&sslrootcert={}", mine.display()));
    let store = Store::open_target(&named).await.unwrap();
    let used: bool = sqlx::query_scalar("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
        .fetch_one(store.pool())
        .await
        .unwrap();
    assert!(used);
    assert!(Store::open_target(&secure("")).await.is_err());
}
