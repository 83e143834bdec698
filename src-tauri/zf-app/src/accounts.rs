//! Merchant accounts: key material is checked, sealed, and opened only to build a channel client.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use sqlx::Row as _;
use zf_channels::{
    Balance, ChannelClient, ChannelError, ChannelKind, Credentials, Endpoint, FundAccount, Lost,
    Misuse, PaymentAnswer, PaymentKey, RefusalKind, VerifyMode, WechatCredentials,
};
use zf_crypto::cert::Certificate;
use zf_crypto::rsa::{RsaSigningKey, RsaVerifyingKey};
use zf_crypto::secret::Secret;
use zf_domain::{AccountId, Clock as _, MerchantOrderNo, Timestamp};
use zf_store::DbRow;
use zf_store::StoreError;

use crate::app::App;
use crate::ctx::Ctx;
use crate::error::{AppError, Code};
use crate::facts::{read_word, word};
use crate::wire::{
    self, AccountBrief, AccountList, AccountRef, AccountView, AddWechatAccount, Environment,
    Nothing, SelfTest, SelfTestResult, SelfTestStep, StepOutcome,
};

/// How long a balance asked for stays good for a pre-flight, and how long a failure to get it: a
/// screen does not wait for a channel that just did not answer.
const BALANCE_MILLIS: i64 = 30_000;
const BALANCE_FAILURE_MILLIS: i64 = 10_000;
/// Longest wait for it. A query never counts for more than that to the person at the screen.
const BALANCE_WAIT: std::time::Duration = std::time::Duration::from_secs(4);
/// The demo's own channel, wherever it listens this time.
const SANDBOX_URL: &str = "sandbox:";

/// What the channel said of a balance, and when.
type BalanceAnswer = (Timestamp, Result<Balance, ChannelError>);

/// Open channel clients by account, and what this run of the program remembers of them.
pub(crate) struct ChannelCache {
    clients: Mutex<HashMap<AccountId, (String, Arc<ChannelClient>)>>,
    balances: Mutex<HashMap<AccountId, BalanceAnswer>>,
    run: String,
}

impl Default for ChannelCache {
    fn default() -> Self {
        Self {
            clients: Mutex::default(),
            balances: Mutex::default(),
            run: zf_crypto::random::alphanumeric(16),
        }
    }
}

impl ChannelCache {
    /// The name of this run of the program: what another run left unfinished, nobody will finish.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    fn forget(&self, account_id: AccountId) {
        if let Ok(mut clients) = self.clients.lock() {
            clients.remove(&account_id);
        }
    }
}

/// One row of `accounts`.
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) environment: Environment,
    pub(crate) display_name: String,
    pub(crate) merchant_no: String,
    appid: String,
    certificate_serial: String,
    certificate_pem: Option<String>,
    certificate_expires_at: Option<Timestamp>,
    public_key_id: Option<String>,
    public_key_pem: Option<String>,
    base_url: String,
    backup_url: Option<String>,
    extra_root_pem: Option<String>,
    self_test: Option<String>,
    created_at: Timestamp,
}

impl Account {
    fn read(row: &DbRow) -> Result<Self, StoreError> {
        let id: String = row.try_get("id")?;
        let environment: String = row.try_get("environment")?;
        let expires: Option<i64> = row.try_get("certificate_expires_at")?;
        Ok(Self {
            id: AccountId::parse(&id).map_err(|_| StoreError::unreadable("accounts.id", &id))?,
            environment: read_word(&environment)
                .ok_or_else(|| StoreError::unreadable("accounts.environment", &environment))?,
            display_name: row.try_get("display_name")?,
            merchant_no: row.try_get("merchant_no")?,
            appid: row.try_get("appid")?,
            certificate_serial: row.try_get("certificate_serial")?,
            certificate_pem: row.try_get("certificate_pem")?,
            certificate_expires_at: expires.map(Timestamp::from_millis),
            public_key_id: row.try_get("public_key_id")?,
            public_key_pem: row.try_get("public_key_pem")?,
            base_url: row.try_get("base_url")?,
            backup_url: row.try_get("backup_url")?,
            extra_root_pem: row.try_get("extra_root_pem")?,
            self_test: row.try_get("self_test")?,
            created_at: Timestamp::from_millis(row.try_get("created_at")?),
        })
    }

    pub(crate) fn brief(&self) -> AccountBrief {
        AccountBrief {
            account_id: self.id,
            channel: wire::ChannelKind::WechatPay,
            environment: self.environment,
            display_name: self.display_name.clone(),
            merchant_no_masked: masked(&self.merchant_no),
        }
    }

    pub(crate) fn certificate_serial(&self) -> &str {
        &self.certificate_serial
    }

    pub(crate) const fn certificate_expires_at(&self) -> Option<Timestamp> {
        self.certificate_expires_at
    }

