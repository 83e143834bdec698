//! The checks every request passes before its meaning is looked at: headers, `Authorization`,
//! clock, certificate, signature (page section 1.5, in that order), then its parameters.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use super::account::Account;
use super::settings::{MerchantCertificate, Settings};
use super::wire::ApiError;

/// A request as it came off the wire.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// Path and query exactly as sent: this is what was signed.
    pub(crate) target: String,
    pub(crate) authorization: Option<String>,
    pub(crate) accept: bool,
    pub(crate) user_agent: bool,
    pub(crate) content_type: Option<String>,
    /// `Wechatpay-Serial`
    pub(crate) serial: Option<String>,
    /// Scheme and authority the client reached us under, for download links.
    pub(crate) base_url: String,
    pub(crate) body: Vec<u8>,
    /// The decoded captures of the path.
    pub(crate) captures: Vec<String>,
}

impl Call {
    pub(crate) fn capture(&self) -> &str {
        self.captures.first().map_or("", String::as_str)
    }

    /// A query parameter, percent-decoded.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.target.split_once('?')?;
        query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| percent_decode(value))
    }
}

pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match hex {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Which family of endpoints: they word the same refusal differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// `/v3/pay/transactions/*`
    Pay,
    /// `/v3/certificates`, `/v3/refund/*`: look for `Accept` and `User-Agent` first.
    Strict,
    Other,
}

const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
/// How far a request's timestamp may be off, in seconds.
const CLOCK_TOLERANCE_SECONDS: u64 = 300;

struct Authorization<'a> {
    mchid: &'a str,
    nonce: &'a str,
    timestamp: i64,
    serial: &'a str,
    signature: Vec<u8>,
}

/// Checks headers, clock, certificate and signature.
pub(crate) fn authenticate(
    account: &Account,
    settings: &Settings,
    family: Family,
    call: &Call,
    wire_now: i64,
    business_now: i64,
) -> Result<(), ApiError> {
    if family == Family::Strict && !(call.accept && call.user_agent) {
        return Err(ApiError::invalid("Http头缺少Accept或User-Agent"));
    }
    let malformed = || {
        ApiError::sign(match family {
            Family::Pay => "签名信息错误，验签失败",
            _ => "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》",
        })
    };
    let header = call.authorization.as_deref().ok_or_else(malformed)?;
    let (scheme, rest) = header.split_once(' ').ok_or_else(malformed)?;
    if scheme != SCHEME {
        return Err(ApiError::sign("HTTP头Authorization认证类型不正确"));
    }
    let given = parse_authorization(rest).ok_or_else(malformed)?;
    if wire_now.abs_diff(given.timestamp) > CLOCK_TOLERANCE_SECONDS {
        return Err(ApiError::sign(
            "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟",
        ));
    }
    let standing = match settings.merchant_certificate {
        MerchantCertificate::Missing => Some("商户未申请过证书。"),
        MerchantCertificate::Expired => Some("商户证书已过期"),
        MerchantCertificate::Revoked => Some("商户证书已作废"),
        MerchantCertificate::Replaced => Some("已更换证书，请使用新证书"),
        MerchantCertificate::Valid if !settings.apiv3_key_set => Some("商户未设置APIv3密钥。"),
        MerchantCertificate::Valid => None,
    };
    if given.mchid != account.identity.mchid || given.serial != account.merchant_serial {
        return Err(ApiError::sign(
            "商户证书序列号有误。请使用签名私钥匹配的证书序列号",
        ));
    }
    if let Some(message) = standing {
        return Err(ApiError::sign(message));
    }
    if business_now > account.merchant_certificate.not_after() {
        return Err(ApiError::sign("商户证书已过期"));
    }
    let mut message = format!(
        "{}\n{}\n{}\n{}\n",
        call.method, call.target, given.timestamp, given.nonce
    )
    .into_bytes();
    message.extend_from_slice(&call.body);
    message.push(b'\n');
    account
        .merchant_public
        .verify_sha256(&message, &given.signature)
        .map_err(|_| ApiError::sign("签名错误"))
}

