//! `zf debug`: the signature X-ray, offline. Keys are read from files and never printed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::Subcommand;
use serde_json::{Value, json};
use zf_crypto::cert::{Certificate, KeyKind};
use zf_crypto::rsa::RsaSigningKey;
use zf_crypto::sm2::Sm2SigningKey;
use zf_crypto::xray::{PublicKey, Refusal, path_and_query};
use zf_crypto::{aead, digest, xray};

use crate::output::{Answer, Done, Failure, Output};

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Signs a request and shows what is signed.
    Sign {
        /// Merchant private key, PEM.
        #[arg(long)]
        key: PathBuf,
        /// Merchant number.
        #[arg(long)]
        mchid: String,
        /// Serial of the merchant certificate.
        #[arg(long)]
        serial: String,
        /// GET, POST, …
        method: String,
        /// Path and query exactly as sent, or the whole URL.
        url: String,
        /// File with the exact body; none for GET.
        #[arg(long)]
        body: Option<PathBuf>,
        /// Unix seconds; now when left out.
        #[arg(long)]
        timestamp: Option<i64>,
        /// Nonce; random when left out.
        #[arg(long)]
        nonce: Option<String>,
        /// SM2 with SM3 instead of RSA.
        #[arg(long)]
        sm2: bool,
    },
    /// Verifies a reply, a notice or (with --method and --url) a request.
    Verify {
        /// Public key or certificate, PEM: the channel's for replies, the merchant's for requests.
        #[arg(long)]
        key: PathBuf,
        #[arg(long)]
        timestamp: String,
        #[arg(long)]
        nonce: String,
        /// Base64.
        #[arg(long)]
        signature: String,
        /// File with the raw body.
        #[arg(long)]
        body: Option<PathBuf>,
        #[arg(long, requires = "url")]
        method: Option<String>,
        #[arg(long, requires = "method")]
        url: Option<String>,
        /// A second text to compare with what should be signed; shows the first differing byte.
        #[arg(long)]
        against: Option<PathBuf>,
    },
    /// Decrypts the resource of a notice or of a platform certificate.
    Decrypt {
        /// File with the APIv3 key (32 characters).
        #[arg(long)]
        apiv3_key_file: PathBuf,
        /// JSON file: the notice, or its resource object.
        notice: PathBuf,
    },
    /// Shows what is in certificate files.
    Certs {
        /// PEM or DER files.
        files: Vec<PathBuf>,
    },
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|e| Failure::file(path, e))
}

fn read_text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|e| Failure::file(path, e))
}

fn unusable(path: &Path, error: impl std::fmt::Display) -> Failure {
    let zh = format!("{} 不能用：{error}", path.display());
    let en = format!("{} cannot be used: {error}", path.display());
    Failure::usage(
        "key.unusable",
        (&zh, "请换成提示里要的那种文件。"),
        (&en, "Give the kind of file it asks for."),
    )
}