    pub(crate) fn public_key_id(&self) -> Option<&str> {
        self.public_key_id.as_deref()
    }

    pub(crate) const fn created_at(&self) -> Timestamp {
        self.created_at
    }

    fn view(&self) -> AccountView {
        AccountView {
            brief: self.brief(),
            merchant_no: self.merchant_no.clone(),
            appid: self.appid.clone(),
            certificate_serial: self.certificate_serial.clone(),
            certificate_expires_at: self.certificate_expires_at,
            verify_mode: if self.public_key_id.is_some() {
                "public_key"
            } else {
                "certificates"
            }
            .to_owned(),
            base_url: self.base_url.clone(),
            backup_url: self.backup_url.clone(),
            created_at: self.created_at,
            last_self_test: self
                .self_test
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok()),
        }
    }
}

/// First two and last four characters: `19****0109`.
fn masked(number: &str) -> String {
    let chars: Vec<char> = number.chars().collect();
    if chars.len() <= 6 {
        return number.to_owned();
    }
    let head: String = chars[..2].iter().collect();
    let tail: String = chars[chars.len() - 4..].iter().collect();
    format!("{head}****{tail}")
}

/// The last four characters of a merchant number.
pub(crate) fn tail(number: &str) -> String {
    let skip = number.chars().count().saturating_sub(4);
    number.chars().skip(skip).collect()
}

pub(crate) async fn all(app: &App) -> Result<Vec<Account>, AppError> {
    let rows = sqlx::query("SELECT * FROM accounts ORDER BY created_at, id")
        .fetch_all(app.store().pool())
        .await
        .map_err(StoreError::from)?;
    Ok(rows.iter().map(Account::read).collect::<Result<_, _>>()?)
}

pub(crate) async fn find(app: &App, account_id: AccountId) -> Result<Account, AppError> {
    let row = sqlx::query("SELECT * FROM accounts WHERE id = $1")
        .bind(account_id.to_string())
        .fetch_optional(app.store().pool())
        .await
        .map_err(StoreError::from)?
        .ok_or_else(|| AppError::not_found("account", account_id))?;
    Ok(Account::read(&row)?)
}

pub(crate) async fn briefs(app: &App) -> Result<Vec<AccountBrief>, AppError> {
    Ok(all(app).await?.iter().map(Account::brief).collect())
}

pub(crate) async fn list(ctx: &Ctx, _: Nothing) -> Result<AccountList, AppError> {
    Ok(AccountList {
        accounts: all(&ctx.app).await?.iter().map(Account::view).collect(),
    })
}

pub(crate) async fn add_wechat(
    ctx: &Ctx,
    params: AddWechatAccount,
) -> Result<AccountView, AppError> {
    let id = insert_wechat(ctx, params).await?;
    Ok(find(&ctx.app, id).await?.view())
}

fn credential(field: &str, detail: impl std::fmt::Display, remedy: &str) -> AppError {
    AppError::new(Code::CredentialInvalid)
        .with("field", field)
        .with("detail", detail)
        .with("remedy", remedy)
}

/// Says in both languages what a key file is when it is not what it should be.
fn wrong_kind(field: &str, error: &zf_crypto::Error, remedy: &str) -> AppError {
    const KINDS: [(&str, &str); 9] = [
        ("encrypted private key", "一个加密的私钥，请先解密"),
        ("certificate request", "一个证书申请（CSR）"),
        ("certificate with a key", "一张不是 RSA 的证书"),
        ("certificate", "一张证书"),
        ("elliptic-curve", "一个椭圆曲线私钥"),
        ("private key", "一个私钥"),
        ("public key", "一个公钥"),
        ("empty text", "空的"),
        ("not PEM", "不是 PEM 文本"),
    ];
    let text = error.to_string();
    let detail = match error {
        zf_crypto::Error::WrongKind { found, .. } => KINDS
            .iter()
            .find(|(english, _)| found.contains(english))
            .map_or_else(
                || text.clone(),
                |(_, chinese)| format!("这里放的是{chinese} / {text}"),
            ),
        _ => format!("内容读不出来 / {text}"),
    };
    credential(field, detail, remedy)
}

const KEY_REMEDY: &str = "请选择 apiclient_key.pem / choose apiclient_key.pem";
const CERTIFICATE_REMEDY: &str = "请选择 apiclient_cert.pem / choose apiclient_cert.pem";
const PUBLIC_KEY_REMEDY: &str =
    "请选择商户平台下载的 pub_key.pem / choose pub_key.pem from the merchant platform";

/// What the key material of an account says, once every part was checked against the others.
struct Checked {
    serial: String,
    expires_at: Option<Timestamp>,
    public_key: Option<(String, String)>,
    endpoint: Endpoint,
}

