//! Both schemas say the same: a step of one without the other is named here.

use std::collections::BTreeSet;

use zf_store::{Dialect, Store};

use crate::desk::Databases;

/// What exists on one side alone: the fragment index of SQLite, and PostgreSQL's in its place.
const OWN: [&str; 8] = [
    "column order_words.seq bigint needed",
    "trigger order_words_added",
    "trigger order_words_changed",
    "trigger order_words_removed",
    "index order_words_pieces",
    "trigger audit_is_never_emptied",
    // The key of order_words: seq there, the order here.
    "key order_words (order_id)",
    "key order_words (seq)",
];

async fn lines(store: &Store, sql: &str) -> BTreeSet<String> {
    let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned()))
        .fetch_all(store.pool())
        .await
        .unwrap();
    rows.into_iter()
        .filter(|line| !OWN.contains(&line.as_str()))
        .collect()
}

const SQLITE: [&str; 4] = [
    "SELECT 'column ' || m.name || '.' || c.name || ' '
        || CASE c.type WHEN 'INTEGER' THEN 'bigint' WHEN 'BLOB' THEN 'bytea' ELSE lower(c.type) END
        || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' needed' ELSE '' END
     FROM sqlite_master m, pragma_table_info(m.name) c
     WHERE m.type = 'table' AND m.name NOT LIKE 'order_fragments%' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
    "SELECT 'index ' || name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
    "SELECT 'trigger ' || name FROM sqlite_master WHERE type = 'trigger'",
    "SELECT 'key ' || m.name || ' (' || (SELECT group_concat(name, ', ') FROM
        (SELECT c.name FROM pragma_index_info(i.name) c ORDER BY c.seqno)) || ')'
     FROM sqlite_master m, pragma_index_list(m.name) i
     WHERE m.type = 'table' AND i.origin IN ('u', 'pk') AND m.name NOT LIKE 'order_fragments%'
       AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
];
const POSTGRES: [&str; 4] = [
    "SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type
        || CASE is_nullable WHEN 'NO' THEN ' needed' ELSE '' END
     FROM information_schema.columns WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations'",
    "SELECT 'index ' || c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relnamespace = current_schema()::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = c.oid)",
    "SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT 'key ' || t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY n.place)
        FROM unnest(k.conkey) WITH ORDINALITY n (column_no, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n.column_no) || ')'
     FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
     WHERE k.contype IN ('p', 'u') AND t.relnamespace = current_schema()::regnamespace AND t.relname <> '_sqlx_migrations'",
];

#[tokio::test]
async fn both_databases_have_the_same_tables_keys_and_rules() {
    let databases = Databases::start().await;
    let sqlite = Store::open_target(&databases.fresh(Dialect::Sqlite).await)
        .await
        .unwrap();
    let postgres = Store::open_target(&databases.fresh(Dialect::Postgres).await)
        .await
        .unwrap();
    for (ours, theirs) in SQLITE.iter().zip(POSTGRES) {
        let (ours, theirs) = (lines(&sqlite, ours).await, lines(&postgres, theirs).await);
        assert!(ours.len() > 40, "{ours:?}");
        assert_eq!(
            ours.symmetric_difference(&theirs).collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "on one database only"
        );
    }
    // Text is compared byte by byte: lists stand in the same order on both.
    let other: Vec<String> = sqlx::query_scalar(
        "SELECT table_name || '.' || column_name FROM information_schema.columns
         WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
           AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(postgres.pool())
    .await
    .unwrap();
    assert_eq!(other, Vec::<String>::new());
}