pub(crate) fn run(command: Command, out: &Output) -> Done {
    match command {
        Command::Sign {
            key,
            mchid,
            serial,
            method,
            url,
            body,
            timestamp,
            nonce,
            sm2,
        } => {
            let body = body.as_deref().map(read).transpose()?.unwrap_or_default();
            let url = path_and_query(&url).to_owned();
            let timestamp = timestamp.unwrap_or_else(now).to_string();
            let nonce = nonce.unwrap_or_else(|| zf_crypto::random::alphanumeric(32));
            let message =
                xray::request_message(&method.to_uppercase(), &url, &timestamp, &nonce, &body);
            let pem = zf_crypto::secret::Secret::new(read_text(&key)?);
            let (scheme, signature, digest_name, digest_hex) = if sm2 {
                let key = Sm2SigningKey::from_pem(pem.expose()).map_err(|e| unusable(&key, e))?;
                let e = key.public().message_digest(&message);
                let signature = key.sign(&message).map_err(Failure::system)?;
                (
                    "WECHATPAY2-SM2-WITH-SM3",
                    signature,
                    "sm3",
                    digest::hex_lower(&e),
                )
            } else {
                let key = RsaSigningKey::from_pem(pem.expose()).map_err(|e| unusable(&key, e))?;
                let signature = key.sign_sha256(&message).map_err(Failure::system)?;
                (
                    "WECHATPAY2-SHA256-RSA2048",
                    signature,
                    "sha256",
                    digest::hex_lower(&digest::sha256(&message)),
                )
            };
            let signature = BASE64.encode(signature);
            let header = format!(
                "{scheme} mchid=\"{mchid}\",nonce_str=\"{nonce}\",timestamp=\"{timestamp}\",serial_no=\"{serial}\",signature=\"{signature}\""
            );
            let json = json!({
                "message": xray::visible(&message), "bytes": message.len(), "digest": digest_hex,
                "digest_algorithm": digest_name, "signature": signature, "authorization": header,
            });
            let text = format!(
                "{}\n{}\n{digest_name}  {digest_hex}\n\nAuthorization: {header}",
                out.say(
                    "被签名的内容（⏎ 是换行）：",
                    "What is signed (⏎ is a line feed):"
                ),
                xray::visible(&message)
            );
            Ok(Answer::yes(json, text))
        }
        Command::Verify {
            key,
            timestamp,
            nonce,
            signature,
            body,
            method,
            url,
            against,
        } => {
            let body = body.as_deref().map(read).transpose()?.unwrap_or_default();
            let message = match (&method, &url) {
                (Some(method), Some(url)) => xray::request_message(
                    &method.to_uppercase(),
                    path_and_query(url),
                    &timestamp,
                    &nonce,
                    &body,
                ),
                _ => xray::reply_message(&timestamp, &nonce, &body),
            };
            let pem = read_text(&key)?;
            let public = PublicKey::from_pem(&pem).map_err(|e| unusable(&key, e))?;
            let reason = xray::judge(&public, &message, &signature).err();
            let difference = match &against {
                Some(path) => xray::first_difference(&message, &read(path)?),
                None => None,
            };
            let valid = reason.is_none();
            let mut text = String::new();
            let _ = writeln!(
                text,
                "{}",
                match reason {
                    None => out.say("签名正确。", "The signature is valid."),
                    Some(why) => sentence(why, out),
                }
            );
            let _ = writeln!(
                text,
                "{}\n{}",
                out.say("应被签名的内容：", "What should be signed:"),
                xray::visible(&message)
            );
            if let Some(d) = &difference {
                let _ = writeln!(
                    text,
                    "{} {}:{} (byte {})  {} ≠ {}",
                    out.say("第一处不同：", "First difference:"),
                    d.line,
                    d.column,
                    d.offset,
                    d.left,
                    d.right
                );
            }
            let json = json!({
                "valid": valid,
                "reason": reason.map(Refusal::code),
                "message": xray::visible(&message),
                "first_difference": difference.as_ref().map(|d| json!({
                    "offset": d.offset, "line": d.line, "column": d.column, "left": d.left, "right": d.right })),
            });
            Ok(Answer {
                json,
                text,
                yes: valid,
            })
        }
        Command::Decrypt {
            apiv3_key_file,
            notice,
        } => {
            let key = zf_crypto::secret::Secret::new(read_text(&apiv3_key_file)?);
            let value: Value =
                serde_json::from_slice(&read(&notice)?).map_err(|e| Failure::file(&notice, e))?;
            let resource = value
                .get("resource")
                .or_else(|| value.get("encrypt_certificate"))
                .unwrap_or(&value);
            let field = |name: &str| {
                resource
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
            };
            let sealed = BASE64
                .decode(field("ciphertext"))
                .map_err(|e| Failure::file(&notice, e))?;
            let opened = aead::aes_gcm_open(
                key.expose().trim_end().as_bytes(),
                field("nonce").as_bytes(),
                field("associated_data").as_bytes(),
                &sealed,
            );
            match opened {
                Ok(plain) => {
                    let text = String::from_utf8_lossy(&plain).into_owned();
                    Ok(Answer::yes(
                        json!({ "decrypted": true, "plaintext": text }),
                        text.clone(),
                    ))
                }
                Err(error) => Ok(Answer {
                    json: json!({ "decrypted": false, "reason": error.to_string() }),
                    text: format!(
                        "{}{error}",
                        out.say(
                            "解不开：密钥、nonce 或 associated_data 有一个不对。",
                            "It does not open: key, nonce or associated_data is wrong. "
                        )
                    ),
                    yes: false,
                }),
            }
        }
        Command::Certs { files } => {
            let mut list = Vec::new();
            let mut text = String::new();
            for path in &files {
                let bytes = read(path)?;
                let chain =
                    if bytes.starts_with(b"-----") || bytes.windows(5).any(|w| w == b"-----") {
                        Certificate::chain_from_pem(&String::from_utf8_lossy(&bytes))
                    } else {
                        Certificate::from_der(&bytes).map(|c| vec![c])
                    }
                    .map_err(|e| unusable(path, e))?;
                for certificate in chain {
                    describe(&certificate, path, out, &mut list, &mut text);
                }
            }
            Ok(Answer::yes(json!({ "certificates": list }), text))
        }
    }
}

