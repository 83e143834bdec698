//! Faults on demand: what a real channel does once a month, whenever a test asks for it.
//!
//! Operations: `certificates`, `prepay`, `order.query`, `order.close`, `refund.create`,
//! `refund.query`, `refund.abnormal`, `bill.trade`, `bill.fund_flow`, `bill.download`, `balance`,
//! `balance.day_end`, and for notices `notice.payment`, `notice.refund`. A rule for signatures or
//! delays without `on` strikes whichever comes first, request or notice.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::SandboxError;
use crate::rng::Rng;

/// A set of fault rules, as in the faults file and in `POST /_sandbox/faults`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    /// Each rule is tried against each request and each notice, in order.
    #[serde(default)]
    pub rules: Vec<FaultRule>,
}

/// One fault and when it strikes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// What goes wrong.
    pub kind: FaultKind,
    /// The operation it strikes: `refund.create`, `refund.*`, or `*` (the default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// Strikes only requests whose path or body (or notices whose content) holds this text,
    /// such as a refund number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// How often it strikes before it is spent; absent: for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// How many matching requests pass unharmed first.
    #[serde(default)]
    pub skip: u32,
    /// Strikes this many of one hundred matching requests, by the sandbox's seed; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<u8>,
    /// For `delay`, `status` and `rate_limit`: before or after the work is done.
    #[serde(default)]
    pub when: When,
    /// `delay`: how long, in milliseconds of real time (default 1000).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// `notice_late`: how late, in seconds of sandbox time (default 600). `clock_skew`: the
    /// error of the reply's timestamp, in seconds (default 600).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<i64>,
    /// `status`: the HTTP status (default 500).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `status`: the vendor's code (default `SYSTEM_ERROR`); empty for an empty body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// The answer takes its time.
    Delay,
    /// The connection is dropped before anything is done.
    CutBefore,
    /// Everything is done and stored, then the connection is dropped without a byte of answer.
    CutAfter,
    /// The connection is dropped in the middle of the answer's body.
    CutMiddle,
    /// An error answer.
    Status,
    /// 429.
    RateLimit,
    /// The answer's or notice's signature does not fit.
    BadSignature,
    /// The answer or notice names a key nobody has.
    UnknownSerial,
    /// The answer's timestamp is off by `seconds`.
    ClockSkew,
    /// A new platform certificate signs from this answer on; both are listed.
    RotateKey,
    /// The vendor's deliberate `WECHATPAY/SIGNTEST/` signature.
    Probe,
    /// The notice is never sent.
    NoticeLost,
    /// The notice is first sent `seconds` late.
    NoticeLate,
    /// The notice is sent twice.
    NoticeDoubled,
    /// The notice is overtaken by the next one.
    NoticeOutOfOrder,
    /// The bill is still being made.
    BillNotReady,
    /// The bill file ends early, although the reply is complete.
    BillTruncated,
    /// One digit of the bill file is wrong.
    BillCorrupted,
    /// The refund accepted here will end as abnormal.
    RefundAbnormal,
    /// The refund accepted here will end as closed.
    RefundClosed,
}

/// Before or after the work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nothing has been done yet.
    #[default]
    Before,
    /// Everything has been done and stored.
    After,
}

/// The moments at which faults are drawn; a rule is spent only where it can strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Request,
    NoticeBorn,
    NoticeSent,
}

impl FaultKind {
    fn strikes(self, stage: Stage, operation: &str) -> bool {
        use FaultKind as K;
        match self {
            K::NoticeLost | K::NoticeLate | K::NoticeDoubled | K::NoticeOutOfOrder => {
                stage == Stage::NoticeBorn
            }
            K::BadSignature | K::UnknownSerial | K::Probe | K::ClockSkew => {
                stage == Stage::NoticeSent
                    || (stage == Stage::Request && operation != "bill.download")
            }
            K::BillNotReady => {
                stage == Stage::Request && matches!(operation, "bill.trade" | "bill.fund_flow")
            }
            K::BillTruncated | K::BillCorrupted => operation == "bill.download",
            K::RefundAbnormal | K::RefundClosed => operation == "refund.create",
            K::Delay => stage != Stage::NoticeBorn,
            K::CutBefore | K::CutAfter | K::CutMiddle | K::Status | K::RateLimit | K::RotateKey => {
                stage == Stage::Request
            }
        }
    }
}

impl Faults {
    /// Reads a faults file.
    ///
    /// # Errors
    /// When the file cannot be read, or is not the JSON described in this module.
    pub fn from_file(path: &Path) -> Result<Self, SandboxError> {
        let bytes = std::fs::read(path).map_err(SandboxError::disk("reading", path))?;
        serde_json::from_slice(&bytes).map_err(|error| {
            SandboxError::BadOption(format!("faults file {}: {error}", path.display()))
        })
    }
}

