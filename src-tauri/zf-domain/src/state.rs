//! States and the only legal steps between them.

use serde::{Deserialize, Serialize};

use crate::error::TransitionError;

macro_rules! states {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] #[ts(rename = $text)] $variant),*
        }

        impl $name {
            /// Every state.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable word kept in the store and on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// Reads the stable word.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }

            /// The error for a step this machine does not have.
            #[must_use]
            pub const fn illegal(self, to: Self) -> TransitionError {
                TransitionError { what: $what, from: self.as_str(), to: to.as_str() }
            }
        }
    };
}

states!(
    /// Where one payment stands at the channel. An unknown vendor state is `Pending`, never paid.
    PaymentState, "payment" {
        /// Created, unpaid, or in a state the channel's page does not name.
        Pending = "pending",
        /// The payer is entering a password.
        Paying = "paying",
        /// Collected.
        Paid = "paid",
        /// Closed unpaid; final.
        Closed = "closed",
        /// Failed or revoked by the channel; final.
        Failed = "failed",
    }
);

impl PaymentState {
    /// Whether the channel may report `to` after this state.
    #[must_use]
    pub const fn allows(self, to: Self) -> bool {
        match self {
            Self::Pending | Self::Paying => true,
            // Money that arrives after a close is real: it is taken and shown as such.
            Self::Closed | Self::Failed => matches!(to, Self::Paid),
            Self::Paid => false,
        }
    }
}

states!(
    /// What a list of orders shows: derived from the payment and its refunds.
    OrderState, "order" {
        /// 待支付
        AwaitingPayment = "awaiting_payment",
        /// 支付中
        Paying = "paying",
        /// 已支付
        Paid = "paid",
        /// 部分退款
        PartlyRefunded = "partly_refunded",
        /// 退款中
        Refunding = "refunding",
        /// 已全额退款
        FullyRefunded = "fully_refunded",
        /// 已关闭
        Closed = "closed",
        /// 关单后到账
        PaidAfterClose = "paid_after_close",
        /// 支付未知·核实中
        PaymentUnknown = "payment_unknown",
        /// 退款未知·核实中
        RefundUnknown = "refund_unknown",
        /// 异常
        Abnormal = "abnormal",
    }
);

impl OrderState {
    /// Derives the state a person reads.
    ///
    /// `refunds` are the states and minor units of all refunds of the order.
    #[must_use]
    pub fn derive(
        payment: PaymentState,
        closed_before_paid: bool,
        paid_minor: i64,
        refunds: &[(RefundState, i64)],
    ) -> Self {
        let any = |wanted: RefundState| refunds.iter().any(|(state, _)| *state == wanted);
        match payment {
            PaymentState::Pending => Self::AwaitingPayment,
            PaymentState::Paying => Self::Paying,
            PaymentState::Closed => Self::Closed,
            PaymentState::Failed => Self::Abnormal,
            PaymentState::Paid => {
                if any(RefundState::Unknown) {
                    return Self::RefundUnknown;
                }
                if any(RefundState::Abnormal) {
                    return Self::Abnormal;
                }
                if any(RefundState::Queued) || any(RefundState::Processing) {
                    return Self::Refunding;
                }
                let refunded: i64 = refunds
                    .iter()
                    .filter(|(state, _)| *state == RefundState::Succeeded)
                    .fold(0, |sum, (_, minor)| sum.saturating_add(*minor));
                if refunded >= paid_minor && refunded > 0 {
                    Self::FullyRefunded
                } else if refunded > 0 {
                    Self::PartlyRefunded
                } else if closed_before_paid {
                    Self::PaidAfterClose
                } else {
                    Self::Paid
                }
            }
        }
    }
}

states!(
    /// The life of one refund.
    RefundState, "refund" {
        /// 草稿: the number is minted, nothing asked yet.
        Draft = "draft",
        /// 待复核
        AwaitingApproval = "awaiting_approval",
        /// 冷静期
        CoolingOff = "cooling_off",
        /// 排队发送: approved, and not known to have left this machine.
        Queued = "queued",
        /// 渠道处理中: the channel accepted it; acceptance is not completion.
        Processing = "processing",
        /// 未知·核实中: it may have happened. Queried by its number, never resent blindly.
        Unknown = "unknown",
        /// 退款成功; final.
        Succeeded = "succeeded",
        /// 退款异常: the payer's account cannot take it.
        Abnormal = "abnormal",
        /// 渠道已关闭; final, needs a new number.
        ClosedByChannel = "closed_by_channel",
        /// 已驳回; final.
        Rejected = "rejected",
        /// 复核过期; final.
        ApprovalExpired = "approval_expired",
        /// 批准已作废: the content changed after an approval.
        ApprovalVoided = "approval_voided",
    }
);

