//! The merchant's books from every kind of source, from the import to the differences.

use std::io::Read as _;

use serde_json::{Value, json};
use zf_app::compare::{CompareOptions, compare_files};
use zf_app::{AppError, Code};
use zf_crypto::sealed_file::{self, FileKey};
use zf_domain::BusinessDate;

use crate::databases::{self, PASSWORD};
use crate::day::counts;
use crate::world::{Token, World, sign_in, text};

/// The books as rows of text, header first.
fn cells(books: &str) -> Vec<Vec<String>> {
    csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(books.trim_start_matches('\u{feff}').as_bytes())
        .records()
        .map(|record| record.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

fn csv_text(rows: &[Vec<String>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// The same books as a workbook: amounts are numbers, times are dates of Beijing.
fn workbook(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = rust_xlsxwriter::Workbook::new();
    let date = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    let sheet = writer.add_worksheet().set_name("账簿").unwrap();
    for (r, row) in (0_u32..).zip(rows) {
        for (c, cell) in (0_u16..).zip(row) {
            match (r, c) {
                (1.., 3) => {
                    sheet
                        .write_number(r, c, cell.parse::<f64>().unwrap())
                        .unwrap();
                }
                (1.., 6) => {
                    let local = zf_domain::Timestamp::parse_rfc3339(cell)
                        .unwrap()
                        .to_beijing();
                    let time =
                        rust_xlsxwriter::ExcelDateTime::parse_from_str(&local.replace(' ', "T"))
                            .unwrap();
                    sheet
                        .write_datetime_with_format(r, c, &time, &date)
                        .unwrap();
                }
                _ => {
                    sheet.write_string(r, c, cell).unwrap();
                }
            }
        }
    }
    writer.save_to_buffer().unwrap()
}

fn sealed(key: &FileKey, name: &str, content: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    sealed_file::seal(key, name, &mut content.as_bytes(), &mut bytes).unwrap();
    bytes
}

impl World {
    async fn import_bytes(
        &self,
        date: BusinessDate,
        name: &str,
        bytes: &[u8],
    ) -> Result<Value, AppError> {
        let token = self.upload(name, bytes);
        self.call(
            &self.clerk,
            "books.import",
            json!({ "account_id": self.account_id, "date": date, "file_token": token }),
        )
        .await
    }

    /// Bills, books as the default CSV with planted differences, and what a run finds: the measure.
    async fn measure(&self, date: BusinessDate) -> (Vec<Vec<String>>, Vec<(String, u64)>, Value) {
        let run = self.reconciled(date, true).await;
        let rows = cells(&self.books(date, true).await);
        (rows, counts(&run), run["run_digest"].clone())
    }

    /// Runs again and finds the same differences.
    async fn finds(&self, date: BusinessDate, expected: &[(String, u64)]) -> Value {
        let run = self.ok(&self.clerk, "recon.run", self.day(date)).await;
        assert_eq!(counts(&run), expected);
        run
    }

    /// A difference with a row in the books shows that row as it stands there.
    async fn shows_the_books_row(&self, run: &Value) {
        let rows = self.differences(run).await;
        let row = rows.iter().find(|row| !row["ledger"].is_null()).unwrap();
        let of = json!({ "difference_id": row["difference_id"] });
        let shown = self.ok(&self.clerk, "recon.difference", of).await;
        let side = &shown["row"]["ledger"];
        assert!(
            text(&side["raw"]).contains(&text(&side["number"])),
            "{side}"
        );
    }

    async fn admin(&self) -> Token {
        sign_in(&self.app, "admin").await
    }

    async fn preview(&self, token: &str, mapping: Value) -> Value {
        self.ok(
            &self.clerk,
            "books.preview",
            json!({ "file_token": token, "mapping": mapping }),
        )
        .await
    }
}

fn code(done: Result<Value, AppError>) -> Code {
    done.unwrap_err().code
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_is_books_like_any_other() {
    let (world, date) = World::with_history().await;
    let (rows, expected, _) = world.measure(date).await;
    let done = world
        .import_bytes(date, "账簿.xlsx", &workbook(&rows))
        .await
        .unwrap();
    assert_eq!(done["rows"], json!(rows.len() - 1));
    assert_eq!(done["faults"], json!([]));
    let run = world.finds(date, &expected).await;
    world.shows_the_books_row(&run).await;

    let again = world
        .import_bytes(date, "账簿.xlsx", &workbook(&rows))
        .await
        .unwrap();
    assert_eq!(again["rows"], done["rows"]);

    // One id that a spreadsheet has turned into a number is named by its cell; the rest is read.
    let mut writer = rust_xlsxwriter::Workbook::new();
    let sheet = writer.add_worksheet().set_name("账簿").unwrap();
    for (r, row) in (0_u32..).zip(&rows[..3]) {
        for (c, cell) in (0_u16..).zip(row) {
            sheet.write_string(r, c, cell).unwrap();
        }
    }
    sheet.write_number(2, 1, 123_456_789_012_345_678.0).unwrap();
    let done = world
        .import_bytes(date, "b.xlsx", &writer.save_to_buffer().unwrap())
        .await
        .unwrap();
    assert_eq!(done["rows"], 1);
    let fault = &done["faults"][0];
    assert_eq!(
        (&fault["line"], &fault["column"]),
        (&json!(3), &json!("账簿!B3 out_trade_no"))
    );
    assert!(
        text(&fault["problem"]).contains("the id lost digits in Excel"),
        "{fault}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_books_are_read_after_their_tag_and_never_before() {
    let (world, date) = World::with_history().await;
    let (rows, expected, digest) = world.measure(date).await;
    let key = FileKey::generate();
    let bytes = sealed(&key, "books-2026", &csv_text(&rows));

    // Without the key, with another key, with one byte changed: not one row is read.
    assert_eq!(
        code(world.import_bytes(date, "b.zfb", &bytes).await),
        Code::BooksKeyMissing
    );
    let admin = world.admin().await;
    let add = |name: &str, key: &FileKey| {
        let token = world.upload("key", key.to_file().expose().as_bytes());
        json!({ "account_id": world.account_id, "name": name, "file_token": token })
    };
    let ways = world
        .ok(&admin, "books.add_key", add("other", &FileKey::generate()))
        .await;
    assert!(!ways.to_string().contains(key.to_file().expose().trim()));
    let foreign = sealed(&key, "other", &csv_text(&rows));
    assert_eq!(
        code(world.import_bytes(date, "b.zfb", &foreign).await),
        Code::BooksSealBroken
    );
    let ways = world
        .ok(&admin, "books.add_key", add("books-2026", &key))
        .await;
    assert_eq!(ways["keys"][0]["fingerprint"], json!(key.fingerprint()));
    assert_eq!(
        code(
            world
                .call(&admin, "books.add_key", add("books-2026", &key))
                .await
        ),
        Code::BooksNameTaken
    );
    assert_eq!(
        code(
            world
                .call(&world.clerk, "books.add_key", add("mine", &key))
                .await
        ),
        Code::PermissionDenied
    );
    let mut changed = bytes.clone();
    let at = changed.len() / 2;
    changed[at] ^= 1;
    assert_eq!(
        code(world.import_bytes(date, "b.zfb", &changed).await),
        Code::BooksSealBroken
    );
    let preview = json!({ "file_token": world.upload("b.zfb", &changed), "mapping": null });
    assert_eq!(
        code(world.call(&world.clerk, "books.preview", preview).await),
        Code::BooksSealBroken
    );

    let done = world.import_bytes(date, "b.zfb", &bytes).await.unwrap();
    assert_eq!(done["rows"], json!(rows.len() - 1));
    let run = world.finds(date, &expected).await;
    assert_eq!(run["run_digest"], digest);
    world.shows_the_books_row(&run).await;
    // What lies in the archive is the container, as it came.
    let order_no = &rows[1][1];
    for entry in std::fs::read_dir(world.home.join("books").join(&world.account_id)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "zfb") {
            let mut kept = Vec::new();
            std::fs::File::open(&path)
                .unwrap()
                .read_to_end(&mut kept)
                .unwrap();
            assert!(!String::from_utf8_lossy(&kept).contains(order_no.as_str()));
        }
    }
}

/// The rows under other names and words, amounts in fen, times local.
fn house(rows: &[Vec<String>]) -> Vec<Vec<String>> {
    let header = [
        "类型",
        "订单号",
        "退款单号",
        "金额(分)",
        "币种",
        "订单状态",
        "下单时间",
    ];
    let mut house = vec![header.map(str::to_owned).to_vec()];
    for row in &rows[1..] {
        let mut row = row.clone();
        row[0] = if row[0] == "refund" {
            "退款"
        } else {
            "收款"
        }
        .to_owned();
        row[3] = zf_domain::Money::parse(&row[3], zf_domain::Currency::Cny)
            .unwrap()
            .minor
            .to_string();
        row[5] = match row[5].as_str() {
            "SUCCESS" | "REFUND" => "已完成",
            "CLOSED" => "已关闭",
            _ => "审单中",
        }
        .to_owned();
        row[6] = zf_domain::Timestamp::parse_rfc3339(&row[6])
            .unwrap()
            .to_beijing();
        house.push(row);
    }
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mapping_is_guessed_looked_at_kept_and_given_to_the_command_line() {
    let (world, date) = World::with_history().await;
    let (rows, expected, _) = world.measure(date).await;
    let house = house(&rows);
    let file = csv_text(&house);
    let token = world.upload("house.csv", file.as_bytes());
    let seen = world.preview(&token, Value::Null).await;
    assert_eq!(seen["columns"], json!(house[0]));
    let mut mapping = seen["mapping"].clone();
    for (field, column) in [
        ("kind_column", "类型"),
        ("order_no_column", "订单号"),
        ("refund_no_column", "退款单号"),
        ("amount_column", "金额(分)"),
        ("currency_column", "币种"),
        ("status_column", "订单状态"),
        ("created_at_column", "下单时间"),
        ("amount_unit", "fen"),
        ("time_format", "local"),
    ] {
        assert_eq!(mapping[field], column, "{seen}");
    }
    assert!(seen["rows"].as_array().unwrap().len() <= 20);
    assert_eq!(seen["rows"][0]["entry"]["order_no"], json!(house[1][1]));

    // A word nobody knows is a fault until it has a meaning.
    let words: Vec<String> = seen["status_words"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| text(&w["word"]))
        .collect();
    assert!(words.iter().any(|w| w == "审单中"), "{seen}");
    assert!(seen["refused"].as_u64().unwrap() > 0, "{seen}");
    let statuses = mapping["statuses"].as_array_mut().unwrap();
    statuses.retain(|w| w["word"] != "审单中");
    statuses.push(json!({ "word": "审单中", "state": "in_progress" }));
    let seen = world.preview(&token, mapping.clone()).await;
    assert_eq!(
        (&seen["refused"], &seen["problem"]),
        (&json!(0), &Value::Null),
        "{seen}"
    );

    // A wrong column shows at once what is wrong with every row; a missing one, what is missing.
    let mut wrong = mapping.clone();
    wrong["amount_column"] = json!("订单号");
    wrong["order_no_column"] = json!("金额(分)");
    let seen = world.preview(&token, wrong.clone()).await;
    assert_eq!(seen["rows"][0]["fault"]["column"], "订单号", "{seen}");
    wrong["amount_column"] = json!("");
    assert!(
        text(&world.preview(&token, wrong.clone()).await["problem"]["problem"])
            .contains("a column for every field")
    );
    let save = |mapping: &Value| json!({ "account_id": world.account_id, "name": "店铺后台", "mapping": mapping, "use_it": true });
    assert_eq!(
        code(
            world
                .call(&world.clerk, "books.save_mapping", save(&wrong))
                .await
        ),
        Code::BadRequest
    );

    let ways = world
        .ok(&world.clerk, "books.save_mapping", save(&mapping))
        .await;
    assert_eq!(ways["mappings"][0]["in_use"], true);
    let done = world
        .import_bytes(date, "house.csv", file.as_bytes())
        .await
        .unwrap();
    assert_eq!(done["rows"], json!(rows.len() - 1));
    let run = world.finds(date, &expected).await;

    // The same mapping as a file: for the command line, and back in.
    let of = json!({ "account_id": world.account_id, "name": "店铺后台" });
    let exported = world
        .ok(&world.clerk, "books.export_mapping", of.clone())
        .await;
    let bytes = world.download(&exported);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let bill = world.fetch(date, "trade").await.unwrap();
    let raw = world
        .ok(
            &world.clerk,
            "bills.export",
            json!({ "bill_id": bill["bill_id"] }),
        )
        .await;
    let found = compare_files(&CompareOptions {
        bill: at("bill.csv", &world.download(&raw)),
        ledger: at("books.csv", file.as_bytes()),
        mapping: Some(at("mapping.json", &bytes)),
        ..CompareOptions::default()
    })
    .unwrap();
    assert_eq!(json!(found.matched), run["matched"]);
    let read = json!({ "file_token": world.upload("m.json", &bytes) });
    let read = world.ok(&world.clerk, "books.read_mapping", read).await;
    assert_eq!(read["order_no_column"], "订单号");

    // Unused again, the default header is expected again.
    world
        .ok(
            &world.clerk,
            "books.use_mapping",
            json!({ "account_id": world.account_id, "name": null }),
        )
        .await;
    assert_eq!(
        code(
            world
                .import_bytes(date, "house2.csv", format!("{file}\n").as_bytes())
                .await
        ),
        Code::FileRefused
    );
    let ways = world.ok(&world.clerk, "books.remove_mapping", of).await;
    assert_eq!(ways["mappings"], json!([]));
}

/// The rows as one INSERT into `ledger`.
fn insert(rows: &[Vec<String>], date: BusinessDate, time: impl Fn(&str) -> String) -> String {
    let values: Vec<String> = rows[1..]
        .iter()
        .map(|r| {
            let refund = if r[2].is_empty() {
                "NULL".to_owned()
            } else {
                format!("'{}'", r[2])
            };
            format!(
                "('{date}', '{}', '{}', {refund}, {}, '{}', '{}', '{}')",
                r[0],
                r[1],
                r[3],
                r[4],
                r[5],
                time(&r[6])
            )
        })
        .collect();
    format!(
        "INSERT INTO ledger (day, kind, order_no, refund_no, amount, currency, status, created_at) VALUES {}",
        values.join(", ")
    )
}

const QUERY: &str = "SELECT kind, order_no, refund_no, amount, currency, status, created_at FROM ledger -- all\n\
                     WHERE day = :day AND :from < :to AND ':day' <> '';";

/// The whole way of one kind of database.
async fn database(
    world: &World,
    date: BusinessDate,
    expected: &[(String, u64)],
    rows: usize,
    server: &databases::Server,
    engine: &str,
) {
    let admin = world.admin().await;
    let settings = json!({
        "engine": engine, "host": "127.0.0.1", "port": server.port, "database": "shop", "login": "reader",
        "tls": "off", "ca_pem": null, "query": QUERY, "mapping": null, "zone": "+08:00",
    });
    let save = |name: &str, change: &[(&str, Value)], password: Value| {
        let mut settings = settings.clone();
        for (field, value) in change {
            settings[*field] = value.clone();
        }
        json!({ "account_id": world.account_id, "name": name, "settings": settings, "password": password })
    };
    let day = |name: &str| json!({ "account_id": world.account_id, "date": date, "name": name });
    let kept = |name: &'static str, change: Vec<(&'static str, Value)>| {
        let params = save(name, &change, json!(PASSWORD));
        let admin = &admin;
        async move { world.ok(admin, "books.save_source", params).await }
    };
    assert_eq!(
        code(
            world
                .call(
                    &world.clerk,
                    "books.save_source",
                    save("店铺", &[], json!(PASSWORD))
                )
                .await
        ),
        Code::PermissionDenied
    );
    let ways = kept("店铺", vec![]).await;
    assert!(!ways.to_string().contains(PASSWORD));

    let sample = world
        .ok(&world.clerk, "books.sample_source", day("店铺"))
        .await;
    let seen = world
        .preview(&text(&sample["file_token"]), Value::Null)
        .await;
    assert_eq!(
        (&seen["problem"], &seen["refused"]),
        (&Value::Null, &json!(0)),
        "{seen}"
    );
    world
        .ok(
            &world.clerk,
            "books.save_mapping",
            json!({ "account_id": world.account_id, "name": "库", "mapping": seen["mapping"], "use_it": false }),
        )
        .await;
    // A password is kept for its server, and asked for again for another.
    world
        .ok(
            &admin,
            "books.save_source",
            save("店铺", &[("mapping", json!("库"))], Value::Null),
        )
        .await;
    assert_eq!(
        code(
            world
                .call(
                    &admin,
                    "books.save_source",
                    save("店铺", &[("host", json!("elsewhere.invalid"))], Value::Null)
                )
                .await
        ),
        Code::BadRequest
    );
    let done = world
        .ok(&world.clerk, "books.import_source", day("店铺"))
        .await;
    assert_eq!(done["rows"], json!(rows), "{done}");
    assert_eq!(done["faults"], json!([]));
    world.finds(date, expected).await;
    let again = world
        .ok(&world.clerk, "books.import_source", day("店铺"))
        .await;
    assert_eq!(again["already_imported"], true, "{again}");

    // TLS that verifies the server's certificate; without knowing it, no byte of a password leaves.
    kept(
        "密",
        vec![
            ("tls", json!("verify")),
            ("ca_pem", json!(server.certificate)),
        ],
    )
    .await;
    world
        .ok(&world.clerk, "books.sample_source", day("密"))
        .await;
    kept("密", vec![("tls", json!("verify"))]).await;
    let unknown = world
        .call(&world.clerk, "books.sample_source", day("密"))
        .await;
    assert_eq!(code(unknown), Code::SourceUnreachable);

    // Each failure says which it is, and nothing of the password.
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    for (change, expected) in [
        (vec![("port", json!(closed))], Code::SourceUnreachable),
        (vec![("login", json!("nobody"))], Code::SourceLogin),
        (vec![("database", json!("nowhere"))], Code::SourceLogin),
        (
            vec![("query", json!("SELECT prize FROM ledger"))],
            Code::SourceQuery,
        ),
        (
            vec![("query", json!("SELECT kind, kind FROM ledger"))],
            Code::SourceQuery,
        ),
        (
            vec![("query", json!("SELECT sneaky() AS kind"))],
            Code::SourceNotReadOnly,
        ),
    ] {
        kept("坏", change.clone()).await;
        let error = world
            .call(&world.clerk, "books.sample_source", day("坏"))
            .await
            .unwrap_err();
        assert_eq!(error.code, expected, "{change:?}: {error:?}");
        assert!(!format!("{error:?}").contains(PASSWORD), "{error:?}");
    }
    let wrong = save("坏", &[], json!("wrong-password"));
    world.ok(&admin, "books.save_source", wrong).await;
    let error = world
        .call(&world.clerk, "books.sample_source", day("坏"))
        .await
        .unwrap_err();
    assert_eq!(error.code, Code::SourceLogin);
    assert!(
        !format!("{error:?}").contains("wrong-password"),
        "{error:?}"
    );
    for query in [
        "DELETE FROM ledger",
        "SELECT 1; SELECT 2",
        "SELECT :password",
    ] {
        let params = save("坏", &[("query", json!(query))], json!(PASSWORD));
        assert_eq!(
            code(world.call(&admin, "books.save_source", params).await),
            Code::BadRequest,
            "{query}"
        );
    }
    // Nothing was written: the same rows are still there.
    let again = world
        .ok(&world.clerk, "books.import_source", day("店铺"))
        .await;
    assert_eq!(again["rows"], json!(rows));
    let of = json!({ "account_id": world.account_id, "name": "坏" });
    world.ok(&admin, "books.remove_source", of).await;
    for file in [world.home.join("desk.db"), world.home.join("desk.db-wal")] {
        let bytes = std::fs::read(file).unwrap_or_default();
        assert!(
            !bytes
                .windows(PASSWORD.len())
                .any(|w| w == PASSWORD.as_bytes())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgresql_is_read_and_never_written() {
    let (world, date) = World::with_history().await;
    let (rows, expected, _) = world.measure(date).await;
    let tables = format!(
        "CREATE TABLE ledger (day date, kind text, order_no varchar(64), refund_no text, amount numeric(18,6),
         currency char(3), status text, created_at timestamptz); {}",
        insert(&rows, date, str::to_owned)
    );
    let server = databases::postgres(&tables).await;
    database(&world, date, &expected, rows.len() - 1, &server, "postgres").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mariadb_is_read_and_never_written() {
    let (world, date) = World::with_history().await;
    let (rows, expected, _) = world.measure(date).await;
    let tables = format!(
        "CREATE TABLE ledger (day date, kind varchar(10), order_no varchar(64), refund_no varchar(64),
         amount decimal(18,6), currency char(3), status varchar(20), created_at datetime(6)); {}",
        insert(&rows, date, |time| zf_domain::Timestamp::parse_rfc3339(time).unwrap().to_beijing())
    );
    let server = databases::mariadb(&tables).await;
    database(&world, date, &expected, rows.len() - 1, &server, "mysql").await;
}
