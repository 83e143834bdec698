//! The vendor's JSON, private to this folder. Unknown fields are tolerated.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{PeerFault, Result};

pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    // serde_json's text names the place and the kind, never the content of other fields.
    serde_json::from_slice(body).map_err(|e| PeerFault::BadJson(e.to_string()).into())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct VendorError {
    pub code: String,
    pub message: String,
    pub detail: Option<serde_json::Value>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Amount<'a> {
    pub total: i64,
    pub currency: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct PayerOut<'a> {
    pub openid: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct H5Info {
    #[serde(rename = "type")]
    pub kind: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct SceneInfo<'a> {
    pub payer_client_ip: &'a str,
    pub h5_info: H5Info,
}

#[derive(Debug, Serialize)]
pub(crate) struct Prepay<'a> {
    pub appid: &'a str,
    pub mchid: &'a str,
    pub description: &'a str,
    pub out_trade_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_expire: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attach: Option<&'a str>,
    pub notify_url: &'a str,
    pub amount: Amount<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payer: Option<PayerOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scene_info: Option<SceneInfo<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Prepaid {
    pub code_url: Option<String>,
    pub prepay_id: Option<String>,
    pub h5_url: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Close<'a> {
    pub mchid: &'a str,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Payer {
    pub openid: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TransactionAmount {
    pub total: Option<i64>,
    pub payer_total: Option<i64>,
    pub currency: Option<String>,
    pub payer_currency: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Transaction {
    pub mchid: String,
    pub out_trade_no: String,
    pub transaction_id: Option<String>,
    pub trade_type: Option<String>,
    pub trade_state: String,
    #[serde(default)]
    pub trade_state_desc: String,
    pub attach: Option<String>,
    pub success_time: Option<String>,
    pub payer: Option<Payer>,
    pub amount: TransactionAmount,
}

#[derive(Debug, Serialize)]
pub(crate) struct RefundAmountOut<'a> {
    pub refund: i64,
    pub total: i64,
    pub currency: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct RefundOut<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transaction_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_trade_no: Option<&'a str>,
    pub out_refund_no: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<&'a str>,
    pub amount: RefundAmountOut<'a>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RefundAmount {
    pub refund: i64,
    pub currency: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Refund {
    pub refund_id: String,
    pub out_refund_no: String,
    pub transaction_id: String,
    pub out_trade_no: String,
    pub user_received_account: Option<String>,
    pub success_time: Option<String>,
    pub create_time: Option<String>,
    /// `status` in answers, `refund_status` in notices.
    #[serde(alias = "refund_status")]
    pub status: String,
    /// Notices only.
    pub mchid: Option<String>,
    pub amount: RefundAmount,
}

#[derive(Debug, Serialize)]
pub(crate) struct AbnormalOut<'a> {
    pub out_refund_no: &'a str,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub real_name: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Balance {
    pub available_amount: i64,
    #[serde(default)]
    pub pending_amount: i64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct BillOffer {
    pub hash_type: String,
    pub hash_value: String,
    pub download_url: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Sealed {
    pub algorithm: String,
    pub nonce: String,
    pub associated_data: Option<String>,
    pub ciphertext: String,
}

#[derive(Debug, Deserialize)]
pub(crate) struct CertificateItem {
    pub serial_no: String,
    pub encrypt_certificate: Sealed,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Certificates {
    pub data: Vec<CertificateItem>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct NoticeResource {
    #[serde(default)]
    pub original_type: String,
    #[serde(flatten)]
    pub sealed: Sealed,
}

#[derive(Debug, Deserialize)]
pub(crate) struct NoticeEnvelope {
    pub id: String,
    pub create_time: String,
    pub event_type: String,
    pub resource: NoticeResource,
}