fn check(params: &AddWechatAccount, now: Timestamp) -> Result<Checked, AppError> {
    let digits = params.merchant_no.trim();
    if !(8..=12).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(credential(
            "merchant_no",
            "商户号是 8–12 位数字 / a merchant number has 8 to 12 digits",
            "请从商户平台「账户中心」抄录 / copy it from the merchant platform",
        ));
    }
    let appid = params.appid.trim();
    if appid.is_empty() || appid.len() > 32 || !appid.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(credential(
            "appid",
            "AppID 由字母和数字组成，如 wx0a1b2c3d4e5f6789 / letters and digits such as wx0a1b2c3d4e5f6789",
            "请抄录与商户号绑定的 AppID / copy the app id bound to the merchant number",
        ));
    }
    if params.display_name.trim().is_empty() || params.display_name.chars().count() > 60 {
        return Err(AppError::bad(
            "display_name",
            "1–60 个字符 / 1 to 60 characters",
        ));
    }
    let key = RsaSigningKey::from_pem(&params.private_key_pem)
        .map_err(|e| wrong_kind("private_key_pem", &e, KEY_REMEDY))?;
    let mut serial: String = params
        .certificate_serial
        .chars()
        .filter(char::is_ascii_hexdigit)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    if params
        .certificate_serial
        .chars()
        .any(|c| !c.is_ascii_hexdigit() && !matches!(c, ':' | ' ' | '\n' | '\r' | '\t'))
    {
        return Err(credential(
            "certificate_serial",
            "序列号只有十六进制数字 / a serial number is hexadecimal",
            "留空即可从证书读取 / leave it empty to read it from the certificate",
        ));
    }
    let mut expires_at = None;
    if let Some(pem) = params
        .certificate_pem
        .as_deref()
        .filter(|p| !p.trim().is_empty())
    {
        let certificate = Certificate::from_pem(pem)
            .map_err(|e| wrong_kind("certificate_pem", &e, CERTIFICATE_REMEDY))?;
        if certificate.spki_der() != key.public().to_spki_der() {
            return Err(credential(
                "certificate_pem",
                "证书和私钥不是一对 / the certificate does not belong to the private key",
                "请选择同一次下载的 apiclient_key.pem 和 apiclient_cert.pem / take both files from one download",
            ));
        }
        let found = certificate.serial_hex();
        if !serial.is_empty() && serial != found {
            return Err(credential(
                "certificate_serial",
                format!(
                    "填的是 {serial}，证书里是 {found} / given {serial}, the certificate says {found}"
                ),
                "留空即可从证书读取 / leave it empty to read it from the certificate",
            ));
        }
        serial = found;
        let end = Timestamp::from_seconds(certificate.not_after());
        if !certificate.is_valid_at(now.seconds()) {
            return Err(credential(
                "certificate_pem",
                format!(
                    "证书有效期是 {} 至 {}，现在不能用 / valid from {} to {} only",
                    Timestamp::from_seconds(certificate.not_before()).beijing_date(),
                    end.beijing_date(),
                    Timestamp::from_seconds(certificate.not_before()).beijing_date(),
                    end.beijing_date(),
                ),
                "请在商户平台申请新证书，并检查本机时间 / apply for a new certificate and check this machine's clock",
            ));
        }
        expires_at = Some(end);
    }
    if serial.is_empty() {
        return Err(credential(
            "certificate_serial",
            "没有证书也没有序列号 / neither a certificate nor its serial number",
            CERTIFICATE_REMEDY,
        ));
    }
    if params.api_v3_key.len() != 32 || !params.api_v3_key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(credential(
            "api_v3_key",
            format!(
                "APIv3 密钥是 32 个英文字母或数字，现在是 {n} 个字符 / it has 32 ASCII characters, not {n}",
                n = params.api_v3_key.chars().count()
            ),
            "请到商户平台「API安全」查看或重设 / see API security on the merchant platform",
        ));
    }
    let some = |text: &Option<String>| {
        text.as_deref()
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
    };
    let public_key = match (some(&params.public_key_id), some(&params.public_key_pem)) {
        (None, None) => None,
        (Some(id), Some(pem)) => {
            if !id.starts_with("PUB_KEY_ID_") {
                return Err(credential(
                    "public_key_id",
                    "公钥 ID 以 PUB_KEY_ID_ 开头 / it begins with PUB_KEY_ID_",
                    PUBLIC_KEY_REMEDY,
                ));
            }
            RsaVerifyingKey::from_spki_pem(&pem)
                .map_err(|e| wrong_kind("public_key_pem", &e, PUBLIC_KEY_REMEDY))?;
            Some((id, pem))
        }
        (id, _) => {
            let missing = if id.is_some() {
                "public_key_pem"
            } else {
                "public_key_id"
            };
            return Err(credential(
                missing,
                "公钥和公钥 ID 要一起填 / the public key and its id belong together",
                PUBLIC_KEY_REMEDY,
            ));
        }
    };
    let mut endpoint = zf_channels::live_endpoint(ChannelKind::WechatPay);
    if let Some(base_url) = some(&params.base_url) {
        endpoint.base_url = base_url;
        endpoint.backup_url = some(&params.backup_url);
    } else if let Some(backup) = some(&params.backup_url) {
        endpoint.backup_url = Some(backup);
    }
    endpoint.extra_root_pem = some(&params.extra_root_pem);
    let secure = endpoint.origins().all(|url| url.starts_with("https://"));
    if params.environment == Environment::Production && !secure {
        return Err(AppError::bad(
            "base_url",
            "生产环境只能用 https / production needs https",
        ));
    }
    if (endpoint.base_url == SANDBOX_URL) != (params.environment == Environment::Demo) {
        return Err(AppError::bad(
            "base_url",
            "演示账户用自带的模拟渠道 / the demo uses its own sandbox",
        ));
    }
    Ok(Checked {
        serial,
        expires_at,
        public_key,
        endpoint,
    })
}

