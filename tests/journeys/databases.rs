//! Real databases for the journeys: a PostgreSQL and a MariaDB of this machine.

use std::path::Path;
use std::process::Stdio;

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};

#[path = "../databases/server.rs"]
mod server;

pub(crate) use server::Server;
use server::{as_user, certificate, folder_of, free_port, ready, run};

pub(crate) const PASSWORD: &str = "pass'word-%41-日";

/// The database of a home: its file, or, where `ZF_JOURNEYS_ON` names a PostgreSQL server by the URL of
/// an owner of databases, one of that server for each home.
pub(crate) async fn of_home(home: &Path) -> Option<zf_store::Target> {
    let server = elsewhere()?;
    let digest = zf_crypto::digest::sm3(home.as_os_str().as_encoded_bytes());
    let name = format!("home_{}", &zf_crypto::digest::hex_lower(&digest)[..24]);
    let mut conn = sqlx::PgConnection::connect(&server).await.unwrap();
    let made: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM pg_database WHERE datname = $1")
        .bind(&name)
        .fetch_one(&mut conn)
        .await
        .unwrap();
    if made == 0 {
        conn.execute(sqlx::raw_sql(AssertSqlSafe(format!(
            "CREATE DATABASE {name}"
        ))))
        .await
        .unwrap();
    }
    conn.close().await.unwrap();
    let (host, _) = server.rsplit_once('/').unwrap();
    Some(zf_store::Target::Postgres(format!("{host}/{name}")))
}

/// The server the desks of this run lie in, if it is not the file of each home.
pub(crate) fn elsewhere() -> Option<String> {
    std::env::var("ZF_JOURNEYS_ON").ok()
}

/// PostgreSQL with a database `shop` and a login `reader` that may read its tables.
pub(crate) async fn postgres(tables: &str) -> Server {
    let server = server::postgres(&[]);
    let options = sqlx::postgres::PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(server.port)
        .username("owner")
        .database("postgres");
    let mut conn = ready(async || options.connect().await).await;
    conn.execute("CREATE DATABASE shop").await.unwrap();
    let mut conn = options.clone().database("shop").connect().await.unwrap();
    let quoted = PASSWORD.replace('\'', "''");
    conn.execute(sqlx::raw_sql(AssertSqlSafe(format!(
        "{tables}; CREATE ROLE reader LOGIN PASSWORD '{quoted}';
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
         CREATE FUNCTION sneaky() RETURNS bigint LANGUAGE sql SECURITY DEFINER
         AS 'DELETE FROM ledger RETURNING 1::bigint'"
    ))))
    .await
    .unwrap();
    conn.close().await.unwrap();
    server
}

/// MariaDB with a database `shop` and a login `reader` that may read its tables.
pub(crate) async fn mariadb(tables: &str) -> Server {
    let program = ["/usr/sbin/mariadbd", "/usr/sbin/mysqld"]
        .map(Path::new)
        .into_iter()
        .find(|path| path.exists())
        .expect("MariaDB is missing; `scripts/setup.sh test` installs it");
    let folder = folder_of("mysql");
    let certificate = certificate(&folder, "mysql");
    let data = folder.join("data");
    run(as_user("mysql", Path::new("mariadb-install-db"))
        .current_dir(&folder)
        .args([
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ])
        .arg(format!("--datadir={}", data.display())));
    let port = free_port();
    let child = as_user("mysql", program)
        .current_dir(&folder)
        .arg("--no-defaults")
        .arg(format!("--datadir={}", data.display()))
        .arg(format!("--port={port}"))
        .arg(format!("--socket={}", folder.join("s").display()))
        .arg(format!(
            "--ssl-cert={}",
            folder.join("server.crt").display()
        ))
        .arg(format!("--ssl-key={}", folder.join("server.key").display()))
        .args([
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=0",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let server = Server {
        child,
        folder,
        port,
        certificate,
    };
    let options = sqlx::mysql::MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(port)
        .username("root")
        .ssl_mode(sqlx::mysql::MySqlSslMode::Disabled);
    let mut conn = ready(async || options.connect().await).await;
    let quoted = PASSWORD.replace('\'', "''");
    conn.execute(sqlx::raw_sql(AssertSqlSafe(format!(
        "CREATE DATABASE shop CHARACTER SET utf8mb4; USE shop; {tables};
         CREATE USER 'reader'@'%' IDENTIFIED BY '{quoted}'; GRANT SELECT, EXECUTE ON shop.* TO 'reader'@'%';
         CREATE FUNCTION sneaky() RETURNS INT MODIFIES SQL DATA SQL SECURITY DEFINER
         BEGIN DELETE FROM ledger; RETURN 1; END;"
    ))))
    .await
    .unwrap();
    conn.close().await.unwrap();
    server
}