/// `key="value"` pairs joined by commas without spaces; all five keys, each once.
fn parse_authorization(text: &str) -> Option<Authorization<'_>> {
    const KEYS: [&str; 5] = ["mchid", "nonce_str", "timestamp", "serial_no", "signature"];
    let mut values: [Option<&str>; 5] = [None; 5];
    let mut rest = text;
    loop {
        let (key, after) = rest.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        let slot = KEYS.iter().position(|known| *known == key)?;
        if values[slot].replace(value).is_some() {
            return None;
        }
        match after.strip_prefix(',') {
            Some(more) => rest = more,
            None if after.is_empty() => break,
            None => return None,
        }
    }
    let [
        Some(mchid),
        Some(nonce),
        Some(timestamp),
        Some(serial),
        Some(signature),
    ] = values
    else {
        return None;
    };
    let digits = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || nonce.is_empty() || nonce.len() > 32 {
        return None;
    }
    Some(Authorization {
        mchid,
        nonce,
        timestamp: timestamp.parse().ok()?,
        serial,
        signature: BASE64.decode(signature).ok()?,
    })
}

/// The JSON body of a request, and the vendor's rules for its fields.
pub(crate) struct Body {
    pub(crate) value: Value,
}

/// Which characters a business number may have.
const NUMBER_MARKS: &str = "_-|*@";

impl Body {
    /// Reads the body: UTF-8 without four-byte characters, a JSON object, no `null` anywhere.
    pub(crate) fn read(call: &Call) -> Result<Self, ApiError> {
        let json_type = call
            .content_type
            .as_deref()
            .is_some_and(|kind| kind.starts_with("application/json"));
        if !json_type {
            return Err(ApiError::invalid(
                "Http头Content-Type必须为application/json",
            ));
        }
        let bad = |issue: &str| {
            let message = "请求体不是合法的JSON，请检查编码与格式".to_owned();
            ApiError::parameter("body", "", "", issue, message)
        };
        let text = std::str::from_utf8(&call.body).map_err(|_| bad("not UTF-8"))?;
        if text.chars().any(|character| character.len_utf8() == 4) {
            return Err(bad("characters of four bytes are not supported"));
        }
        let value: Value = serde_json::from_str(text).map_err(|_| bad("not valid JSON"))?;
        if !value.is_object() {
            return Err(bad("not a JSON object"));
        }
        if let Some(field) = find_null(&value, String::new()) {
            return Err(ApiError::parameter(
                "body",
                &field,
                "null",
                "null",
                source(&field, "不允许为null"),
            ));
        }
        Ok(Self { value })
    }

    pub(crate) fn has(&self, pointer: &str) -> bool {
        self.value.pointer(pointer).is_some()
    }

    /// An optional text of at most `max` characters.
    pub(crate) fn text(
        &self,
        pointer: &str,
        label: &str,
        max: usize,
    ) -> Result<Option<String>, ApiError> {
        let Some(value) = self.value.pointer(pointer) else {
            return Ok(None);
        };
        let Some(text) = value.as_str() else {
            let message = mapping(pointer, label, "此字段需要一个字符串");
            return Err(ApiError::parameter(
                "body",
                pointer,
                &value.to_string(),
                "not a string",
                message,
            ));
        };
        let count = text.chars().count();
        if count > max {
            let message = rule(
                pointer,
                "值字段",
                label,
                &format!("字符串规则校验失败，字符数 {count}，大于最大值 {max}"),
            );
            return Err(ApiError::parameter(
                "body",
                pointer,
                text,
                "longer than maximum",
                message,
            ));
        }
        Ok(Some(text.to_owned()))
    }