/// Checks and keeps a WeChat Pay account with its keys; for the account page and for set-up.
///
/// # Errors
/// `CredentialInvalid` naming the field and what it holds instead; `AccountExists`; `VaultLocked`.
pub(crate) async fn insert_wechat(
    ctx: &Ctx,
    params: AddWechatAccount,
) -> Result<AccountId, AppError> {
    let checked = check(&params, ctx.now)?;
    let id = AccountId::new();
    let merchant_no = params.merchant_no.trim().to_owned();
    let secrets = [
        ("private_key", Secret::new(params.private_key_pem)),
        ("api_v3_key", Secret::new(params.api_v3_key)),
    ];
    // What does not open as a client would fail later, far from the person who can mend it.
    if checked.endpoint.base_url != SANDBOX_URL {
        open_client(
            &ctx.app,
            &merchant_no,
            params.appid.trim(),
            &checked.serial,
            secrets[0].1.clone(),
            secrets[1].1.clone(),
            checked.public_key.clone(),
            checked.endpoint.clone(),
        )
        .map_err(|e| channel_error(&e, &merchant_no))?;
    }
    let mut tx = ctx.app.store().begin().await?;
    let taken: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM accounts WHERE channel = $1 AND environment = $2 AND merchant_no = $3",
    )
    .bind(ChannelKind::WechatPay.as_str())
    .bind(word(params.environment))
    .bind(&merchant_no)
    .fetch_one(tx.conn())
    .await
    .map_err(StoreError::from)?;
    if taken > 0 {
        return Err(AppError::new(Code::AccountExists).with("merchant_no", merchant_no));
    }
    sqlx::query(
        "INSERT INTO accounts (id, channel, environment, display_name, merchant_no, appid, certificate_serial,
            certificate_pem, certificate_expires_at, public_key_id, public_key_pem, base_url, backup_url,
            extra_root_pem, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(id.to_string())
    .bind(ChannelKind::WechatPay.as_str())
    .bind(word(params.environment))
    .bind(params.display_name.trim())
    .bind(&merchant_no)
    .bind(params.appid.trim())
    .bind(&checked.serial)
    .bind(&params.certificate_pem)
    .bind(checked.expires_at.map(Timestamp::millis))
    .bind(checked.public_key.as_ref().map(|(id, _)| id))
    .bind(checked.public_key.as_ref().map(|(_, pem)| pem))
    .bind(&checked.endpoint.base_url)
    .bind(&checked.endpoint.backup_url)
    .bind(&checked.endpoint.extra_root_pem)
    .bind(ctx.now.millis())
    .execute(tx.conn())
    .await
    .map_err(StoreError::from)?;
    for (name, secret) in &secrets {
        let purpose = purpose(name, id);
        let sealed = ctx.app.vault().seal(&purpose, secret.expose().as_bytes())?;
        sqlx::query("INSERT INTO secrets (account_id, purpose, sealed) VALUES ($1, $2, $3)")
            .bind(id.to_string())
            .bind(&purpose)
            .bind(sealed)
            .execute(tx.conn())
            .await
            .map_err(StoreError::from)?;
    }
    tx.audit(ctx.audit("accounts.add_wechat", "account", &merchant_no))
        .await?;
    tx.commit().await?;
    Ok(id)
}

fn purpose(name: &str, account_id: AccountId) -> String {
    format!("wechat_pay.{name}/{account_id}")
}

#[allow(
    clippy::too_many_arguments,
    reason = "the parts of one account's credentials"
)]
fn open_client(
    app: &App,
    merchant_no: &str,
    appid: &str,
    serial: &str,
    private_key: Secret<String>,
    api_v3_key: Secret<String>,
    public_key: Option<(String, String)>,
    endpoint: Endpoint,
) -> Result<ChannelClient, ChannelError> {
    let credentials = WechatCredentials {
        mchid: merchant_no.to_owned(),
        appid: appid.to_owned(),
        serial_no: serial.to_owned(),
        private_key,
        api_v3_key,
        verify: match public_key {
            Some((id, pem)) => VerifyMode::PublicKey { id, pem },
            None => VerifyMode::Certificates,
        },
    };
    zf_channels::open(
        Credentials::WechatPay(credentials),
        endpoint,
        app.shared_clock(),
    )
}

