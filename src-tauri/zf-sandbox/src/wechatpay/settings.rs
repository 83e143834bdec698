//! What a test may switch about the merchant account, `POST /_sandbox/settings`.

use serde::{Deserialize, Serialize};

/// How WeChat Pay proves itself to this merchant (page section 2.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyMode {
    /// A new merchant: no platform certificates at all.
    PublicKey,
    /// An old merchant that has not begun to migrate.
    Certificate,
    /// A merchant on the way: answers follow the request's `Wechatpay-Serial`.
    #[default]
    Both,
}

/// The standing of the merchant's own API certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MerchantCertificate {
    #[default]
    Valid,
    Expired,
    Revoked,
    Replaced,
    Missing,
}

/// What a bill of a day without movements is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EmptyDay {
    /// 400 `NO_STATEMENT_EXIST`.
    #[default]
    Error,
    /// A file of headers and a summary of zeros.
    File,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) key_mode: KeyMode,
    pub(crate) merchant_certificate: MerchantCertificate,
    pub(crate) apiv3_key_set: bool,
    /// Share of notices signed with the public key while `key_mode` is `both`.
    pub(crate) notice_public_key_percent: u8,
    /// Seconds from acceptance to success of every refund; absent: five minutes to the change
    /// purse, one to three days to a card.
    pub(crate) refund_seconds: Option<u32>,
    pub(crate) empty_day: EmptyDay,
    pub(crate) bill_bom: bool,
    pub(crate) bill_crlf: bool,
    /// Whether this merchant may ask for its balance; false: 403 `NO_AUTH`.
    pub(crate) balance_permission: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            key_mode: KeyMode::Both,
            merchant_certificate: MerchantCertificate::Valid,
            apiv3_key_set: true,
            notice_public_key_percent: 100,
            refund_seconds: None,
            empty_day: EmptyDay::Error,
            bill_bom: true,
            bill_crlf: true,
            balance_permission: true,
        }
    }
}

impl Settings {
    /// These settings with some of them replaced, by name.
    pub(crate) fn with(&self, changes: &serde_json::Value) -> Result<Self, String> {
        let mut merged = serde_json::to_value(self).map_err(|error| error.to_string())?;
        let changes = changes
            .as_object()
            .ok_or("settings must be a JSON object")?;
        let fields = merged
            .as_object_mut()
            .ok_or("settings must be a JSON object")?;
        for (name, value) in changes {
            if !fields.contains_key(name) {
                let known: Vec<&str> = fields.keys().map(String::as_str).collect();
                return Err(format!(
                    "no setting is called {name}; known: {}",
                    known.join(", ")
                ));
            }
            fields.insert(name.clone(), value.clone());
        }
        serde_json::from_value(merged).map_err(|error| error.to_string())
    }
}