    /// A text that must be there and not be empty.
    pub(crate) fn required(
        &self,
        pointer: &str,
        label: &str,
        max: usize,
    ) -> Result<String, ApiError> {
        match self.text(pointer, label, max)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => {
                let message = rule(
                    pointer,
                    "值字段",
                    label,
                    "必填性规则校验失败，此字段为必填项",
                );
                Err(ApiError::parameter(
                    "body", pointer, "", "required", message,
                ))
            }
        }
    }

    /// A business number: letters, digits and a few marks.
    pub(crate) fn number(
        &self,
        pointer: &str,
        label: &str,
        min: usize,
        max: usize,
    ) -> Result<String, ApiError> {
        let text = self.required(pointer, label, max)?;
        if text.chars().count() < min {
            let count = text.chars().count();
            let message = rule(
                pointer,
                "值字段",
                label,
                &format!("字符串规则校验失败，字符数 {count}，小于最小值 {min}"),
            );
            return Err(ApiError::parameter(
                "body",
                pointer,
                &text,
                "shorter than minimum",
                message,
            ));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || NUMBER_MARKS.contains(c);
        if !text.chars().all(allowed) {
            let message = rule(
                pointer,
                "值字段",
                label,
                "字符串规则校验失败，含有不允许的字符",
            );
            return Err(ApiError::parameter(
                "body",
                pointer,
                &text,
                "illegal character",
                message,
            ));
        }
        Ok(text)
    }

    /// An optional integer of at least `min`.
    pub(crate) fn integer(
        &self,
        pointer: &str,
        label: &str,
        min: i64,
    ) -> Result<Option<i64>, ApiError> {
        let Some(value) = self.value.pointer(pointer) else {
            return Ok(None);
        };
        let Some(number) = value.as_i64() else {
            let message = mapping(pointer, label, "此字段需要一个合法的 64 位有符号整数");
            return Err(ApiError::parameter(
                "body",
                pointer,
                &value.to_string(),
                "not an integer",
                message,
            ));
        };
        if number < min {
            let message = rule(
                pointer,
                "数值字段",
                label,
                &format!("规则校验失败，值低于最小值 {min}"),
            );
            return Err(ApiError::parameter(
                "body",
                pointer,
                &number.to_string(),
                "less than minimum",
                message,
            ));
        }
        Ok(Some(number))
    }

    pub(crate) fn required_integer(
        &self,
        pointer: &str,
        label: &str,
        min: i64,
    ) -> Result<i64, ApiError> {
        self.integer(pointer, label, min)?.ok_or_else(|| {
            let message = rule(
                pointer,
                "值字段",
                label,
                "必填性规则校验失败，此字段为必填项",
            );
            ApiError::parameter("body", pointer, "", "required", message)
        })
    }

    /// Refuses a value outside a closed list.
    pub(crate) fn one_of(
        &self,
        pointer: &str,
        label: &str,
        allowed: &[&str],
    ) -> Result<Option<String>, ApiError> {
        let Some(text) = self.text(pointer, label, 64)? else {
            return Ok(None);
        };
        if allowed.contains(&text.as_str()) {
            return Ok(Some(text));
        }
        let message = rule(
            pointer,
            "值字段",
            label,
            "枚举规则校验失败，值不在允许的范围内",
        );
        Err(ApiError::parameter(
            "body",
            pointer,
            &text,
            "not in enumeration",
            message,
        ))
    }

    /// A notification address: https without a query, or http on this machine.
    pub(crate) fn notify_url(&self, pointer: &str, max: usize) -> Result<Option<String>, ApiError> {
        let Some(url) = self.text(pointer, "通知地址", max)? else {
            return Ok(None);
        };
        let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
            .iter()
            .any(|host| {
                url.strip_prefix(host)
                    .is_some_and(|rest| rest.starts_with([':', '/']))
            });
        let https = url
            .strip_prefix("https://")
            .is_some_and(|rest| !rest.is_empty());
        if (https || local) && !url.contains(['?', '#', ' ']) {
            return Ok(Some(url));
        }
        let message = rule(
            pointer,
            "值字段",
            "通知地址",
            "规则校验失败，须为不带参数的https地址",
        );
        Err(ApiError::parameter(
            "body",
            pointer,
            &url,
            "not a public https address without query",
            message,
        ))
    }
}

fn source(pointer: &str, rest: &str) -> String {
    format!("输入源“/body{pointer}”{rest}")
}

fn mapping(pointer: &str, label: &str, rest: &str) -> String {
    format!("无法将输入源“/body{pointer}”映射到目标字段“{label}”中，{rest}")
}

fn rule(pointer: &str, kind: &str, label: &str, rest: &str) -> String {
    format!("输入源“/body{pointer}”映射到{kind}“{label}”{rest}")
}

fn find_null(value: &Value, path: String) -> Option<String> {
    match value {
        Value::Null => Some(path),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| find_null(item, format!("{path}/{index}"))),
        Value::Object(fields) => fields
            .iter()
            .find_map(|(name, field)| find_null(field, format!("{path}/{name}"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authorization_grammar_is_strict() {
        let good = r#"mchid="1",nonce_str="n",timestamp="5",serial_no="S",signature="AAAA""#;
        let parsed = parse_authorization(good).unwrap();
        assert_eq!(
            (parsed.mchid, parsed.timestamp, parsed.serial),
            ("1", 5, "S")
        );
        let reordered = r#"serial_no="S",timestamp="5",signature="AAAA",mchid="1",nonce_str="n""#;
        assert!(parse_authorization(reordered).is_some(), "any order");
        for bad in [
            "",
            r#"mchid="1""#,
            &good.replace(',', ", "),
            &good.replace("timestamp=\"5\"", "timestamp=\"5.0\""),
            &good.replace("AAAA", "not base64"),
            &good.replace("nonce_str=\"n\"", "mchid=\"2\""),
            &format!("{good},"),
        ] {
            assert!(parse_authorization(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn percent_signs_are_decoded() {
        assert_eq!(percent_decode("A%7CB%2a+c%"), "A|B* c%");
    }
}