/// Fetches the present keys of every open channel, so that a rotation is known before the first reply
/// under a new one. The old keys stay where it fails; an unknown serial asks again by itself.
pub(crate) async fn refresh_keys(app: &App) {
    let open: Vec<Arc<ChannelClient>> = match app.channels().clients.lock() {
        Ok(clients) => clients.values().map(|(_, client)| client.clone()).collect(),
        Err(_) => return,
    };
    for client in open {
        if let Err(error) = client.refresh_keys().await {
            tracing::warn!(merchant = %masked(client.merchant_no()), %error, "keys not refreshed");
        }
    }
    crate::keys::remember_all(app).await;
}

/// The channel of an account, ready for calls.
///
/// # Errors
/// `VaultLocked`; `ChannelMisuse` for settings that cannot be used; `SandboxUnavailable` for the demo's
/// account in a program without a sandbox.
pub(crate) async fn channel(
    app: &App,
    account_id: &AccountId,
) -> Result<Arc<ChannelClient>, AppError> {
    let account = find(app, *account_id).await?;
    let base_url = if account.base_url == SANDBOX_URL {
        let running = app.running_sandbox().read().await;
        running
            .as_ref()
            .map(|sandbox| sandbox.wechat_url.clone())
            .ok_or_else(|| AppError::new(Code::SandboxUnavailable))?
    } else {
        account.base_url.clone()
    };
    // A locked vault closes the channels, also those opened before.
    if app.vault().is_locked() {
        app.channels().forget(account.id);
        return Err(AppError::new(Code::VaultLocked));
    }
    if let Ok(clients) = app.channels().clients.lock()
        && let Some((url, client)) = clients.get(&account.id)
        && *url == base_url
    {
        return Ok(client.clone());
    }
    let client = open_client(
        app,
        &account.merchant_no,
        &account.appid,
        &account.certificate_serial,
        unseal(app, account.id, "private_key").await?,
        unseal(app, account.id, "api_v3_key").await?,
        account.public_key_id.zip(account.public_key_pem),
        Endpoint {
            base_url: base_url.clone(),
            backup_url: account.backup_url,
            extra_root_pem: account.extra_root_pem,
        },
    )
    .map_err(|e| channel_error(&e, &account.merchant_no))?;
    let client = Arc::new(client);
    if let Ok(mut clients) = app.channels().clients.lock() {
        clients.insert(account.id, (base_url, client.clone()));
    }
    Ok(client)
}

/// The public side of an account's keys, as far as the desk has it without asking anyone.
pub(crate) struct Material {
    /// The merchant's certificate, when it was given at connection.
    pub(crate) certificate: Option<Certificate>,
    /// SubjectPublicKeyInfo of the sealed private key; absent while the vault is locked.
    pub(crate) own_public: Option<Vec<u8>>,
    /// What the channel signs with.
    pub(crate) channel_keys: Vec<zf_channels::ChannelKey>,
}

/// What is public of an account's keys in the store itself.
pub(crate) fn public_material(account: &Account) -> Material {
    let certificate = account
        .certificate_pem
        .as_deref()
        .and_then(|pem| Certificate::from_pem(pem).ok());
    let mut channel_keys = Vec::new();
    if let (Some(id), Some(pem)) = (&account.public_key_id, &account.public_key_pem)
        && let Ok(key) = RsaVerifyingKey::from_spki_pem(pem)
    {
        channel_keys.push(zf_channels::ChannelKey {
            serial: id.clone(),
            not_before: None,
            not_after: None,
            spki_der: key.to_spki_der(),
        });
    }
    Material {
        certificate,
        own_public: None,
        channel_keys,
    }
}

/// The public side of an account's keys. What cannot be read is absent; nothing is asked of a channel.
pub(crate) async fn material(app: &App, account: &Account) -> Material {
    let mut found = public_material(account);
    if let Ok(pem) = unseal(app, account.id, "private_key").await
        && let Ok(key) = RsaSigningKey::from_pem(pem.expose())
    {
        found.own_public = Some(key.public().to_spki_der());
    }
    if let Ok(client) = channel(app, &account.id).await {
        for key in client.keys() {
            if !found.channel_keys.iter().any(|k| k.serial == key.serial) {
                found.channel_keys.push(key);
            }
        }
    }
    found
}

/// The APIv3 key of an account, for decrypting on this machine.
pub(crate) async fn api_v3_key(
    app: &App,
    account_id: AccountId,
) -> Result<Secret<String>, AppError> {
    unseal(app, account_id, "api_v3_key").await
}

