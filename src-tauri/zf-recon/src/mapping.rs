//! How a books file says what it says: names of columns, words for states, units.
//!
//! Written as JSON; what is left out has the value of the default ledger file:
//!
//! ```json
//! {
//!   "columns": {
//!     "kind": "kind", "order_no": "out_trade_no", "refund_no": "out_refund_no",
//!     "amount": "amount", "currency": "currency", "status": "status", "created_at": "created_at"
//!   },
//!   "kinds": { "payment": "payment", "refund": "refund" },
//!   "statuses": { "SUCCESS": "done", "PROCESSING": "in_progress", "CLOSED": "void" },
//!   "amount_unit": "yuan",
//!   "time_format": "rfc3339",
//!   "constant_kind": null,
//!   "constant_currency": null,
//!   "zone": "+08:00",
//!   "sheet": null
//! }
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zf_domain::{Currency, EntryKind, EntryState};

use crate::error::MappingError;

/// A mapping from a house's file to book entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// Names of the columns.
    pub columns: Columns,
    /// The file's words for payment and refund.
    pub kinds: BTreeMap<String, EntryKind>,
    /// The file's words for states.
    pub statuses: BTreeMap<String, EntryState>,
    /// What one in the amount column is.
    pub amount_unit: AmountUnit,
    /// How times are written.
    pub time_format: TimeFormat,
    /// Every row is this; the kind column is not looked at.
    pub constant_kind: Option<EntryKind>,
    /// Every amount is in this; the currency column is not looked at.
    pub constant_currency: Option<Currency>,
    /// Where times written without an offset are local: [`TimeFormat::Local`] and a workbook's dates.
    pub zone: Zone,
    /// The workbook's sheet; `None` is the first that is shown. Text files have none.
    pub sheet: Option<String>,
}

/// A fixed offset from UTC, minutes; written `+08:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(i16);

impl Zone {
    /// Beijing's.
    pub const BEIJING: Self = Self(480);

    /// Minutes east of UTC.
    #[must_use]
    pub const fn minutes(self) -> i16 {
        self.0
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::BEIJING
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, minutes) = if self.0 < 0 {
            ('-', -self.0)
        } else {
            ('+', self.0)
        };
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.to_string()
    }
}

impl TryFrom<String> for Zone {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WRONG: &str = "a zone is written as an offset from UTC, for example +08:00";
        let (hours, minutes) = text.get(1..).and_then(|t| t.split_once(':')).ok_or(WRONG)?;
        let number = |t: &str, most: i16| {
            (t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit()))
                .then(|| t.parse::<i16>().ok())
                .flatten()
                .filter(|n| *n <= most)
                .ok_or(WRONG)
        };
        let total = number(hours, 14)? * 60 + number(minutes, 59)?;
        match text.as_bytes()[0] {
            b'+' => Ok(Self(total)),
            b'-' => Ok(Self(-total)),
            _ => Err(WRONG),
        }
    }
}

/// Names of the columns, as they stand in the header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Columns {
    /// Payment or refund; `null` with a constant kind.
    pub kind: Option<String>,
    /// The merchant's order number.
    pub order_no: String,
    /// The merchant's refund number; `null` when the file has payments only.
    pub refund_no: Option<String>,
    /// The channel's number of the payment or refund; `null` when the books do not keep it.
    pub channel_no: Option<String>,
    /// The amount.
    pub amount: String,
    /// ISO 4217 code; `null` with a constant currency.
    pub currency: Option<String>,
    /// The state.
    pub status: String,
    /// When the books made the row.
    pub created_at: String,
}

/// What one in the amount column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountUnit {
    /// Decimal major units: `12.30`.
    Yuan,
    /// Whole minor units: `1230`.
    Fen,
}

/// How times are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeFormat {
    /// `2026-03-14T09:12:33+08:00`, any offset.
    Rfc3339,
    /// `2026-03-14 09:12:33` in Beijing time.
    Beijing,
    /// A date and time in the mapping's zone, written as spreadsheets and databases do:
    /// `2026-03-14 09:12:33`, `2026/3/14 9:12`, `2026-03-14`; one with an offset keeps its own.
    Local,
    /// Seconds since 1970 UTC.
    UnixSeconds,
    /// Milliseconds since 1970 UTC.
    UnixMillis,
}

impl Default for Mapping {
    /// The default ledger file: `kind,out_trade_no,out_refund_no,amount,currency,status,created_at`.
    fn default() -> Self {
        let words = |state: EntryState, words: &[&str]| -> Vec<(String, EntryState)> {
            words.iter().map(|w| ((*w).to_owned(), state)).collect()
        };
        Self {
            columns: Columns::default(),
            kinds: [EntryKind::Payment, EntryKind::Refund]
                .map(|kind| (kind.as_str().to_owned(), kind))
                .into(),
            statuses: [
                // REFUND: an order paid and refunded since; its payment did happen.
                words(EntryState::Done, &["SUCCESS", "REFUND"]),
                words(
                    EntryState::InProgress,
                    &["PROCESSING", "PENDING", "NOTPAY", "USERPAYING"],
                ),
                words(
                    EntryState::Void,
                    &["CLOSED", "REVOKED", "FAIL", "CANCELLED"],
                ),
            ]
            .concat()
            .into_iter()
            .collect(),
            amount_unit: AmountUnit::Yuan,
            time_format: TimeFormat::Rfc3339,
            constant_kind: None,
            constant_currency: None,
            zone: Zone::BEIJING,
            sheet: None,
        }
    }
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            kind: Some("kind".to_owned()),
            order_no: "out_trade_no".to_owned(),
            refund_no: Some("out_refund_no".to_owned()),
            channel_no: None,
            amount: "amount".to_owned(),
            currency: Some("currency".to_owned()),
            status: "status".to_owned(),
            created_at: "created_at".to_owned(),
        }
    }
}