fn describe(c: &Certificate, path: &Path, out: &Output, list: &mut Vec<Value>, text: &mut String) {
    let time = |seconds: i64| zf_domain::Timestamp::from_seconds(seconds).to_beijing();
    let key = match c.key_kind() {
        KeyKind::Rsa { bits } => format!("RSA {bits}"),
        KeyKind::Sm2 => "SM2".to_owned(),
        KeyKind::Other(name) => name,
    };
    let at = now();
    let (code, zh, en) = if at < c.not_before() {
        ("not_yet_valid", "尚未生效", "not yet valid")
    } else if at > c.not_after() {
        ("expired", "已过期", "expired")
    } else {
        ("valid", "有效期内", "valid now")
    };
    let fingerprint = digest::hex_lower(&c.fingerprint_sha256());
    let _ = writeln!(
        text,
        "{}\n  {} {}\n  {} {}\n  {} {}  ({})\n  {} {} — {} UTC+8, {}\n  {} {key}{}\n  SHA-256 {fingerprint}\n",
        path.display(),
        out.say("主体", "Subject"),
        c.subject(),
        out.say("签发者", "Issuer"),
        c.issuer(),
        out.say("序列号", "Serial"),
        c.serial_hex(),
        c.serial_decimal(),
        out.say("有效期", "Valid"),
        time(c.not_before()),
        time(c.not_after()),
        out.say(zh, en),
        out.say("密钥", "Key"),
        if c.is_ca() {
            out.say("，CA 证书", ", CA certificate")
        } else {
            ""
        },
    );
    list.push(json!({
        "file": path.display().to_string(), "subject": c.subject(), "issuer": c.issuer(),
        "serial_hex": c.serial_hex(), "serial_decimal": c.serial_decimal(),
        "not_before": zf_domain::Timestamp::from_seconds(c.not_before()).to_string(),
        "not_after": zf_domain::Timestamp::from_seconds(c.not_after()).to_string(),
        "validity": code, "key": key, "ca": c.is_ca(), "sha256": fingerprint,
    }));
}

/// Why a signature is refused, in a sentence.
fn sentence(why: Refusal, out: &Output) -> &'static str {
    match why {
        Refusal::Probe => out.say(
            "这是渠道故意发的探测签名，拒绝就对了。",
            "This is a probe the channel sends on purpose; refusing it is right.",
        ),
        Refusal::NotBase64 => out.say(
            "签名不是 Base64 文本。",
            "The signature is not Base64 text.",
        ),
        Refusal::Empty => out.say("签名是空的。", "The signature is empty."),
        Refusal::Mismatch => out.say(
            "签名不对：内容、时间戳、随机串或密钥至少有一个与签名时不同。",
            "The signature is wrong: body, timestamp, nonce or key differs from what was signed.",
        ),
    }
}

fn now() -> i64 {
    use zf_domain::Clock as _;
    zf_app::clock::DeskClock::new(0).now().seconds()
}