async fn unseal(app: &App, account_id: AccountId, name: &str) -> Result<Secret<String>, AppError> {
    let purpose = purpose(name, account_id);
    let sealed: Vec<u8> =
        sqlx::query_scalar("SELECT sealed FROM secrets WHERE account_id = $1 AND purpose = $2")
            .bind(account_id.to_string())
            .bind(&purpose)
            .fetch_optional(app.store().pool())
            .await
            .map_err(StoreError::from)?
            .ok_or_else(|| AppError::not_found("secret", &purpose))?;
    let plain = app.vault().unseal(&purpose, &sealed)?;
    String::from_utf8(plain.expose().clone())
        .map(Secret::new)
        .map_err(|_| AppError::internal(format!("sealed secret “{purpose}” is not text")))
}

/// The merchant's balance at the channel, at most half a minute old.
pub(crate) async fn balance(app: &App, account_id: AccountId) -> Result<Balance, ChannelOrApp> {
    let now = app.clock().now();
    if let Ok(balances) = app.channels().balances.lock()
        && let Some((at, answer)) = balances.get(&account_id)
    {
        let good = if answer.is_ok() {
            BALANCE_MILLIS
        } else {
            BALANCE_FAILURE_MILLIS
        };
        if (0..good).contains(&(now.millis() - at.millis())) {
            return answer.clone().map_err(ChannelOrApp::Channel);
        }
    }
    let client = channel(app, &account_id).await.map_err(ChannelOrApp::App)?;
    let answer = tokio::time::timeout(BALANCE_WAIT, client.balance(FundAccount::Basic))
        .await
        .unwrap_or(Err(ChannelError::Unavailable(Lost::Timeout)));
    if let Ok(mut balances) = app.channels().balances.lock() {
        balances.insert(account_id, (now, answer.clone()));
    }
    answer.map_err(ChannelOrApp::Channel)
}

/// A call that failed at the channel, or before it could be made.
pub(crate) enum ChannelOrApp {
    Channel(ChannelError),
    App(AppError),
}

/// What a failed call means to a person: which number, whether money may have moved, what to do.
pub(crate) fn channel_error(error: &ChannelError, number: &str) -> AppError {
    let with = |code: Code| AppError::new(code).with("number", number);
    match error {
        ChannelError::Refused {
            code,
            message,
            kind,
        } => match kind {
            RefusalKind::InsufficientBalance => with(Code::ChannelNotEnough),
            RefusalKind::OrderNotFound | RefusalKind::NotFound => with(Code::ChannelNotFound),
            RefusalKind::NoPermission | RefusalKind::AppNotBound | RefusalKind::MerchantUnknown => {
                with(Code::ChannelNoPermission)
                    .with("message", message)
                    .with("vendor_code", code)
            }
            RefusalKind::TooOld => with(Code::ChannelTooOld),
            RefusalKind::PayerAccountGone => with(Code::ChannelPayerGone),
            RefusalKind::RuleLimit => with(Code::ChannelRuleLimit)
                .with("message", message)
                .with("vendor_code", code),
            _ => with(Code::ChannelRefused)
                .with("message", message)
                .with("vendor_code", code)
                .with("remedy", error.remedy()),
        },
        ChannelError::OutcomeUnknown { .. } => {
            AppError::new(Code::OutcomeUnknown).with("refund_no", number)
        }
        ChannelError::NotSent(why) => with(Code::ChannelUnreachable).with("detail", why),
        ChannelError::Unavailable(why) => with(Code::ChannelNoAnswer).with("detail", why),
        ChannelError::PeerMisbehaved(fault) => AppError::new(Code::ChannelUntrusted)
            .with("detail", fault)
            .with("remedy", error.remedy()),
        ChannelError::Misuse(Misuse::ClockSkew { .. }) => AppError::new(Code::ChannelClock),
        ChannelError::Misuse(Misuse::Parameter { field, reason, .. }) => {
            AppError::bad(field, reason)
        }
        ChannelError::Misuse(misuse) => AppError::new(Code::ChannelMisuse)
            .with("detail", misuse)
            .with("remedy", error.remedy()),
        ChannelError::LocalFile(zf_channels::FileFault::DiskFull { path, .. }) => {
            AppError::new(Code::DiskFull).with("path", path.display())
        }
        ChannelError::LocalFile(fault) => AppError::internal(fault),
    }
}

/// One self-test: each step says what it proved, or what to mend.
pub(crate) async fn self_test(ctx: &Ctx, params: AccountRef) -> Result<SelfTest, AppError> {
    let account = find(&ctx.app, params.account_id).await?;
    let steps = run_self_test(&ctx.app, &account).await;
    let test = SelfTest {
        at: ctx.now,
        passed: steps.iter().all(|s| s.outcome == StepOutcome::Passed),
        steps,
    };
    let mut tx = ctx.app.store().begin().await?;
    sqlx::query("UPDATE accounts SET self_test = $1 WHERE id = $2")
        .bind(serde_json::to_string(&test).map_err(AppError::internal)?)
        .bind(account.id.to_string())
        .execute(tx.conn())
        .await
        .map_err(StoreError::from)?;
    let mut entry = ctx.audit("accounts.self_test", "account", &account.merchant_no);
    if !test.passed {
        entry.result = "failed".to_owned();
    }
    tx.audit(entry).await?;
    tx.commit().await?;
    Ok(test)
}

