//! What an approval covers: every field, in one fixed order, as one canonical text.
//!
//! The text is kept with each version, its SM3 is what a checker signs, and what is sent to the channel
//! is read back out of it, never out of the rows around it.

use serde::{Deserialize, Serialize};
use zf_crypto::digest;
use zf_domain::{
    ApprovalPath, ChannelPaymentId, Currency, MerchantOrderNo, MerchantRefundNo, Money,
};
use zf_store::orders::OrderRecord;
use zf_store::refunds::RefundRecord;

use crate::accounts::Account;
use crate::facts::word;
use crate::orders::mask_payer;
use crate::wire::{Person, RefundContent};

/// Names the shape of the text, so that no other text of this program can be taken for it.
const SHAPE: &str = "zhangfang.refund.2";
/// The shape before the approval path was part of what is signed; requests that wait may still have it.
const SHAPE_WITHOUT_PATH: &str = "zhangfang.refund.1";

/// The signed fields of one version, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signed(String, Vec<(String, String)>);

/// What is sent, read out of the signed fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sendable {
    pub(crate) refund_no: MerchantRefundNo,
    pub(crate) order_no: MerchantOrderNo,
    pub(crate) payment_id: Option<ChannelPaymentId>,
    pub(crate) amount: Money,
    pub(crate) total: Money,
    pub(crate) buyer_note: String,
}

impl Signed {
    pub(crate) fn new(
        refund: &RefundRecord,
        version: i64,
        content: &RefundContent,
        order: &OrderRecord,
        account: &Account,
        maker: &Person,
        (path, rules_version): (&ApprovalPath, i64),
    ) -> Self {
        let currency = order.amount.currency;
        let fields = [
            ("refund_no", refund.refund_no.clone()),
            ("version", version.to_string()),
            (
                "account",
                format!(
                    "wechat_pay {} {} {}",
                    account.merchant_no,
                    account.display_name,
                    word(account.environment)
                ),
            ),
            ("order_no", order.order_no.clone()),
            ("payment_id", order.payment_id.clone().unwrap_or_default()),
            (
                "payee",
                order.payer.as_deref().map(mask_payer).unwrap_or_default(),
            ),
            ("currency", currency.code().to_owned()),
            ("paid", order.amount.to_decimal()),
            (
                "amount",
                Money::new(content.amount_minor, currency).to_decimal(),
            ),
            ("reason_code", word(content.reason_code)),
            ("note", content.note.clone()),
            ("buyer_note", content.buyer_note.clone()),
            ("maker", format!("{} ({})", maker.display_name, maker.login)),
            ("checkers", path.checkers.to_string()),
            ("approval_hours", path.approval_hours.to_string()),
            ("cooling_off_seconds", path.cooling_off_seconds.to_string()),
            ("rules_version", rules_version.to_string()),
        ];
        Self(
            SHAPE.to_owned(),
            fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// Reads a kept text; `None` when it is not one of these.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text)
            .ok()
            .filter(|signed| signed.0 == SHAPE || signed.0 == SHAPE_WITHOUT_PATH)
    }

    /// The canonical text: JSON without spaces, names and values in their order.
    pub(crate) fn text(&self) -> String {
        // Strings in a list always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.1
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        self.1
            .iter()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// Whether the way that was signed is the way in the row.
    fn path_stands(&self, path: &ApprovalPath) -> bool {
        self.0 == SHAPE_WITHOUT_PATH
            || (self.value("checkers") == path.checkers.to_string()
                && self.value("approval_hours") == path.approval_hours.to_string()
                && self.value("cooling_off_seconds") == path.cooling_off_seconds.to_string())
    }

    /// What goes to the channel, if what was signed is what stands in the row.
    pub(crate) fn sendable(&self, refund: &RefundRecord) -> Option<Sendable> {
        let currency = Currency::parse(self.value("currency")).ok()?;
        let amount = Money::parse(self.value("amount"), currency).ok()?;
        let stands = self.value("refund_no") == refund.refund_no
            && self.value("version") == refund.version.to_string()
            && amount == refund.amount
            && self.value("buyer_note") == refund.buyer_note
            && self.path_stands(&refund.path)
            && digest_of(&self.text()) == refund.digest;
        let payment_id = match self.value("payment_id") {
            "" => None,
            id => Some(ChannelPaymentId::parse(id).ok()?),
        };
        stands.then_some(Sendable {
            refund_no: MerchantRefundNo::parse(&refund.refund_no).ok()?,
            order_no: MerchantOrderNo::parse(self.value("order_no")).ok()?,
            payment_id,
            amount,
            total: Money::parse(self.value("paid"), currency).ok()?,
            buyer_note: refund.buyer_note.clone(),
        })
    }
}

/// SM3 over a canonical text, 64 hex digits.
pub(crate) fn digest_of(text: &str) -> String {
    digest::hex_lower(&digest::sm3(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(fields: &[(&str, &str)]) -> Signed {
        Signed(
            SHAPE.to_owned(),
            fields
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
        )
    }

    #[test]
    fn the_text_is_canonical_and_round_trips() {
        let one = signed(&[("note", "说明 \"引号\"\n"), ("version", "1")]);
        assert_eq!(
            one.text(),
            "[\"zhangfang.refund.2\",[[\"note\",\"说明 \\\"引号\\\"\\n\"],[\"version\",\"1\"]]]"
        );
        assert_eq!(Signed::parse(&one.text()), Some(one.clone()));
        assert_eq!(Signed::parse("[\"other\",[]]"), None);
        assert_eq!(digest_of("").len(), 64);
    }
}