impl Mapping {
    /// Reads and checks a mapping file.
    ///
    /// # Errors
    /// `Json` with line and column; `Incomplete` when a needed field has neither column nor
    /// constant; `ColumnTwice` when two fields name one column.
    pub fn from_json(text: &str) -> Result<Self, MappingError> {
        let mapping: Self = serde_json::from_str(text.trim_start_matches('\u{feff}'))?;
        mapping.check()?;
        Ok(mapping)
    }

    /// The mapping as a file.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which a checked mapping always can.
    pub fn to_json(&self) -> Result<String, MappingError> {
        Ok(serde_json::to_string_pretty(self)?)
    }

    /// Whether a reader can use it.
    ///
    /// # Errors
    /// As [`Self::from_json`].
    pub fn check(&self) -> Result<(), MappingError> {
        let columns = &self.columns;
        if self.constant_kind.is_none() && (columns.kind.is_none() || self.kinds.is_empty()) {
            return Err(MappingError::Incomplete(
                "a kind column with its words nor a constant kind",
            ));
        }
        if self.constant_currency.is_none() && columns.currency.is_none() {
            return Err(MappingError::Incomplete(
                "a currency column nor a constant currency",
            ));
        }
        if columns.refund_no.is_none() && self.constant_kind != Some(EntryKind::Payment) {
            return Err(MappingError::Incomplete(
                "a refund number column nor that every row is a payment",
            ));
        }
        if self.statuses.is_empty() {
            return Err(MappingError::Incomplete("a word for any status"));
        }
        let mut names = self.needed_columns();
        if names.iter().any(|name| name.is_empty()) {
            return Err(MappingError::Incomplete(
                "a column for every field it needs",
            ));
        }
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(MappingError::ColumnTwice(pair[0].to_owned())),
            None => Ok(()),
        }
    }

    /// The columns that must stand in the header, in the order of the default file.
    #[must_use]
    pub fn needed_columns(&self) -> Vec<&str> {
        let columns = &self.columns;
        let kind = columns
            .kind
            .as_deref()
            .filter(|_| self.constant_kind.is_none());
        let refund_no = columns
            .refund_no
            .as_deref()
            .filter(|_| self.constant_kind != Some(EntryKind::Payment));
        let currency = columns
            .currency
            .as_deref()
            .filter(|_| self.constant_currency.is_none());
        [
            kind,
            Some(columns.order_no.as_str()),
            refund_no,
            Some(&columns.amount),
            currency,
            Some(&columns.status),
            Some(&columns.created_at),
            columns.channel_no.as_deref(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_mapping_is_the_default_file() {
        let mapping = Mapping::from_json("{}").unwrap();
        assert_eq!(mapping, Mapping::default());
        assert_eq!(
            mapping.needed_columns().join(","),
            "kind,out_trade_no,out_refund_no,amount,currency,status,created_at"
        );
        assert_eq!(
            Mapping::from_json(&mapping.to_json().unwrap()).unwrap(),
            mapping
        );
    }

    #[test]
    fn a_zone_is_read_as_it_is_written() {
        for text in ["+08:00", "-03:30", "+00:00", "+14:00"] {
            assert_eq!(Zone::try_from(text.to_owned()).unwrap().to_string(), text);
        }
        for text in ["", "8", "+8:00", "+15:00", "08:00x", "é8:00", "+0é:00"] {
            assert!(Zone::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn mappings_that_cannot_be_used_say_why() {
        for (json, expected) in [
            (r#"{"colums":{}}"#, "unknown field `colums`"),
            (r#"{"columns":{"kind":null}}"#, "constant kind"),
            (r#"{"columns":{"currency":null}}"#, "constant currency"),
            (
                r#"{"columns":{"refund_no":null}}"#,
                "every row is a payment",
            ),
            (r#"{"columns":{"amount":"status"}}"#, "“status”"),
            (r#"{"statuses":{}}"#, "a word for any status"),
            (r#"{"statuses":{"OK":"paid"}}"#, "unknown variant `paid`"),
            (r#"{"constant_currency":"XXX"}"#, "unknown variant `XXX`"),
            (r#"{"columns":{"amount":""}}"#, "a column for every field"),
            (r#"{"zone":"Beijing"}"#, "for example +08:00"),
        ] {
            let error = Mapping::from_json(json).unwrap_err().to_string();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }
}