/// A number no shop has: asking for it proves the way there and back and changes nothing.
const PROBE_NUMBER: &str = "ZHANGFANG-SELF-TEST-0";

async fn run_self_test(app: &App, account: &Account) -> Vec<SelfTestResult> {
    use SelfTestStep as S;
    let order = [
        S::Credentials,
        S::Clock,
        S::Signature,
        S::ReplyVerification,
        S::Permission,
    ];
    let mut results: Vec<SelfTestResult> = Vec::new();
    let mut failed: Option<(S, String, String)> = None;
    let client = channel(app, &account.id).await;
    let probe = MerchantOrderNo::parse(PROBE_NUMBER);
    match (&client, &probe) {
        (Err(error), _) => {
            failed = Some(both(S::Credentials, error));
        }
        (Ok(client), Ok(probe)) => match client.query_payment(PaymentKey::Order(probe)).await {
            Ok(PaymentAnswer::Found(_) | PaymentAnswer::NotFound) => {}
            Err(error) => failed = Some(said(step_of(&error), &error)),
        },
        (Ok(_), Err(error)) => failed = Some((S::Credentials, error.to_string(), String::new())),
    }
    if failed.is_none()
        && let Ok(client) = &client
        && let Err(error) = client.balance(FundAccount::Basic).await
    {
        failed = Some(said(step_of(&error), &error));
    }
    for step in order {
        let (outcome, detail, remedy) = match &failed {
            Some((at, detail, remedy)) if *at == step => {
                (StepOutcome::Failed, detail.clone(), Some(remedy.clone()))
            }
            Some((at, ..))
                if order.iter().position(|s| s == at) < order.iter().position(|s| *s == step) =>
            {
                (StepOutcome::Skipped, String::new(), None)
            }
            _ => (StepOutcome::Passed, String::new(), None),
        };
        results.push(SelfTestResult {
            step,
            outcome,
            detail,
            remedy,
        });
    }
    results
}

/// What failed and what to do, in both languages: a self-test is read by whoever comes to help.
fn both(step: SelfTestStep, error: &AppError) -> (SelfTestStep, String, String) {
    let ((zh, zh_remedy), (en, en_remedy)) = (error.sentences(false), error.sentences(true));
    (
        step,
        format!("{zh} / {en}"),
        format!("{zh_remedy} / {en_remedy}"),
    )
}

fn said(step: SelfTestStep, error: &ChannelError) -> (SelfTestStep, String, String) {
    both(step, &channel_error(error, PROBE_NUMBER))
}

const fn step_of(error: &ChannelError) -> SelfTestStep {
    match error {
        ChannelError::Misuse(Misuse::ClockSkew { .. }) => SelfTestStep::Clock,
        ChannelError::Misuse(Misuse::WrongKey { .. } | Misuse::WrongSerial { .. }) => {
            SelfTestStep::Signature
        }
        ChannelError::PeerMisbehaved(_) | ChannelError::Unavailable(Lost::Untrusted(_)) => {
            SelfTestStep::ReplyVerification
        }
        ChannelError::Refused { .. } => SelfTestStep::Permission,
        ChannelError::Misuse(_) => SelfTestStep::Credentials,
        // The keys are read; nothing could be asked.
        _ => SelfTestStep::Clock,
    }
}

#[cfg(test)]
mod tests {
    use zf_crypto::cert::{CertificateSpec, Name, SigningKey, Usage, self_signed};

    use super::*;

    const NOW: i64 = 1_790_000_000;

    fn certificate(key: &RsaSigningKey, not_after: i64) -> String {
        let key = SigningKey::Rsa(RsaSigningKey::from_pem(key.to_pem().unwrap().expose()).unwrap());
        self_signed(
            &key,
            &CertificateSpec {
                subject: Name {
                    country: "CN".to_owned(),
                    organization: "示例".to_owned(),
                    common_name: "1900000109".to_owned(),
                },
                serial: vec![0x1a; 16],
                not_before: NOW - 86_400,
                not_after,
                usage: Usage::Signer,
            },
        )
        .unwrap()
        .to_pem()
    }

