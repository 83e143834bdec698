//! The day close: two people over one digest, then a day that does not move.

use serde_json::{Value, json};

use crate::world::World;

fn failing(view: &Value) -> Vec<&str> {
    view["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["passed"] == false)
        .map(|check| check["kind"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_closed_by_two_people_and_then_does_not_move() {
    let (world, date) = World::with_history().await;
    assert_eq!(
        world.board(&world.clerk, date).await["status"],
        "bill_missing"
    );
    let run = world.reconciled(date, true).await;
    let rows = world.differences(&run).await;
    let open = world.board(&world.clerk, date).await;
    assert_eq!(open["status"], "items_open");
    assert_eq!(failing(&open), ["differences_owned"], "{open:#}");
    assert_eq!(open["may_not_because"], "close.blocked");
    let early = world
        .refused(
            &world.clerk,
            "close.sign_maker",
            world.sign_off(date, &open["digest"]),
        )
        .await;
    assert_eq!(early, "close.blocked");
    let error = world
        .call(
            &world.clerk,
            "close.sign_maker",
            world.sign_off(date, &open["digest"]),
        )
        .await
        .unwrap_err();
    assert!(
        error.params["checks"].contains("/ differences owned"),
        "the failing check is named in both languages: {error}"
    );

    world.suspend(&rows).await;
    let ready = world.board(&world.clerk, date).await;
    assert_eq!(ready["status"], "maker_to_sign");
    assert_eq!(ready["may_sign"], true);
    assert_ne!(
        ready["digest"], open["digest"],
        "what was decided is part of what is signed"
    );
    assert_eq!(ready["suspended"].as_array().unwrap().len(), rows.len());
    let sign = world.sign_off(date, &ready["digest"]);

    // The digest that was on the screen before is not what stands now.
    let stale = world
        .refused(
            &world.clerk,
            "close.sign_maker",
            world.sign_off(date, &open["digest"]),
        )
        .await;
    assert_eq!(stale, "close.content_changed");
    // The checker does not come first, and the clerk is no checker.
    assert_eq!(
        world
            .refused(&world.approver, "close.sign_checker", sign.clone())
            .await,
        "close.maker_first"
    );
    assert_eq!(
        world
            .refused(&world.clerk, "close.sign_checker", sign.clone())
            .await,
        "permission.denied"
    );

    let signed = world
        .ok(&world.clerk, "close.sign_maker", sign.clone())
        .await;
    for (english, head) in [(false, "日结报告"), (true, "Day close report")] {
        let file = world
            .ok(
                &world.clerk,
                "close.export",
                json!({ "account_id": world.account_id, "date": date, "english": english }),
            )
            .await;
        let csv = String::from_utf8(world.download(&file)).unwrap();
        assert!(csv.starts_with(&format!("\u{feff}{head}")), "{csv}");
        let (body, own) = csv.trim_end().rsplit_once(',').unwrap();
        let above = &body[..body.rfind('#').unwrap()];
        assert_eq!(
            own,
            zf_crypto::digest::hex_lower(&zf_crypto::digest::sm3(above.as_bytes()))
        );
        assert!(csv.contains(signed["digest"].as_str().unwrap()));
        assert_eq!(
            csv.matches("=\"\"").count(),
            rows.len() + 1,
            "numbers stay text"
        );
    }
    assert_eq!(signed["status"], "checker_to_sign");
    assert_eq!(signed["may_not_because"], "close.same_person");

    // Whatever changes now voids the maker's signature.
    let taken_back = json!({ "difference_ids": [rows[0]["difference_id"]], "reason": "期限写错" });
    world.ok(&world.clerk, "recon.reverse", taken_back).await;
    assert_eq!(
        world
            .refused(&world.approver, "close.sign_checker", sign.clone())
            .await,
        "close.content_changed"
    );
    assert_eq!(world.board(&world.clerk, date).await["maker"], Value::Null);
    world.suspend(&rows[..1]).await;
    let again = world.board(&world.clerk, date).await;
    let sign = world.sign_off(date, &again["digest"]);
    world
        .ok(&world.clerk, "close.sign_maker", sign.clone())
        .await;

    // Returned with a reason, signed again, locked.
    let back = world
        .ok(
            &world.approver,
            "close.return_to_maker",
            json!({ "account_id": world.account_id, "date": date, "reason": "请补充说明" }),
        )
        .await;
    assert_eq!(back["status"], "maker_to_sign");
    world
        .ok(&world.clerk, "close.sign_maker", sign.clone())
        .await;
    let closed = world
        .ok(&world.approver, "close.sign_checker", sign.clone())
        .await;
    assert_eq!(closed["status"], "closed");
    assert_eq!(closed["maker"]["person"], "clerk");
    assert_eq!(closed["checker"]["person"], "approver");
    assert_eq!(closed["maker"]["digest"], closed["checker"]["digest"]);

    // Locked: no run, no books. What is done about a difference afterwards is an entry of a later day and
    // leaves what was signed as it was.
    assert_eq!(
        world
            .refused(&world.clerk, "recon.run", world.day(date))
            .await,
        "close.locked"
    );
    let error = world
        .import(date, &world.books(date, false).await)
        .await
        .unwrap_err();
    assert_eq!(error.code.text().code, "close.locked");
    let late = world.suspend(&rows[..1]).await;
    assert_eq!(late["done"], 1);
    let twice = world
        .refused(&world.approver_2, "close.sign_checker", sign)
        .await;
    assert_eq!(twice, "close.locked");
    assert_eq!(
        world.board(&world.clerk, date).await["digest"],
        closed["digest"]
    );
    // The same bill again is still no change.
    assert_eq!(
        world.fetch(date, "trade").await.unwrap()["status"],
        "verified"
    );
    world.audit_holds().await;
}

/// Whatever path a row comes by, the database asks for two people over one digest, and keeps the lock.
#[tokio::test(flavor = "multi_thread")]
async fn the_database_refuses_what_the_rules_refuse() {
    let (world, date) = World::with_history().await;
    let run = world.reconciled(date, false).await;
    assert_eq!(run["open_differences"], 0);
    let view = world.board(&world.clerk, date).await;
    let sign = world.sign_off(date, &view["digest"]);
    world
        .ok(&world.clerk, "close.sign_maker", sign.clone())
        .await;
    let pool = world.app.store().pool();
    for (user, digest) in [("clerk", None), ("approver", Some("another digest"))] {
        let done = sqlx::query(
            "INSERT INTO close_signatures (account_id, date, part, user_id, digest, note, at)
             SELECT account_id, date, 'checker', (SELECT id FROM users WHERE login = $1), COALESCE($2, digest), '', at
             FROM close_signatures WHERE part = 'maker'",
        )
        .bind(user)
        .bind(digest)
        .execute(pool)
        .await;
        assert!(
            done.unwrap_err().to_string().contains("two people"),
            "{user}"
        );
    }
    world.ok(&world.approver, "close.sign_checker", sign).await;
    for sql in [
        "UPDATE day_closes SET locked_at = NULL",
        "DELETE FROM day_closes",
        "INSERT INTO recon_runs SELECT 'x', account_id, date, number + 1, bill_id, import_id, outcome, matched,
            residual_minor, bill_sha256, books_sha256, refused_rows, run_digest, run_by, finished_at, millis FROM recon_runs",
    ] {
        let done = sqlx::query(sql).execute(pool).await;
        assert!(done.unwrap_err().to_string().contains("day is locked"), "{sql}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn books_with_an_unreadable_row_do_not_close() {
    let (world, date) = World::with_history().await;
    for kind in ["trade", "fund_flow"] {
        world.fetch(date, kind).await.unwrap();
    }
    let mut csv = world.books(date, false).await;
    csv.push_str("payment,LATE-1,,1e3,CNY,SUCCESS,2026-03-14T09:12:33+08:00\n");
    let books = world.import(date, &csv).await.unwrap();
    assert_eq!(books["faults"].as_array().unwrap().len(), 1);
    world.ok(&world.clerk, "recon.run", world.day(date)).await;
    let view = world.board(&world.clerk, date).await;
    assert!(failing(&view).contains(&"residual_zero"), "{view:#}");
}

/// A closed day is opened by two people, closes again over a new digest, and keeps what was signed.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_day_is_opened_again_by_two_people() {
    let (world, date) = World::with_history().await;
    world.reconciled(date, false).await;
    let close = async || {
        let view = world.board(&world.clerk, date).await;
        let sign = world.sign_off(date, &view["digest"]);
        world
            .ok(&world.clerk, "close.sign_maker", sign.clone())
            .await;
        world.ok(&world.approver, "close.sign_checker", sign).await
    };
    let wish = json!({ "account_id": world.account_id, "date": date, "reason": "渠道补发了一行" });
    // An open day has nothing to reopen.
    assert_eq!(
        world
            .refused(&world.clerk, "close.ask_reopening", wish.clone())
            .await,
        "state.illegal_step"
    );
    let first = close().await;
    assert_eq!(first["status"], "closed");

    let asked = world
        .ok(&world.clerk, "close.ask_reopening", wish.clone())
        .await;
    assert_eq!(asked["status"], "closed");
    assert_eq!(asked["reopening"]["own"], true);
    assert_eq!(
        world
            .refused(&world.clerk, "close.reopen", wish.clone())
            .await,
        "permission.denied"
    );
    let no = json!({ "account_id": world.account_id, "date": date, "reason": "下一日再记" });
    let kept = world.ok(&world.approver, "close.keep_closed", no).await;
    assert_eq!(kept["reopening"], Value::Null);

    world
        .ok(&world.clerk, "close.ask_reopening", wish.clone())
        .await;
    let opened = world.ok(&world.approver, "close.reopen", wish).await;
    assert_ne!(opened["status"], "closed");
    assert_eq!(opened["closed_before"][0]["digest"], first["digest"]);
    assert_eq!(opened["maker"], Value::Null);

    // The day works again, and its next close covers the one before.
    world.ok(&world.clerk, "recon.run", world.day(date)).await;
    let second = close().await;
    assert_eq!(second["status"], "closed");
    assert_ne!(second["digest"], first["digest"]);
    let pool = world.app.store().pool();
    for sql in [
        "DELETE FROM closed_before",
        "UPDATE closed_before SET reason = ''",
    ] {
        assert!(sqlx::query(sql).execute(pool).await.is_err(), "{sql}");
    }
    world.audit_holds().await;
}