/// The rules in force and what is left of them.
pub(crate) struct FaultBoard {
    rules: Vec<Armed>,
    rng: Rng,
}

struct Armed {
    rule: FaultRule,
    left: Option<u32>,
    to_skip: u32,
    struck: u32,
}

impl FaultBoard {
    pub(crate) fn new(faults: Faults, seed: u64) -> Self {
        let mut board = Self {
            rules: Vec::new(),
            rng: Rng::new(seed, 0xFA17),
        };
        board.add(faults);
        board
    }

    pub(crate) fn add(&mut self, faults: Faults) {
        self.rules
            .extend(faults.rules.into_iter().map(|rule| Armed {
                left: rule.times,
                to_skip: rule.skip,
                struck: 0,
                rule,
            }));
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The faults that strike now. `content` is where a rule's `number` is looked for.
    pub(crate) fn draw(&mut self, stage: Stage, operation: &str, content: &str) -> Drawn {
        let mut drawn = Vec::new();
        for armed in &mut self.rules {
            let rule = &armed.rule;
            let matches = rule.kind.strikes(stage, operation)
                && rule.on.as_deref().is_none_or(|on| covers(on, operation))
                && rule
                    .number
                    .as_deref()
                    .is_none_or(|number| content.contains(number))
                && armed.left != Some(0);
            if !matches {
                continue;
            }
            if armed.to_skip > 0 {
                armed.to_skip -= 1;
                continue;
            }
            if rule
                .percent
                .is_some_and(|percent| !self.rng.chance(u64::from(percent)))
            {
                continue;
            }
            armed.left = armed.left.map(|left| left - 1);
            armed.struck += 1;
            drawn.push(rule.clone());
        }
        Drawn(drawn)
    }

    pub(crate) fn describe(&self) -> serde_json::Value {
        self.rules
            .iter()
            .map(|armed| {
                serde_json::json!({"rule": armed.rule, "left": armed.left, "struck": armed.struck})
            })
            .collect()
    }
}

fn covers(pattern: &str, operation: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => operation.starts_with(prefix),
        None => pattern == operation,
    }
}

/// The faults drawn for one request or notice.
#[derive(Debug, Default)]
pub(crate) struct Drawn(Vec<FaultRule>);

impl Drawn {
    pub(crate) fn has(&self, kind: FaultKind) -> bool {
        self.rule(kind).is_some()
    }

    pub(crate) fn rule(&self, kind: FaultKind) -> Option<&FaultRule> {
        self.0.iter().find(|rule| rule.kind == kind)
    }

    pub(crate) fn at(&self, kind: FaultKind, when: When) -> Option<&FaultRule> {
        self.0
            .iter()
            .find(|rule| rule.kind == kind && rule.when == when)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board(json: &str) -> FaultBoard {
        FaultBoard::new(serde_json::from_str(json).unwrap(), 1)
    }

    #[test]
    fn rules_are_matched_skipped_counted_and_spent() {
        let mut board = board(
            r#"{"rules":[{"kind":"cut_after","on":"refund.*","number":"R1","skip":1,"times":1}]}"#,
        );
        let mut strike = |operation: &str, content: &str| {
            board
                .draw(Stage::Request, operation, content)
                .has(FaultKind::CutAfter)
        };
        assert!(!strike("refund.create", "R2"), "another number");
        assert!(!strike("order.query", "R1"), "another operation");
        assert!(!strike("refund.create", "R1"), "skipped");
        assert!(strike("refund.create", "R1"));
        assert!(!strike("refund.create", "R1"), "spent");
    }

    #[test]
    fn a_rate_follows_the_seed() {
        let run = || {
            let mut board = board(r#"{"rules":[{"kind":"rate_limit","percent":30}]}"#);
            (0..200)
                .map(|_| {
                    board
                        .draw(Stage::Request, "prepay", "")
                        .has(FaultKind::RateLimit)
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(run(), run());
        let struck = run().iter().filter(|hit| **hit).count();
        assert!((30..90).contains(&struck), "{struck}");
    }

    #[test]
    fn unknown_words_are_refused() {
        assert!(serde_json::from_str::<Faults>(r#"{"rules":[{"kind":"gremlin"}]}"#).is_err());
        assert!(serde_json::from_str::<Faults>(r#"{"rules":[{"kind":"delay","m":1}]}"#).is_err());
    }
}