    /// Every wrong credential is named by its field, and told what it is instead.
    #[test]
    fn wrong_key_material_is_told_apart() {
        let key = RsaSigningKey::generate(2048).unwrap();
        let other = RsaSigningKey::generate(2048).unwrap();
        let pem = key.to_pem().unwrap().expose().clone();
        let good_certificate = certificate(&key, NOW + 86_400);
        let good = AddWechatAccount {
            display_name: "示例门店".to_owned(),
            environment: Environment::Production,
            merchant_no: "1900000109".to_owned(),
            appid: "wx0a1b2c3d4e5f6789".to_owned(),
            certificate_serial: String::new(),
            private_key_pem: pem.clone(),
            certificate_pem: Some(good_certificate.clone()),
            api_v3_key: "k".repeat(32),
            public_key_id: None,
            public_key_pem: None,
            base_url: None,
            backup_url: None,
            extra_root_pem: None,
        };
        let now = Timestamp::from_seconds(NOW);
        let checked = check(&good, now).unwrap();
        assert_eq!(checked.serial, "1A".repeat(16));
        assert_eq!(
            checked.expires_at,
            Some(Timestamp::from_seconds(NOW + 86_400))
        );
        assert_eq!(checked.endpoint.base_url, "https://api.mch.weixin.qq.com");

        type Change<'a> = Box<dyn Fn(&mut AddWechatAccount) + 'a>;
        let cases: Vec<(&str, &str, Change<'_>)> = vec![
            (
                "private_key_pem",
                "一张证书",
                Box::new(|a| a.private_key_pem.clone_from(&good_certificate)),
            ),
            (
                "private_key_pem",
                "一个公钥",
                Box::new(|a| a.private_key_pem = key.public().to_spki_pem()),
            ),
            (
                "private_key_pem",
                "不是 PEM",
                Box::new(|a| a.private_key_pem = "C:\\keys\\apiclient_key.pem".to_owned()),
            ),
            (
                "private_key_pem",
                "空的",
                Box::new(|a| a.private_key_pem = String::new()),
            ),
            (
                "certificate_pem",
                "一个私钥",
                Box::new(|a| a.certificate_pem = Some(pem.clone())),
            ),
            (
                "certificate_pem",
                "不是一对",
                Box::new(|a| a.certificate_pem = Some(certificate(&other, NOW + 86_400))),
            ),
            (
                "certificate_pem",
                "有效期",
                Box::new(|a| a.certificate_pem = Some(certificate(&key, NOW - 1))),
            ),
            (
                "certificate_serial",
                "证书里是",
                Box::new(|a| a.certificate_serial = "00FF".to_owned()),
            ),
            (
                "certificate_serial",
                "十六进制",
                Box::new(|a| a.certificate_serial = "serial?".to_owned()),
            ),
            (
                "certificate_serial",
                "没有证书",
                Box::new(|a| a.certificate_pem = None),
            ),
            (
                "api_v3_key",
                "32",
                Box::new(|a| a.api_v3_key = "short".to_owned()),
            ),
            (
                "api_v3_key",
                "32",
                Box::new(|a| a.api_v3_key = "密".repeat(32)),
            ),
            (
                "merchant_no",
                "数字",
                Box::new(|a| a.merchant_no = "19-0000".to_owned()),
            ),
            ("appid", "字母", Box::new(|a| a.appid = "微信".to_owned())),
            (
                "public_key_pem",
                "一起填",
                Box::new(|a| a.public_key_id = Some("PUB_KEY_ID_01".to_owned())),
            ),
            (
                "public_key_id",
                "PUB_KEY_ID_",
                Box::new(|a| {
                    a.public_key_id = Some("01".to_owned());
                    a.public_key_pem = Some(other.public().to_spki_pem());
                }),
            ),
        ];
        for (field, says, change) in cases {
            let mut account = good.clone();
            change(&mut account);
            let Err(error) = check(&account, now) else {
                panic!("{field} {says}: taken")
            };
            assert_eq!(
                error.params.get("field").map(String::as_str),
                Some(field),
                "{error}"
            );
            let detail = error.params.get("detail").cloned().unwrap_or_default();
            assert!(detail.contains(says), "{field}: {detail}");
            assert!(
                !format!("{error:?}").contains("kkkk"),
                "a secret in an error"
            );
        }
        for (environment, base_url, taken) in [
            (Environment::Production, Some("http://127.0.0.1:1"), false),
            (Environment::Production, Some("sandbox:"), false),
            (Environment::Sandbox, Some("http://127.0.0.1:1"), true),
            (Environment::Demo, Some("sandbox:"), true),
            (Environment::Demo, None, false),
        ] {
            let account = AddWechatAccount {
                environment,
                base_url: base_url.map(str::to_owned),
                ..good.clone()
            };
            assert_eq!(
                check(&account, now).is_ok(),
                taken,
                "{environment:?} {base_url:?}"
            );
        }
    }

    #[test]
    fn numbers_are_masked() {
        assert_eq!(masked("1900000109"), "19****0109");
        assert_eq!(tail("1900000109"), "0109");
        assert_eq!(tail("9"), "9");
    }
}
