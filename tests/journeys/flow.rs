//! The other two legs of a day: trade bill and fund flow, fund flow and bank.

use serde_json::{Value, json};
use zf_domain::BusinessDate;

use crate::world::{World, text};

impl World {
    async fn flow(&self, date: BusinessDate) -> Value {
        self.ok(&self.clerk, "recon.flow", self.day(date)).await
    }

    async fn sql(&self, sql: &str) {
        let done = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned()))
            .execute(self.app.store().pool())
            .await
            .unwrap();
        assert!(done.rows_affected() > 0, "{sql}");
    }

    async fn bank(&self, csv: &str) -> Value {
        let token = self.upload("statement.csv", csv.as_bytes());
        self.ok(
            &self.clerk,
            "recon.import_bank",
            json!({ "account_id": self.account_id, "file_token": token }),
        )
        .await
    }

    fn check<'a>(view: &'a Value, kind: &str) -> &'a Value {
        view["checks"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["kind"] == kind)
            .unwrap_or_else(|| panic!("{kind}: {view:#}"))
    }
}

fn minor(value: &Value) -> i64 {
    value["minor"].as_i64().unwrap_or_else(|| panic!("{value}"))
}

fn yuan(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

/// Findings that are not the day's withdrawal, as `code number lines`.
fn wrong(flow: &Value) -> Vec<(String, String, Value)> {
    flow["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["name"] != "withdrawal")
        .map(|f| {
            (
                text(&f["code"]),
                text(&f["business_no"]),
                f["flow_lines"].clone(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_the_sandbox_ties_and_its_waterfall_ends_at_the_balance() {
    let (world, date) = World::with_history().await;
    assert_eq!(world.flow(date).await["state"], "trade_missing");
    world.fetch(date, "trade").await.unwrap();
    assert_eq!(world.flow(date).await["state"], "flow_missing");
    assert_eq!(
        world
            .refused(&world.clerk, "recon.tie_flow", world.day(date))
            .await,
        "recon.inputs_missing"
    );
    // The second bill comes in, and nobody has to ask.
    world.fetch(date, "fund_flow").await.unwrap();
    let flow = world.flow(date).await;
    assert_eq!(flow["state"], "tied", "{flow:#}");
    assert_eq!(wrong(&flow), []);
    assert_eq!(flow["findings_open"], 0);
    assert_eq!(flow["tied_by"], "clerk");
    assert_eq!(flow["balance"]["breaks"], 0);
    assert_eq!(flow["opening"], "not_there");
    assert!(flow["tied"].as_u64().unwrap() > 0);
    assert_eq!(flow["tied"], flow["trade_rows"]);

    // The day before, fetched later, is looked at when the day is asked for.
    world.fetch(date.plus_days(-1), "fund_flow").await.unwrap();
    assert_eq!(world.flow(date).await["opening"], "follows");

    // Every step is named, and they lead from the gross to the printed balance.
    let steps = flow["waterfall"].as_array().unwrap();
    let of = |name: &str| {
        steps
            .iter()
            .find(|s| s["name"] == name)
            .map_or(0, |s| s["minor"].as_i64().unwrap())
    };
    let before: i64 = ["gross_paid", "gross_refunded", "fees"]
        .map(of)
        .iter()
        .sum();
    assert_eq!(before, of("booked_net"), "{steps:#?}");
    let after: i64 = [
        "booked_net",
        "opening_balance",
        "bank_received",
        "bank_open",
    ]
    .map(of)
    .iter()
    .sum();
    assert_eq!(after, of("closing_balance"), "{steps:#?}");
    assert_eq!(of("closing_balance"), minor(&flow["balance"]["closing"]));
    assert_eq!(minor(&flow["residual"]), 0);

    // The withdrawal was named by the rule, and no statement covers it.
    let payouts = flow["withdrawals"].as_array().unwrap();
    assert_eq!(payouts.len(), 1, "{flow:#}");
    assert_eq!(payouts[0]["state"], "no_statement");
    world.audit_holds().await;
}

/// Every fault of a fund-flow bill is found, with its line.
#[tokio::test(flavor = "multi_thread")]
async fn planted_faults_of_the_fund_flow_are_found_with_their_line() {
    let (world, date) = World::with_history().await;
    world.reconciled(date, false).await;
    let before = world.fetch(date.plus_days(-1), "fund_flow").await.unwrap();
    assert_eq!(before["status"], "verified");
    let bill =
        format!("bill_id = (SELECT id FROM bills WHERE kind = 'fund_flow' AND date = '{date}')");
    // Rows of the middle, so that their neighbours are of other vouchers.
    let row = |word: &'static str| {
        let bill = bill.clone();
        let pool = world.app.store().pool().clone();
        async move {
            let (line, number): (i64, String) = sqlx::query_as(sqlx::AssertSqlSafe(format!(
                "SELECT line_no, business_no FROM fund_lines WHERE {bill} AND business_type = '{word}'
                 ORDER BY line_no LIMIT 1 OFFSET 10"
            )))
            .fetch_one(&pool)
            .await
            .unwrap();
            (line, number)
        }
    };
    let tie = async || {
        world
            .ok(&world.clerk, "recon.tie_flow", world.day(date))
            .await
    };
    let keep = format!("CREATE TABLE kept AS SELECT * FROM fund_lines WHERE {bill}");
    sqlx::query(sqlx::AssertSqlSafe(keep))
        .execute(world.app.store().pool())
        .await
        .unwrap();
    let mend = async || {
        for sql in [
            format!("DELETE FROM fund_lines WHERE {bill}"),
            "INSERT INTO fund_lines SELECT * FROM kept".to_owned(),
        ] {
            world.sql(&sql).await;
        }
    };

    // A row is missing: its voucher moved by another amount, and the next row does not follow.
    let (line, number) = row("扣除交易手续费").await;
    world
        .sql(&format!(
            "DELETE FROM fund_lines WHERE {bill} AND line_no = {line}"
        ))
        .await;
    let flow = tie().await;
    assert_eq!(flow["state"], "open");
    let found = wrong(&flow);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (found[0].0.as_str(), &found[0].1),
        ("booked_otherwise", &number)
    );
    assert_eq!(flow["balance"]["first_break"]["line"], line + 1);
    assert_ne!(minor(&flow["residual"]), 0);
    let view = world.board(&world.clerk, date).await;
    let check = World::check(&view, "balance_continuous");
    assert_eq!(check["passed"], false);
    assert!(
        text(&check["detail"]).contains(&(line + 1).to_string()),
        "{check}"
    );
    mend().await;

    // A payment without any row.
    let (_, number) = row("交易").await;
    world
        .sql(&format!(
            "DELETE FROM fund_lines WHERE {bill} AND business_no = '{number}'"
        ))
        .await;
    let found = wrong(&tie().await);
    assert_eq!((found[0].0.as_str(), &found[0].1), ("not_booked", &number));
    mend().await;

    // An altered amount.
    let (line, number) = row("交易").await;
    world
        .sql(&format!(
            "UPDATE fund_lines SET amount_minor = amount_minor + 1 WHERE {bill} AND line_no = {line}"
        ))
        .await;
    let flow = tie().await;
    let found = wrong(&flow);
    assert_eq!(
        (found[0].0.as_str(), &found[0].1),
        ("booked_otherwise", &number)
    );
    assert!(found[0].2.as_array().unwrap().contains(&json!(line)));
    let trade_line = &flow["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["business_no"] == json!(number))
        .unwrap()["trade_line"];
    assert!(trade_line.is_u64());
    assert_eq!(
        minor(&flow["balance"]["first_break"]["expected"]),
        minor(&flow["balance"]["first_break"]["printed"]) + 1
    );
    mend().await;

    // A movement nobody traded.
    let (line, _) = row("交易").await;
    world
        .sql(&format!(
            "UPDATE fund_lines SET business_no = 'STRAY' WHERE {bill} AND line_no = {line}"
        ))
        .await;
    let found = wrong(&tie().await);
    let codes: Vec<&str> = found.iter().map(|f| f.0.as_str()).collect();
    assert_eq!(codes, ["booked_otherwise", "not_traded"]);
    mend().await;

    // One balance is wrong: two rows break, the first is named, everything else ties.
    world
        .sql(&format!(
            "UPDATE fund_lines SET balance_minor = balance_minor + 1 WHERE {bill} AND line_no = {line}"
        ))
        .await;
    let flow = tie().await;
    assert_eq!(wrong(&flow), []);
    assert_eq!(flow["balance"]["breaks"], 2);
    assert_eq!(flow["balance"]["first_break"]["line"], line);
    mend().await;

    // Every balance is: the day does not begin where the day before ended.
    world
        .sql(&format!(
            "UPDATE fund_lines SET balance_minor = balance_minor + 100 WHERE {bill}"
        ))
        .await;
    let flow = tie().await;
    assert_eq!(flow["balance"]["breaks"], 0);
    assert_eq!(flow["opening"], "differs");
    assert_eq!(
        minor(&flow["balance"]["opening"]),
        minor(&flow["closing_before"]) + 100
    );
    let view = world.board(&world.clerk, date).await;
    assert_eq!(World::check(&view, "balance_continuous")["passed"], false);
    mend().await;
    let flow = tie().await;
    assert_eq!(
        (flow["state"].clone(), flow["opening"].clone()),
        (json!("tied"), json!("follows"))
    );
}

/// What is no withdrawal waits for a person, keeps the day open, and can be taken back.
#[tokio::test(flavor = "multi_thread")]
async fn a_movement_is_named_by_a_person_and_the_name_taken_back() {
    let (world, date) = World::with_history().await;
    world.reconciled(date, false).await;
    world
        .sql(&format!(
            "UPDATE fund_lines SET business_type = '技术服务费' WHERE business_type = '提现'
             AND bill_id = (SELECT id FROM bills WHERE kind = 'fund_flow' AND date = '{date}')"
        ))
        .await;
    let flow = world
        .ok(&world.clerk, "recon.tie_flow", world.day(date))
        .await;
    assert_eq!(
        (flow["state"].clone(), flow["findings_open"].clone()),
        (json!("open"), json!(1))
    );
    let found = &flow["findings"][0];
    assert_eq!(found["word"], "技术服务费");
    let view = world.board(&world.clerk, date).await;
    assert_eq!(World::check(&view, "balance_continuous")["passed"], false);
    assert_eq!(view["may_not_because"], "close.blocked");

    let entry = json!({ "code": "other_entry", "business_no": found["business_no"], "flow_line": found["flow_lines"][0] });
    let wish = |name: &str, reason: &str| json!({ "account_id": world.account_id, "date": date, "entries": [entry.clone()], "name": name, "reason": reason });
    for (name, reason, code) in [
        ("service_fee", " ", "request.bad"),
        ("top_up", "钱是出去的", "state.illegal_step"),
    ] {
        let refused = world
            .refused(&world.clerk, "recon.name_entries", wish(name, reason))
            .await;
        assert_eq!(refused, code, "{name}");
    }
    assert_eq!(
        world
            .refused(
                &world.approver,
                "recon.name_entries",
                wish("service_fee", "合同")
            )
            .await,
        "permission.denied"
    );
    let named = world
        .ok(
            &world.clerk,
            "recon.name_entries",
            wish("service_fee", "合同第 4 条"),
        )
        .await;
    assert_eq!(named["state"], "tied");
    assert_eq!(named["findings"][0]["named_by"], "clerk");
    assert_eq!(named["withdrawals"], json!([]));
    let twice = world
        .refused(
            &world.clerk,
            "recon.name_entries",
            wish("adjustment", "再来"),
        )
        .await;
    assert_eq!(twice, "state.illegal_step");
    let closable = world.board(&world.clerk, date).await;
    assert_eq!(closable["may_sign"], true, "{closable:#}");

    // The name outlives another tie of the same movement, and can be taken back.
    let again = world
        .ok(&world.clerk, "recon.tie_flow", world.day(date))
        .await;
    assert_eq!(again["state"], "tied");
    let undo = json!({ "name_id": named["findings"][0]["name_id"], "reason": "其实是提现" });
    let back = world
        .ok(&world.clerk, "recon.unname_entry", undo.clone())
        .await;
    assert_eq!(back["state"], "open");
    assert_eq!(
        world
            .refused(&world.clerk, "recon.unname_entry", undo)
            .await,
        "request.not_found"
    );
    let open = world.board(&world.clerk, date).await;
    assert_ne!(
        open["digest"], closable["digest"],
        "what was named is signed"
    );

    // Named again, closed: the tie does not move any more.
    world
        .ok(
            &world.clerk,
            "recon.name_entries",
            wish("withdrawal", "改了叫法"),
        )
        .await;
    let ready = world.board(&world.clerk, date).await;
    let sign = world.sign_off(date, &ready["digest"]);
    world
        .ok(&world.clerk, "close.sign_maker", sign.clone())
        .await;
    world.ok(&world.approver, "close.sign_checker", sign).await;
    for (name, params) in [
        ("recon.tie_flow", world.day(date)),
        ("recon.name_entries", wish("adjustment", "迟了")),
    ] {
        assert_eq!(
            world.refused(&world.clerk, name, params).await,
            "close.locked"
        );
    }
    for sql in [
        "DELETE FROM flow_findings",
        "DELETE FROM flow_ties",
        "UPDATE flow_names SET name = 'adjustment' WHERE undone_at IS NULL",
        "DELETE FROM flow_names",
    ] {
        let done = sqlx::query(sql).execute(world.app.store().pool()).await;
        assert!(done.is_err(), "{sql}");
    }
    world.audit_holds().await;
}

const HEAD: &str = "日期,摘要,收入,支出,余额,对方户名,流水号\n";

/// A world of five tied days with one withdrawal each.
async fn with_payouts() -> (World, Vec<(BusinessDate, Value)>) {
    let world = World::of(9, 60).await;
    let last = world.today().plus_days(-2);
    let mut payouts = Vec::new();
    for ago in (0..5).rev() {
        let date = last.plus_days(-ago);
        for kind in ["trade", "fund_flow"] {
            world.fetch(date, kind).await.unwrap();
        }
        let flow = world.flow(date).await;
        assert_eq!(flow["withdrawals"].as_array().unwrap().len(), 1, "{flow:#}");
        payouts.push((date, flow["withdrawals"][0].clone()));
    }
    (world, payouts)
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawals_meet_the_banks_statement() {
    let (world, payouts) = with_payouts().await;
    let amount = |n: usize| minor(&payouts[n].1["amount"]);
    let number = |n: usize| text(&payouts[n].1["business_no"]);
    let day = |n: usize| payouts[n].0;
    let mut serial = 0;
    let mut line = |date: BusinessDate, what: &str, minor: i64| {
        serial += 1;
        format!(
            "{date},{what},\"{}\",,,财付通支付科技有限公司,S{serial:04}\n",
            yuan(minor)
        )
    };
    // By reference; split over two lines; two in one line; and one that never came.
    let part = amount(1) / 3 + 7;
    let mut csv = HEAD.to_owned();
    csv += &line(day(0), &format!("提现 {}", number(0)), amount(0));
    csv += &line(day(1), "提现入账", part);
    csv += &line(day(1), "提现入账", amount(1) - part);
    csv += &format!(
        "{},货款,{},,,示例餐饮管理有限公司,S9\n",
        day(1),
        yuan(amount(4))
    );
    csv += &line(day(3), "提现入账 2笔", amount(2) + amount(3));
    csv += &format!(
        "{},水电费,,12.00,,示例物业有限公司,S8\n",
        day(4).plus_days(5)
    );
    let imported = world.bank(&csv).await;
    assert_eq!(imported["rows"], 6);
    assert_eq!(imported["already_imported"], false);
    assert_eq!(world.bank(&csv).await["already_imported"], true);

    let mut told = Vec::new();
    for (date, _) in &payouts {
        let flow = world.flow(*date).await;
        let w = flow["withdrawals"][0].clone();
        told.push((
            text(&w["state"]),
            w["because"].as_str().unwrap_or_default().to_owned(),
            w["lines"]
                .as_array()
                .unwrap()
                .iter()
                .map(|l| l["line_no"].as_u64().unwrap())
                .collect::<Vec<_>>(),
        ));
    }
    let expected: Vec<(String, String, Vec<u64>)> = [
        ("matched", "reference", vec![2]),
        ("matched", "split", vec![3, 4]),
        ("matched", "group", vec![6]),
        ("matched", "group", vec![6]),
        ("missing", "", vec![]),
    ]
    .into_iter()
    .map(|(a, b, c)| (a.to_owned(), b.to_owned(), c))
    .collect();
    assert_eq!(told, expected);

    // The waterfall of a day says what the bank has.
    let flow = world.flow(day(1)).await;
    let step = |name: &str| {
        flow["waterfall"]
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["name"] == name)
            .cloned()
    };
    assert_eq!(step("bank_received").unwrap()["minor"], -amount(1));
    assert_eq!(step("bank_open"), None);

    // The ninth check tells where, and only warns unless the house says otherwise.
    world
        .import(day(1), &world.books(day(1), false).await)
        .await
        .unwrap();
    world.ok(&world.clerk, "recon.run", world.day(day(1))).await;
    let view = world.board(&world.clerk, day(1)).await;
    let check = World::check(&view, "withdrawals_at_bank");
    assert_eq!(
        (check["passed"].clone(), check["figure"].clone()),
        (json!(true), json!("1 / 1"))
    );
    assert!(
        text(&check["detail"]).contains("line 3, 4 of the bank statement"),
        "{check}"
    );
    assert_eq!(minor(&view["balance"]["withdrawn"]), amount(1));
    let warned = world.board(&world.clerk, day(4)).await;
    let check = World::check(&warned, "withdrawals_at_bank");
    assert_eq!(
        (check["passed"].clone(), check["warning"].clone()),
        (json!(true), json!(true))
    );

    let admin = crate::world::sign_in(&world.app, "admin").await;
    let shown = world.ok(&admin, "settings.three_way", json!({})).await;
    let mut rules = shown["rules"].clone();
    rules["bank_blocks_close"] = json!(true);
    let set = json!({ "rules": rules, "version_seen": 0, "note": "每周导入流水" });
    assert_eq!(
        world
            .refused(&world.clerk, "settings.set_three_way", set.clone())
            .await,
        "permission.denied"
    );
    let kept = world.ok(&admin, "settings.set_three_way", set).await;
    assert_eq!(kept["version"], 1);
    let blocked = world.board(&world.clerk, day(4)).await;
    assert_eq!(
        World::check(&blocked, "withdrawals_at_bank")["passed"],
        false
    );

    // A wrong file is taken out of use, its bytes stay, and it may come back.
    let path = world.home.join("bank").join(&world.account_id);
    let gone = json!({ "account_id": world.account_id, "statement_id": imported["statement_id"], "reason": "另一个账户的" });
    let left = world.ok(&world.clerk, "recon.withdraw_bank", gone).await;
    assert_eq!(left["statements"], json!([]));
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 1);
    assert_eq!(
        world.flow(day(1)).await["withdrawals"][0]["state"],
        "no_statement"
    );
    assert_eq!(world.bank(&csv).await["already_imported"], false);
    assert_eq!(
        world.flow(day(1)).await["withdrawals"][0]["state"],
        "matched"
    );
    world.audit_holds().await;
}

/// Two answers are never chosen between by the program; a person does, and can take it back.
#[tokio::test(flavor = "multi_thread")]
async fn an_ambiguous_withdrawal_is_confirmed_by_a_person() {
    let (world, payouts) = with_payouts().await;
    let (first, second) = (payouts[1].0, payouts[2].0);
    let amount = minor(&payouts[1].1["amount"]);
    // Two withdrawals of one amount on two days.
    world
        .sql(&format!(
            "UPDATE flow_findings SET booked_minor = -{amount} WHERE code = 'other_entry' AND date = '{second}'"
        ))
        .await;
    let csv = format!(
        "{HEAD}{first},利息,0.01,,,,T0\n{second},提现入账,{},,,财付通支付科技有限公司,T1\n{},利息,0.01,,,,T2\n",
        yuan(amount),
        second.plus_days(6)
    );
    // The second file holds the same booking again: it counts once.
    let statement = world.bank(&csv).await;
    world.bank(&csv.replace("T2", "T3")).await;
    let flow = world.flow(second).await;
    let twin = flow["withdrawals"][0].clone();
    assert_eq!(twin["state"], "ambiguous", "{flow:#}");
    assert_eq!(
        world.flow(first).await["withdrawals"][0]["state"],
        "ambiguous"
    );
    let lines = flow["open_lines"].as_array().unwrap();
    assert_eq!(lines.len(), 1, "{lines:#?}");

    let wish = |payouts: Vec<&Value>| {
        json!({ "account_id": world.account_id, "date": second, "payouts": payouts,
                "lines": [{ "statement_id": statement["statement_id"], "line_no": lines[0]["line_no"] }],
                "reason": "网银附言写明" })
    };
    // Both together are not what the bank says.
    let both = world
        .refused(
            &world.clerk,
            "recon.confirm_bank",
            wish(vec![&twin["key"], &payouts[1].1["key"]]),
        )
        .await;
    assert_eq!(both, "request.bad");
    let confirmed = world
        .ok(&world.clerk, "recon.confirm_bank", wish(vec![&twin["key"]]))
        .await;
    let w = &confirmed["withdrawals"][0];
    assert_eq!(
        (w["state"].clone(), w["because"].clone()),
        (json!("matched"), json!("person"))
    );
    assert_eq!(w["confirmed_by"], "clerk");
    assert_eq!(
        world.flow(first).await["withdrawals"][0]["state"],
        "missing"
    );
    assert_eq!(
        world
            .refused(
                &world.clerk,
                "recon.confirm_bank",
                wish(vec![&payouts[1].1["key"]])
            )
            .await,
        "state.illegal_step"
    );

    let undo = json!({ "account_id": world.account_id, "date": second,
                       "confirmation_id": w["confirmation_id"], "reason": "看错了一天" });
    let back = world
        .ok(&world.clerk, "recon.undo_bank", undo.clone())
        .await;
    assert_eq!(back["withdrawals"][0]["state"], "ambiguous");
    assert_eq!(
        world.refused(&world.clerk, "recon.undo_bank", undo).await,
        "request.not_found"
    );
    let done = sqlx::query("DELETE FROM bank_confirmations")
        .execute(world.app.store().pool())
        .await;
    assert!(done.is_err());
    world.audit_holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_statement_is_refused_and_a_bad_row_is_named() {
    let world = World::new().await;
    for (bytes, line) in [
        (&b"PK\x03\x04"[..], "1"),
        ("日期,摘要\n2026-11-19,x\n".as_bytes(), "1"),
        ("日期,收入\n昨天,1.00\n".as_bytes(), "2"),
    ] {
        let token = world.upload("s.csv", bytes);
        let error = world
            .call(
                &world.clerk,
                "recon.import_bank",
                json!({ "account_id": world.account_id, "file_token": token }),
            )
            .await
            .unwrap_err();
        assert_eq!(error.code.text().code, "file.refused");
        assert_eq!(error.params["line"], line, "{error}");
    }
    let read = world
        .bank("日期,摘要,收入,支出\n2026-11-18,a,1.00,\n2026-11-19,b,1e3,\n2026-11-20,c,,2.00\n")
        .await;
    assert_eq!(
        (read["rows"].clone(), read["fault_count"].clone()),
        (json!(2), json!(1))
    );
    assert_eq!(read["faults"][0]["line"], 3);
    assert_eq!(read["faults"][0]["column"], "收入");
}
