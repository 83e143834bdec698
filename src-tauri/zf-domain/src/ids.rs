//! Identifiers, parsed once at the edge.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::IdError;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $min:literal..=$max:literal, $allowed:expr, $reason:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
        #[serde(try_from = "String", into = "String")]
        #[ts(type = "string")]
        pub struct $name(String);

        impl $name {
            /// Reads and checks the text.
            ///
            /// # Errors
            /// When it has the wrong length or a character the channel does not take.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let length = text.chars().count();
                let allowed: fn(char) -> bool = $allowed;
                if !($min..=$max).contains(&length) || !text.chars().all(allowed) {
                    return Err(IdError {
                        what: $what,
                        text: text.chars().take(80).collect(),
                        reason: $reason,
                    });
                }
                Ok(Self(text.to_owned()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

fn merchant_number(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '|' | '*' | '@')
}

text_id!(
    /// The merchant's own number of an order, unique within one merchant account.
    MerchantOrderNo, "merchant order number", 1..=64, merchant_number,
    "1 to 64 letters, digits, _ - | * @ are taken"
);
text_id!(
    /// The merchant's own number of a refund: the idempotency key of every attempt to send it.
    MerchantRefundNo, "merchant refund number", 1..=64, merchant_number,
    "1 to 64 letters, digits, _ - | * @ are taken"
);
text_id!(
    /// The channel's number of a payment.
    ChannelPaymentId, "channel payment number", 1..=64, |c| c.is_ascii_graphic(),
    "1 to 64 visible ASCII characters are taken"
);
text_id!(
    /// The channel's number of a refund.
    ChannelRefundId, "channel refund number", 1..=64, |c| c.is_ascii_graphic(),
    "1 to 64 visible ASCII characters are taken"
);

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
        #[serde(transparent)]
        #[ts(type = "string")]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A new time-ordered 128-bit id.
            #[must_use]
            #[allow(clippy::new_without_default, reason = "an id is never a default")]
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }

            /// Reads the hyphenated form.
            ///
            /// # Errors
            /// When the text is not an id of ours.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                uuid::Uuid::parse_str(text).map(Self).map_err(|_| IdError {
                    what: stringify!($name),
                    text: text.chars().take(80).collect(),
                    reason: "a 36-character id is expected",
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

row_id!(
    /// One set of channel credentials: 商户号.
    AccountId,
    /// One order.
    OrderId,
    /// One refund.
    RefundId,
    /// One archived bill file.
    BillId,
    /// One import of the merchant's books.
    BookImportId,
    /// One reconciliation run.
    RunId,
    /// One difference found by a run.
    DifferenceId,
    /// One entry of the ledger of resolutions.
    ResolutionId,
    /// One proposed or standing set of reconciliation rules.
    RuleSetId,
    /// One trial of proposed rules on days that were reconciled.
    BackTestId,
    /// One name a person gave to a movement of the fund flow.
    FlowNameId,
    /// One imported bank statement.
    BankStatementId,
    /// One choice of a person which bank lines belong to which payouts.
    BankConfirmationId,
    /// One issued receipt.
    ReceiptId,
    /// One batch of receipts.
    ReceiptBatchId,
    /// One file made for people to take along.
    ExportId,
    /// One person.
    UserId,
    /// One signed-in session.
    SessionId,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_what_the_channel_takes() {
        for (text, ok) in [
            ("ORD20260314-0001", true),
            ("a|b*c@d_e", true),
            ("", false),
            ("有中文", false),
            ("with space", false),
            ("x/../y", false),
        ] {
            assert_eq!(MerchantOrderNo::parse(text).is_ok(), ok, "{text:?}");
        }
        assert!(MerchantRefundNo::parse(&"9".repeat(65)).is_err());
    }
}
