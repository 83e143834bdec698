//! Money: integer minor units with their currency.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::MoneyError;

/// A currency this desk can count, with its number of decimals (ISO 4217).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS,
)]
#[serde(rename_all = "UPPERCASE")]
#[ts(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the ISO 4217 code says it all")]
pub enum Currency {
    Cny,
    Usd,
    Hkd,
    Eur,
    Gbp,
    Jpy,
}

impl Currency {
    /// Every currency, in the order a list shows them.
    pub const ALL: [Self; 6] = [
        Self::Cny,
        Self::Usd,
        Self::Hkd,
        Self::Eur,
        Self::Gbp,
        Self::Jpy,
    ];

    /// The ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cny => "CNY",
            Self::Usd => "USD",
            Self::Hkd => "HKD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Jpy => "JPY",
        }
    }

    /// Decimals of the major unit: 2 for CNY, 0 for JPY.
    #[must_use]
    pub const fn digits(self) -> u32 {
        match self {
            Self::Jpy => 0,
            _ => 2,
        }
    }

    /// Reads an ISO 4217 code.
    ///
    /// # Errors
    /// `UnknownCurrency` for any other text.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        Self::ALL
            .into_iter()
            .find(|c| c.code() == code)
            .ok_or_else(|| MoneyError::UnknownCurrency(code.chars().take(16).collect()))
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount: integer minor units (CNY: fen) and a currency. Never a float.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
pub struct Money {
    /// Minor units of `currency`; negative only for differences and balances.
    #[ts(type = "number")]
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// An amount of `minor` units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// An amount in fen.
    #[must_use]
    pub const fn cny(minor: i64) -> Self {
        Self::new(minor, Currency::Cny)
    }

    /// Adds two amounts of one currency.
    ///
    /// # Errors
    /// `CurrencyMismatch` when currencies differ; `Overflow` past `i64::MAX` minor units.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch(self.currency, other.currency));
        }
        let minor = self
            .minor
            .checked_add(other.minor)
            .ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }

    /// Subtracts an amount of the same currency.
    ///
    /// # Errors
    /// As [`Self::checked_add`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        let negative = other.minor.checked_neg().ok_or(MoneyError::Overflow)?;
        self.checked_add(Self {
            minor: negative,
            ..other
        })
    }

    /// Reads a plain decimal amount such as `12`, `12.3` or `12.30` in major units.
    ///
    /// Refused, each with its reason: signs, exponents, thousands separators, spaces, more decimals
    /// than the currency has, an empty text. A finance file with any of these needs a person.
    ///
    /// # Errors
    /// `NotAnAmount` naming the reason; `Overflow`.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        parse_minor(text, currency.digits())
            .map(|minor| Self { minor, currency })
            .map_err(|fault| match fault {
                Fault::Overflow => MoneyError::Overflow,
                Fault::Reason(reason) => MoneyError::NotAnAmount {
                    text: text.chars().take(40).collect(),
                    currency,
                    reason,
                },
            })
    }

    /// As [`Self::parse`], but one leading `-` is taken: bills print fees of refunds negative.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_signed(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        match text.strip_prefix('-') {
            None => Self::parse(text, currency),
            Some(rest) => Self::parse(rest, currency).map(|m| Self {
                minor: -m.minor,
                ..m
            }),
        }
    }

    /// Plain decimal text in major units, e.g. `-12.30`: for files and messages, without symbol.
    #[must_use]
    pub fn to_decimal(self) -> String {
        let digits = self.currency.digits() as usize;
        let sign = if self.minor < 0 { "-" } else { "" };
        let magnitude = self.minor.unsigned_abs().to_string();
        if digits == 0 {
            return format!("{sign}{magnitude}");
        }
        let padded = format!("{magnitude:0>width$}", width = digits + 1);
        let (major, minor) = padded.split_at(padded.len() - digits);
        format!("{sign}{major}.{minor}")
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

enum Fault {
    Overflow,
    Reason(&'static str),
}

fn parse_minor(text: &str, digits: u32) -> Result<i64, Fault> {
    if text.is_empty() {
        return Err(Fault::Reason("it is empty; write 0.00 for nothing"));
    }
    let (major, minor) = text.split_once('.').unwrap_or((text, ""));
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'.' => {}
            b',' => {
                return Err(Fault::Reason(
                    "thousands separators are not taken; write 1234.50",
                ));
            }
            b'-' | b'+' => {
                return Err(Fault::Reason(
                    "signs are not taken here; amounts are positive",
                ));
            }
            b'e' | b'E' => {
                return Err(Fault::Reason(
                    "exponents are not taken; write the amount out",
                ));
            }
            b' ' | b'\t' => return Err(Fault::Reason("it contains spaces")),
            _ => return Err(Fault::Reason("only digits and one decimal point are taken")),
        }
    }
    if major.is_empty() {
        return Err(Fault::Reason("digits are missing before the decimal point"));
    }
    if minor.contains('.') {
        return Err(Fault::Reason("it has more than one decimal point"));
    }
    if text.ends_with('.') {
        return Err(Fault::Reason("digits are missing after the decimal point"));
    }
    if minor.len() > digits as usize {
        return Err(Fault::Reason("it has more decimals than the currency"));
    }
    let mut value: i64 = 0;
    for byte in major.bytes().chain(minor.bytes()) {
        value = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(i64::from(byte - b'0')))
            .ok_or(Fault::Overflow)?;
    }
    for _ in minor.len()..digits as usize {
        value = value.checked_mul(10).ok_or(Fault::Overflow)?;
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_are_read_exactly_or_refused() {
        let cases: &[(&str, Option<i64>)] = &[
            ("0", Some(0)),
            ("0.01", Some(1)),
            ("12", Some(1200)),
            ("12.3", Some(1230)),
            ("12.30", Some(1230)),
            ("1e3", None),
            ("-0.01", None),
            ("1,234.5", None),
            ("", None),
            (".5", None),
            ("5.", None),
            ("1.234", None),
            ("1.2.3", None),
            (" 1", None),
            ("¥1", None),
            ("１", None),
            ("92233720368547758.08", None),
            ("92233720368547758.07", Some(i64::MAX)),
        ];
        for (text, minor) in cases {
            let read = Money::parse(text, Currency::Cny).ok().map(|m| m.minor);
            assert_eq!(read, *minor, "{text:?}");
        }
        assert_eq!(
            Money::parse("120", Currency::Jpy),
            Ok(Money::new(120, Currency::Jpy))
        );
        assert!(Money::parse("1.5", Currency::Jpy).is_err());
        assert_eq!(
            Money::parse_signed("-0.24", Currency::Cny),
            Ok(Money::cny(-24))
        );
    }

    proptest! {
        #[test]
        fn text_round_trips(minor in i64::MIN + 1..=i64::MAX) {
            let money = Money::cny(minor);
            prop_assert_eq!(Money::parse_signed(&money.to_decimal(), Currency::Cny), Ok(money));
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in ".{0,24}") {
            let _ = Money::parse(&text, Currency::Cny);
        }
    }
}
