//! One day of the desk: its bill, its books, its run.

use serde_json::{Value, json};
use zf_app::AppError;
use zf_domain::BusinessDate;

use crate::world::{Token, World, text};

impl World {
    /// A desk with a few days of history, and the day the journeys work on: its bill is ready at any
    /// hour.
    pub(crate) async fn with_history() -> (Self, BusinessDate) {
        let world = Self::of(4, 60).await;
        let date = world.today().plus_days(-2);
        (world, date)
    }

    pub(crate) fn today(&self) -> BusinessDate {
        self.app.shared_clock().now().beijing_date()
    }

    pub(crate) fn day(&self, date: BusinessDate) -> Value {
        json!({ "account_id": self.account_id, "date": date })
    }

    pub(crate) async fn fetch(&self, date: BusinessDate, kind: &str) -> Result<Value, AppError> {
        self.call(
            &self.clerk,
            "bills.fetch",
            json!({ "account_id": self.account_id, "date": date, "kind": kind }),
        )
        .await
    }

    /// What the calendar says of a day's bill.
    pub(crate) async fn cell(&self, date: BusinessDate, kind: &str) -> Value {
        let calendar = self
            .ok(
                &self.clerk,
                "bills.calendar",
                json!({ "account_id": self.account_id, "days": 90 }),
            )
            .await;
        calendar["days"]
            .as_array()
            .unwrap()
            .iter()
            .find(|day| day["date"] == json!(date))
            .unwrap()[kind]
            .clone()
    }

    pub(crate) fn upload(&self, name: &str, bytes: &[u8]) -> String {
        self.app.files().keep(name, bytes).unwrap().file_token
    }

    pub(crate) fn download(&self, file: &Value) -> Vec<u8> {
        let entry = self.app.files().find(&text(&file["file_token"])).unwrap();
        std::fs::read(entry.path).unwrap()
    }

    /// The merchant's own books of a day, from the sandbox.
    pub(crate) async fn books(&self, date: BusinessDate, plant: bool) -> String {
        text(
            &self
                .control("books", json!({ "date": date, "plant": plant }))
                .await,
        )
    }

    pub(crate) async fn import(&self, date: BusinessDate, csv: &str) -> Result<Value, AppError> {
        let token = self.upload("books.csv", csv.as_bytes());
        self.call(
            &self.clerk,
            "books.import",
            json!({ "account_id": self.account_id, "date": date, "file_token": token }),
        )
        .await
    }

    /// Both bills, the books with or without planted differences, and a run.
    pub(crate) async fn reconciled(&self, date: BusinessDate, plant: bool) -> Value {
        for kind in ["trade", "fund_flow"] {
            let bill = self.fetch(date, kind).await.unwrap();
            assert_eq!(bill["status"], "verified", "{bill}");
        }
        self.import(date, &self.books(date, plant).await)
            .await
            .unwrap();
        self.ok(&self.clerk, "recon.run", self.day(date)).await
    }

    pub(crate) async fn differences(&self, run: &Value) -> Vec<Value> {
        let page = self
            .ok(
                &self.clerk,
                "recon.differences",
                json!({ "run_id": run["run_id"], "codes": [], "disposition": null, "text": null,
                        "cursor": null, "limit": 200 }),
            )
            .await;
        page["rows"].as_array().unwrap().clone()
    }

    pub(crate) async fn person(&self, login: &str) -> Value {
        let people = self.ok(&self.clerk, "users.people", json!({})).await;
        people["people"]
            .as_array()
            .unwrap()
            .iter()
            .find(|p| p["login"] == login)
            .unwrap()["user_id"]
            .clone()
    }

    /// Suspends these differences for a week, owned by the clerk.
    pub(crate) async fn suspend(&self, rows: &[Value]) -> Value {
        let ids: Vec<&Value> = rows.iter().map(|row| &row["difference_id"]).collect();
        self.ok(
            &self.clerk,
            "recon.resolve",
            json!({ "difference_ids": ids, "kind": "wait", "owner_id": self.person("clerk").await,
                    "due_date": self.today().plus_days(7), "reason": "查明后处理", "label": null }),
        )
        .await
    }

    /// The day on the closing board, as this person sees it.
    pub(crate) async fn board(&self, who: &Token, date: BusinessDate) -> Value {
        let board = self.ok(who, "close.board", json!({ "date": date })).await;
        for check in board["accounts"][0]["checks"].as_array().unwrap() {
            // The console shows what stands on its language's side of the one " / ".
            let sides = text(&check["detail"]).matches(" / ").count();
            assert!(sides <= 1, "{check}");
        }
        board["accounts"][0].clone()
    }

    pub(crate) fn sign_off(&self, date: BusinessDate, digest: &Value) -> Value {
        json!({ "account_id": self.account_id, "date": date, "digest": digest, "note": "" })
    }
}

/// The counts of a run by code, those of zero left out.
pub(crate) fn counts(run: &Value) -> Vec<(String, u64)> {
    run["counts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (text(&c["code"]), c["count"].as_u64().unwrap()))
        .filter(|(_, count)| *count > 0)
        .collect()
}
