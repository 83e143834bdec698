//! Roles and what each may do.

use serde::{Deserialize, Serialize};

/// A role at the desk. Nobody holds two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename_all = "snake_case")]
pub enum Role {
    /// 经办: asks for refunds, reconciles, signs first.
    Clerk,
    /// 复核: approves, signs second.
    Approver,
    /// 审计: reads everything, changes nothing.
    Auditor,
    /// 管理员: people, accounts and settings; never money.
    Administrator,
}

/// One right a procedure may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename_all = "snake_case")]
#[allow(missing_docs, reason = "each is named by what it permits")]
pub enum Permission {
    ViewOrders,
    RevealPayer,
    RequestRefund,
    ApproveRefund,
    ViewBills,
    RunReconciliation,
    SignDayAsMaker,
    SignDayAsChecker,
    IssueReceipt,
    VerifyReceipt,
    ViewAudit,
    ManageAccounts,
    ManageUsers,
    ManageSettings,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [
        Self::Clerk,
        Self::Approver,
        Self::Auditor,
        Self::Administrator,
    ];

    /// The stable word kept in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
            Self::Administrator => "administrator",
        }
    }

    /// Reads the stable word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether this role holds a right.
    #[must_use]
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match permission {
            P::ViewOrders | P::ViewBills | P::VerifyReceipt => true,
            P::RequestRefund | P::RunReconciliation | P::SignDayAsMaker => {
                matches!(self, Self::Clerk)
            }
            P::IssueReceipt | P::RevealPayer => matches!(self, Self::Clerk | Self::Approver),
            P::ApproveRefund | P::SignDayAsChecker => matches!(self, Self::Approver),
            P::ViewAudit => matches!(self, Self::Auditor | Self::Approver | Self::Administrator),
            P::ManageAccounts | P::ManageUsers | P::ManageSettings => {
                matches!(self, Self::Administrator)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_can_both_ask_and_approve() {
        for role in Role::ALL {
            assert!(!(role.may(Permission::RequestRefund) && role.may(Permission::ApproveRefund)));
            assert!(
                !(role.may(Permission::SignDayAsMaker) && role.may(Permission::SignDayAsChecker))
            );
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
    }
}
