//! The control plane: what no vendor offers and every test needs. Loopback only.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::App;
use crate::clock::WireClock;
use crate::error::SandboxError;
use crate::faults::Faults;
use crate::time::{parse_day, parse_instant, rfc3339};

/// What a control call gives.
pub(crate) enum Output {
    Json(Value),
    /// Text with its content type.
    Text(&'static str, String),
}

/// The parameters of a call: a JSON body, or a query string read as one.
pub(crate) struct Params(Value);

impl Params {
    pub(crate) fn new(value: Value) -> Result<Self, SandboxError> {
        match value {
            Value::Null => Ok(Self(json!({}))),
            Value::Object(_) => Ok(Self(value)),
            _ => Err(SandboxError::Refused(
                "the parameters must be a JSON object".to_owned(),
            )),
        }
    }

    pub(crate) fn value(&self) -> &Value {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.as_object().is_none_or(serde_json::Map::is_empty)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    pub(crate) fn optional(&self, name: &str) -> Option<String> {
        self.0.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    pub(crate) fn text(&self, name: &str) -> Result<String, SandboxError> {
        self.optional(name)
            .ok_or_else(|| SandboxError::Refused(format!("{name} is missing (a JSON string)")))
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, SandboxError> {
        let read = match self.0.get(name) {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.parse().ok(),
            Some(value) => value.as_i64(),
        };
        let refuse = || SandboxError::Refused(format!("{name} must be an integer"));
        read.map(Some).ok_or_else(refuse)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::Number(number)) => number.as_i64() != Some(0),
            Some(Value::String(text)) => !matches!(text.as_str(), "" | "0" | "false"),
            _ => false,
        }
    }

    pub(crate) fn day(&self, name: &str) -> Result<Date, SandboxError> {
        let given = self.text(name)?;
        parse_day(&given)
            .ok_or_else(|| SandboxError::Refused(format!("{name} {given}: not yyyy-MM-dd")))
    }
}

/// Calls that only look.
const READING: [&str; 11] = [
    "state", "orders", "books", "planted", "bill", "bank", "clock", "faults", "settings", "keys",
    "balance",
];

/// Whether a call may come as GET.
pub(crate) fn may_be_read(name: &str) -> bool {
    READING.contains(&name)
}

/// Whether the parameters of a GET are looked at: for calls that could otherwise change
/// something, they are not.
pub(crate) fn reads_parameters(name: &str) -> bool {
    matches!(
        name,
        "state" | "orders" | "books" | "planted" | "bill" | "bank"
    )
}

/// Does one control call. `None`: there is no such call.
pub(crate) async fn call(
    app: &Arc<App>,
    name: &str,
    params: Value,
) -> Option<Result<Output, SandboxError>> {
    let params = match Params::new(params) {
        Ok(params) => params,
        Err(error) => return Some(Err(error)),
    };
    let wechat = &app.wechat;
    let csv = |text| Output::Text("text/csv; charset=utf-8", text);
    let result = match name {
        "pay" => wechat.control_pay(&params).map(Output::Json),
        "refund" => wechat.control_refund(&params).map(Output::Json),
        "balance" => wechat.control_balance(&params).map(Output::Json),
        "settings" => wechat.control_settings(&params).map(Output::Json),
        "keys" => {
            let (app, params) = (Arc::clone(app), params);
            // Making a key takes a moment.
            tokio::task::spawn_blocking(move || app.wechat.control_keys(&params))
                .await
                .unwrap_or_else(|error| Err(SandboxError::Refused(error.to_string())))
                .map(Output::Json)
        }
        "books" => wechat.control_books(&params).map(csv),
        "planted" => wechat.control_planted(&params).map(Output::Json),
        "bill" => wechat.control_bill(&params).map(csv),
        "bank" => wechat.control_bank(&params).map(csv),
        "orders" => wechat.control_orders(&params).map(Output::Json),
        "clock" => clock(app, &params).await.map(Output::Json),
        "faults" => faults(app, params.0).map(Output::Json),
        "state" => state(app, &params).map(Output::Json),
        _ => return None,
    };
    Some(result)
}

/// `clock`: shows it, or `advance_seconds`, `set` (RFC 3339), `freeze` (bool), `wire`
/// (`system`/`virtual`), `skew_seconds`. Returns when everything that became due has been done.
async fn clock(app: &Arc<App>, params: &Params) -> Result<Value, SandboxError> {
    let clock = &app.shared.clock;
    for name in params
        .value()
        .as_object()
        .into_iter()
        .flat_map(|fields| fields.keys())
    {
        if !["advance_seconds", "set", "freeze", "wire", "skew_seconds"].contains(&name.as_str()) {
            return Err(SandboxError::Refused(format!(
                "{name}: the clock takes advance_seconds, set, freeze, wire, skew_seconds"
            )));
        }
    }
    if params.has("freeze") {
        clock.freeze(params.flag("freeze"))?;
    }
    if params.has("wire") || params.has("skew_seconds") {
        let wire = match params.optional("wire").as_deref() {
            None => None,
            Some("system") => Some(WireClock::System),
            Some("virtual") => Some(WireClock::Virtual),
            Some(other) => {
                return Err(SandboxError::Refused(format!(
                    "wire {other}: system or virtual"
                )));
            }
        };
        clock.set_wire(wire, params.integer("skew_seconds")?)?;
    }
    if let Some(seconds) = params.integer("advance_seconds")? {
        clock.set(clock.now().saturating_add(seconds))?;
    }
    if let Some(text) = params.optional("set") {
        let target = parse_instant(&text).ok_or_else(|| {
            SandboxError::Refused(format!("set {text}: not RFC 3339 with an offset"))
        })?;
        clock.set(target)?;
    }
    if !params.is_empty() {
        app.wechat.work().await?;
    }
    Ok(describe_clock(app))
}

fn describe_clock(app: &App) -> Value {
    let state = app.shared.clock.state();
    let now = app.shared.clock.now();
    json!({
        "now": rfc3339(now),
        "unix": now,
        "offset_seconds": state.offset_seconds,
        "frozen": state.frozen_at.is_some(),
        "wire": state.wire,
        "wire_unix": app.shared.clock.wire_now(),
        "skew_seconds": state.skew_seconds,
    })
}

/// `faults`: shows them, or sets `{"rules":[…]}`; with `"add":true` beside those in force.
fn faults(app: &App, mut params: Value) -> Result<Value, SandboxError> {
    let fields = params.as_object_mut();
    let add = fields
        .and_then(|fields| fields.remove("add"))
        .and_then(|add| add.as_bool());
    let mut board = app.shared.faults();
    if params.get("rules").is_some() {
        let faults: Faults = serde_json::from_value(params)
            .map_err(|error| SandboxError::Refused(format!("faults: {error}")))?;
        if add != Some(true) {
            board.clear();
        }
        board.add(faults);
    } else if params.as_object().is_some_and(|fields| !fields.is_empty()) {
        return Err(SandboxError::Refused(
            "faults: {\"rules\":[…]} is wanted".to_owned(),
        ));
    }
    Ok(json!({"rules": board.describe()}))
}

fn state(app: &App, params: &Params) -> Result<Value, SandboxError> {
    let wechat = app.wechat.control_state(params)?;
    let faults = app.shared.faults().describe();
    Ok(json!({
        "clock": describe_clock(app),
        "faults": faults,
        "requests": app.shared.requests(),
        "channels": { crate::wechatpay::CHANNEL: wechat },
    }))
}