impl RefundState {
    /// Whether this step is legal.
    #[must_use]
    pub const fn allows(self, to: Self) -> bool {
        use RefundState as S;
        match self {
            S::Draft => matches!(to, S::AwaitingApproval),
            S::AwaitingApproval => matches!(
                to,
                S::Draft
                    | S::Rejected
                    | S::ApprovalExpired
                    | S::ApprovalVoided
                    | S::CoolingOff
                    | S::Queued
            ),
            S::ApprovalVoided => matches!(
                to,
                S::AwaitingApproval | S::Draft | S::Rejected | S::ApprovalExpired
            ),
            S::CoolingOff => matches!(to, S::Queued | S::Draft | S::ApprovalVoided),
            S::Queued => matches!(
                to,
                S::Processing | S::Succeeded | S::Unknown | S::ClosedByChannel | S::Abnormal
            ),
            // Back to `Queued` only when the channel says it never heard of the number.
            S::Unknown => matches!(
                to,
                S::Queued | S::Processing | S::Succeeded | S::ClosedByChannel | S::Abnormal
            ),
            S::Processing => matches!(to, S::Succeeded | S::ClosedByChannel | S::Abnormal),
            S::Abnormal => matches!(to, S::Processing | S::Succeeded | S::ClosedByChannel),
            S::Succeeded | S::ClosedByChannel | S::Rejected | S::ApprovalExpired => false,
        }
    }

    /// The step, or why not.
    ///
    /// # Errors
    /// When the machine has no such step.
    pub const fn step(self, to: Self) -> Result<Self, TransitionError> {
        if self.allows(to) {
            Ok(to)
        } else {
            Err(self.illegal(to))
        }
    }

    /// Whether nothing can follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Succeeded | Self::ClosedByChannel | Self::Rejected | Self::ApprovalExpired
        )
    }

    /// Whether the amount is spoken for although it is not refunded yet. Everything asked for and
    /// not finally refused counts, so that two requests can never promise the same money.
    #[must_use]
    pub const fn holds_amount(self) -> bool {
        matches!(
            self,
            Self::AwaitingApproval
                | Self::ApprovalVoided
                | Self::CoolingOff
                | Self::Queued
                | Self::Processing
                | Self::Unknown
                | Self::Abnormal
        )
    }

    /// Whether the channel must be asked how it went.
    #[must_use]
    pub const fn needs_query(self) -> bool {
        matches!(self, Self::Processing | Self::Unknown | Self::Abnormal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_states_have_no_way_out_and_words_round_trip() {
        for from in RefundState::ALL {
            assert_eq!(RefundState::parse(from.as_str()), Some(*from));
            let exits = RefundState::ALL
                .iter()
                .filter(|to| from.allows(**to))
                .count();
            assert_eq!(exits == 0, from.is_final(), "{from:?}");
        }
    }

    #[test]
    fn unknown_is_never_resent_without_the_channels_word() {
        assert!(!RefundState::Processing.allows(RefundState::Queued));
        assert!(!RefundState::Abnormal.allows(RefundState::Queued));
        assert!(!RefundState::Unknown.allows(RefundState::Rejected));
        assert!(!RefundState::Draft.allows(RefundState::Queued));
    }

    #[test]
    fn an_order_reads_as_its_worst_open_refund() {
        use RefundState as R;
        type Case = (PaymentState, &'static [(RefundState, i64)], OrderState);
        let cases: &[Case] = &[
            (PaymentState::Pending, &[], OrderState::AwaitingPayment),
            (PaymentState::Paid, &[], OrderState::Paid),
            (
                PaymentState::Paid,
                &[(R::AwaitingApproval, 40)],
                OrderState::Paid,
            ),
            (
                PaymentState::Paid,
                &[(R::Succeeded, 40)],
                OrderState::PartlyRefunded,
            ),
            (
                PaymentState::Paid,
                &[(R::Succeeded, 40), (R::Queued, 10)],
                OrderState::Refunding,
            ),
            (
                PaymentState::Paid,
                &[(R::Succeeded, 40), (R::Unknown, 10)],
                OrderState::RefundUnknown,
            ),
            (
                PaymentState::Paid,
                &[(R::Succeeded, 40), (R::Succeeded, 60)],
                OrderState::FullyRefunded,
            ),
            (PaymentState::Closed, &[], OrderState::Closed),
        ];
        for (payment, refunds, expected) in cases {
            assert_eq!(
                OrderState::derive(*payment, false, 100, refunds),
                *expected,
                "{refunds:?}"
            );
        }
    }
}
