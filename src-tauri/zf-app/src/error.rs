//! Errors as people and programs get them: a stable code, what happened to which number, whether
//! money may have moved, and what to do next, in both languages.
//!
//! A code exists only if a screen or a script acts on it. Placeholders in braces are filled from the
//! parameters. The console's catalogue is generated from this table.

use std::collections::BTreeMap;
use std::fmt;

use crate::wire::{ErrorView, Retry};

/// One line of the table.
#[derive(Debug)]
pub struct CodeText {
    /// The stable code.
    pub code: &'static str,
    /// What a client may safely do.
    pub retry: Retry,
    /// Chinese: what happened.
    pub zh: &'static str,
    /// Chinese: what to do.
    pub zh_remedy: &'static str,
    /// English: what happened.
    pub en: &'static str,
    /// English: what to do.
    pub en_remedy: &'static str,
}

macro_rules! codes {
    ($($variant:ident $code:literal $retry:ident
        $zh:literal / $zh_remedy:literal
        $en:literal / $en_remedy:literal;)*) => {
        /// A stable error code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "the table's texts say what each means")]
        pub enum Code { $($variant),* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its line of the table.
            #[must_use]
            pub const fn text(self) -> &'static CodeText {
                match self {
                    $(Self::$variant => &CodeText {
                        code: $code, retry: Retry::$retry, zh: $zh, zh_remedy: $zh_remedy,
                        en: $en, en_remedy: $en_remedy,
                    }),*
                }
            }
        }
    };
}

codes! {
    BadRequest "request.bad" AfterFix
        "请求的内容不对：{detail}" / "请检查「{field}」后再提交。"
        "The request is not well formed: {detail}" / "Check “{field}” and send it again.";
    NoSuchProcedure "request.unknown" Never
        "没有这个操作：{name}" / "请更新程序，或检查名称。"
        "There is no such procedure: {name}" / "Update the program, or check the name.";
    NotFound "request.not_found" Never
        "没有找到{what} {number}" / "请核对单号。"
        "{what} {number} was not found" / "Check the number.";
    SignInRequired "session.required" AfterFix
        "请先登录。" / "登录后再试。"
        "Please sign in first." / "Sign in and try again.";
    SessionExpired "session.expired" AfterFix
        "登录已过期。" / "请重新登录；没有提交的内容不会发出。"
        "Your session has expired." / "Sign in again; nothing unsent has been sent.";
    BadCredentials "session.bad_credentials" AfterFix
        "登录名或密码不对。" / "再错 {left} 次将锁定 15 分钟。"
        "The login or the password is wrong." / "After {left} more failures the login is locked for 15 minutes.";
    LockedOut "session.locked_out" Later
        "登录已锁定到 {until}。" / "请稍后再试，或请管理员重置密码。"
        "This login is locked until {until}." / "Wait, or ask an administrator to reset the password.";
    PermissionDenied "permission.denied" Never
        "您的角色不能做这件事（需要：{permission}）。" / "请找有此权限的同事。"
        "Your role may not do this (needs {permission})." / "Ask a colleague who may.";
    AlreadySetUp "setup.already_done" Never
        "这里已经设置过了。" / "请直接登录。"
        "This desk is already set up." / "Sign in instead.";
    SetupRoles "setup.roles" AfterFix
        "经办、复核和管理员必须是三个不同的人。" / "请填写三个不同的登录名。"
        "Clerk, approver and administrator must be three different people." / "Give three different logins.";
    PasswordTooWeak "user.password_too_weak" AfterFix
        "密码太短：至少 {least} 个字符。" / "请换一个更长的密码。"
        "The password is too short: at least {least} characters." / "Choose a longer one.";
    LoginTaken "user.login_taken" AfterFix
        "登录名 {login} 已经有人用了。" / "请换一个登录名。"
        "The login {login} is taken." / "Choose another.";
    LastAdministrator "user.last_administrator" Never
        "这是最后一位管理员，不能停用，也不能改角色。" / "请先添加另一位管理员。"
        "This is the last administrator and can neither be disabled nor given another role." / "Add another administrator first.";
    OwnAccount "user.own_account" Never
        "不能停用自己，也不能改自己的角色。" / "请另一位管理员来做。"
        "You cannot disable yourself or change your own role." / "Ask another administrator.";
    SettingInvalid "settings.invalid" AfterFix
        "「{field}」不能这样设：{detail}。没有保存。" / "请改好后再保存。"
        "“{field}” cannot be set so: {detail}. Nothing was saved." / "Mend it, then save.";
    SettingsChanged "settings.changed_elsewhere" AfterFix
        "{by} 在 {at} 已改成第 {version} 版，您的没有保存。" / "请对照新的内容再改。"
        "{by} set version {version} at {at}; yours was not saved." / "Compare with what stands now, then change it.";
    VaultLocked "vault.locked" AfterFix
        "密钥库还锁着，渠道操作都不能进行。" / "请输入密钥库口令解锁。"
        "The vault is locked; nothing can be asked of a channel." / "Unlock it with its passphrase.";
    VaultPassphrase "vault.wrong_passphrase" AfterFix
        "密钥库口令不对。" / "请重新输入。口令无法找回，只能重新导入密钥。"
        "The vault passphrase is wrong." / "Try again. It cannot be recovered; keys would have to be imported anew.";
    SandboxUnavailable "setup.sandbox_unavailable" Never
        "这个程序里没有带演示用的模拟渠道。" / "请用桌面程序或 zf demo。"
        "This program carries no sandbox for the demo." / "Use the desktop program or zf demo.";
    CredentialInvalid "account.credential_invalid" AfterFix
        "「{field}」不能用：{detail}" / "{remedy}"
        "“{field}” cannot be used: {detail}" / "{remedy}";
    AccountExists "account.exists" Never
        "商户号 {merchant_no} 已经接入。" / "无需重复添加；换密钥请用“更换密钥”。"
        "Merchant number {merchant_no} is already connected." / "There is no need to add it again.";
    ChannelRefused "channel.refused" AfterFix
        "渠道拒绝了 {number}：{message}（{vendor_code}）。钱没有动。" / "{remedy}"
        "The channel refused {number}: {message} ({vendor_code}). No money moved." / "{remedy}";
    ChannelUnreachable "channel.unreachable" SameNumber
        "连不上渠道，{number} 没有发出：{detail}。钱没有动。" / "请检查网络，稍后重试；会用同一单号。"
        "The channel could not be reached and {number} was not sent: {detail}. No money moved." / "Check the network and try again; the same number is used.";
    ChannelUntrusted "channel.untrusted_reply" Later
        "渠道的回复没有通过验证：{detail}。回复已丢弃。" / "{remedy}"
        "The channel's reply failed verification: {detail}. It was discarded." / "{remedy}";
    ChannelMisuse "channel.settings" AfterFix
        "渠道设置有误：{detail}。钱没有动。" / "{remedy}"
        "The channel settings are wrong: {detail}. No money moved." / "{remedy}";
    ChannelNotEnough "channel.insufficient_balance" SameNumber
        "商户在渠道的余额不足，{number} 没有退出，钱没有动。" / "请到渠道充值；充值后会用同一单号自动重发。"
        "The merchant's balance at the channel is short; {number} was not refunded and no money moved." / "Top up at the channel; it is then sent again under the same number.";
    ChannelNotFound "channel.not_found" Never
        "渠道没有单号 {number}。" / "请核对单号和商户号。"
        "The channel has no number {number}." / "Check the number and the merchant account.";
    ChannelNoPermission "channel.no_permission" AfterFix
        "渠道说这个商户号不能做这件事（{number}）：{message}（{vendor_code}）。钱没有动。" / "请在商户平台开通权限，或核对商户号与 AppID。"
        "The channel says this merchant account may not do this ({number}): {message} ({vendor_code}). No money moved." / "Open the permission on the merchant platform, or check merchant number and app id.";
    ChannelTooOld "channel.too_old" Never
        "{number} 已超过渠道的退款期限，钱没有动。" / "请用其他方式退还买家。"
        "{number} is past the channel's refund limit; no money moved." / "Pay the customer back another way.";
    ChannelPayerGone "channel.payer_gone" Never
        "付款人的账户已注销或异常，{number} 退不回去，钱没有动。" / "请与买家商定其他退还方式。"
        "The payer's account is gone or frozen; {number} cannot be returned and no money moved." / "Agree with the customer on another way.";
    ChannelRuleLimit "channel.rule_limit" Never
        "渠道的风控或业务限制拒绝了 {number}：{message}（{vendor_code}）。钱没有动。" / "请到商户平台查看限制，不要反复重试。"
        "A limit of the channel refused {number}: {message} ({vendor_code}). No money moved." / "See the limit on the merchant platform; do not repeat.";
    ChannelNoAnswer "channel.no_answer" Later
        "渠道没有答复关于 {number} 的查询：{detail}。查询不会动钱。" / "请稍后再查。"
        "The channel did not answer the question about {number}: {detail}. A question moves no money." / "Ask again later.";
    ChannelClock "channel.clock" AfterFix
        "本机时间和渠道相差超过 5 分钟，渠道不接受任何请求。钱没有动。" / "请打开系统的自动校时，然后重试。"
        "This machine's clock is more than five minutes off, so the channel takes no request. No money moved." / "Switch on network time, then try again.";
    OrderNotPaid "order.not_paid" Never
        "订单还没有收到款。" / "请先向渠道查询。"
        "The order has not been paid." / "Query the channel first.";
    OrderAlreadyRefunded "order.already_refunded" Never
        "订单已经全额退款。" / "没有可退的金额。"
        "The order has been refunded in full." / "Nothing is left to refund.";
    OrderAllInFlight "order.all_in_flight" Never
        "订单剩下的金额都在退款途中。" / "请等在途退款有结果。"
        "All that is left of the order is being refunded already." / "Wait for the refunds in flight.";
    OrderTooOld "order.too_old" Never
        "支付已超过渠道的退款期限（一年）。" / "请用其他方式退还买家。"
        "The payment is past the channel's refund limit of one year." / "Pay the customer back another way.";
    OrderTooManyRefunds "order.too_many_refunds" Never
        "订单的退款次数已到渠道上限（50 次）。" / "请用其他方式退还买家。"
        "The order has reached the channel's limit of 50 refunds." / "Pay the customer back another way.";
    OrderAmountUnknown "order.amount_unknown" AfterFix
        "还不知道订单的总金额：只见过它的退款。" / "请先向渠道查询这笔订单。"
        "The order's total is not known yet: only a refund of it was seen." / "Query the order at the channel first.";
    OrderAlreadyPaid "order.already_paid" Never
        "订单已经收到款，不能关闭。" / "如需退还，请申请退款。"
        "The order has been paid and cannot be closed." / "Ask for a refund instead.";
    OrderAlreadyClosed "order.already_closed" Never
        "订单已经关闭。" / "无需再关。"
        "The order is closed already." / "There is nothing to close.";
    WarningNotAcknowledged "refund.warning_not_acknowledged" AfterFix
        "退款 {refund_no} 有未确认的提醒：{checks}。没有提交。" / "请查看预检的提醒，逐项确认后再提交。"
        "Refund {refund_no} has warnings that were not confirmed: {checks}. Nothing was submitted." / "Read the warnings of the pre-flight, confirm each, then submit.";
    RefundNotYours "refund.not_yours" Never
        "退款 {refund_no} 是 {maker} 打开的，只有本人能改。" / "请本人修改，或自己另开一笔。"
        "Refund {refund_no} was opened by {maker}, who alone may change it." / "Ask that person, or open another.";
    OutcomeUnknown "refund.outcome_unknown" QueryFirst
        "退款 {refund_no}：渠道没有答复，可能已经成功。" / "正在按同一单号核实，请不要重发。"
        "Refund {refund_no}: the channel did not answer. It may have succeeded." / "It is being checked under the same number. Do not send it again.";
    RefundRule "refund.rule" AfterFix
        "退款 {refund_no} 不能提交：{detail}" / "{remedy}"
        "Refund {refund_no} cannot be requested: {detail}" / "{remedy}";
    RemainingChanged "refund.remaining_changed" AfterFix
        "订单剩余可退已变为 {left}，与您看到的不同，已拒绝提交。" / "请按新的剩余金额重新确认。"
        "What is left of the order is now {left}, not what you saw; the request was refused." / "Confirm again with the new figure.";
    ExceedsRemaining "refund.exceeds_remaining" AfterFix
        "退款超过剩余可退 {left}。" / "请减少金额。"
        "The refund exceeds the {left} that is left." / "Reduce the amount.";
    DailyCount "refund.daily_count" AfterFix
        "您今天已申请 {asked} 笔退款，每人每日上限 {limit} 笔。没有提交。" / "请同事申请，或明天再提；上限由管理员设置。"
        "You asked for {asked} refunds today; the limit a person a day is {limit}. Nothing was submitted." / "Ask a colleague, or wait until tomorrow; administrators set the limit.";
    DailySum "refund.daily_sum" AfterFix
        "您今天已申请 {asked}，加上这一笔 {amount} 超过每人每日上限 {limit}。没有提交。" / "请减少金额、请同事申请，或明天再提；上限由管理员设置。"
        "You asked for {asked} today; with {amount} more it exceeds the limit a person a day of {limit}. Nothing was submitted." / "Ask for less, ask a colleague, or wait until tomorrow; administrators set the limit.";
    SelfApproval "approval.maker_is_checker" Never
        "提交人或最后修改人不能复核自己的单：{number}。" / "请另一位复核人处理。"
        "The person who asked for or last edited {number} cannot approve it." / "Another approver must decide.";
    ApprovedAlready "approval.already_approved" Never
        "您已经批准过 {number} 的这个版本。" / "还需要另一位复核人。"
        "You have already approved this version of {number}." / "Another approver is needed.";
    DigestMismatch "approval.content_changed" AfterFix
        "{number} 的内容在您看过之后变了，批准没有生效。" / "请重新查看后再决定。"
        "{number} changed after you saw it; the approval did not take effect." / "Read it again, then decide.";
    ApprovalExpired "approval.expired" Never
        "{number} 等待复核超过 {hours} 小时，已过期。" / "请经办重新申请。"
        "{number} waited more than {hours} hours and has expired." / "The clerk must ask anew.";
    IllegalStep "state.illegal_step" Never
        "{number} 现在是「{from}」，不能变为「{to}」。" / "请刷新后查看最新状态。"
        "{number} is {from} and cannot become {to}." / "Refresh and look at its present state.";
    ReasonRequired "refund.reason_required" AfterFix
        "请写明原因。" / "驳回要写原因；这个退款原因要写说明。"
        "A reason is required." / "Rejections need one, and so does this refund reason.";
    BillNotReady "bill.not_ready" Later
        "{date} 的账单渠道还在生成。" / "10:00 以后自动重取。"
        "The bill of {date} is still being generated." / "It is fetched again after 10:00.";
    BillTooOld "bill.too_old" Never
        "{date} 的账单渠道已不再提供（只保留三个月）。" / "请从商户平台的存档中取。"
        "The channel no longer offers the bill of {date} (three months are kept)." / "Take it from your own archive.";
    BillHash "bill.hash_mismatch" Later
        "{date} 的账单与渠道给出的摘要不符，已拒收，原文件保留为 {path}。" / "请重新下载；多次不符请联系渠道。"
        "The bill of {date} does not match the channel's digest and was refused; the bytes are kept as {path}." / "Download it again; if it repeats, contact the channel.";
    BillIncomplete "bill.incomplete" Later
        "{date} 的账单没有下载完整（{detail}），已拒收，收到的部分保留为 {path}。" / "请重新下载；多次不完整请检查网络。"
        "The bill of {date} arrived incomplete ({detail}) and was refused; what came is kept as {path}." / "Download it again; if it repeats, check the network.";
    FileRefused "file.refused" AfterFix
        "文件 {name} 第 {line} 行{column}：{problem}" / "{remedy}"
        "File {name}, line {line} {column}: {problem}" / "{remedy}";
    BooksKeyMissing "books.key_missing" AfterFix
        "账簿 {name} 是加密的，这里没有名为 {key} 的钥匙。一行也没有读。" / "请管理员在“账簿来源”里加入这把钥匙；zf 用 --key-file。"
        "The books {name} are encrypted, and there is no key by the name {key} here. No row was read." / "Ask an administrator to add that key under Sources of books; with zf use --key-file.";
    BooksSealBroken "books.seal_broken" AfterFix
        "账簿 {name} 没有通过校验：不是用钥匙 {key} 加密的，或者字节被改过。一行也没有读。" / "请重新取得这份文件，并核对钥匙的指纹。"
        "The books {name} failed their check: they were not sealed with the key {key}, or their bytes were changed. No row was read." / "Fetch the file again and compare the key's fingerprint.";
    BooksNameTaken "books.name_taken" AfterFix
        "名称 {name} 已经有了。" / "请换一个名称，或先删去原来的。"
        "The name {name} is taken." / "Choose another, or remove the one there first.";
    SourceUnreachable "books.source_unreachable" Later
        "连不上数据库 {place}：{detail}" / "请检查地址、端口、网络和 TLS 设置。"
        "The database {place} could not be reached: {detail}" / "Check host, port, network and the TLS setting.";
    SourceLogin "books.source_login" AfterFix
        "数据库 {place} 不让 {login} 登录：{detail}" / "请核对登录名、密码和库名。"
        "The database {place} refused the login {login}: {detail}" / "Check login, password and database name.";
    SourceQuery "books.source_query" AfterFix
        "数据库 {place} 没有执行查询：{detail}" / "请改正查询；{login} 需要能读它用到的表。"
        "The database {place} did not run the query: {detail}" / "Correct the query; {login} must be able to read its tables.";
    SourceNotReadOnly "books.source_not_read_only" AfterFix
        "数据库 {place} 没有以只读方式打开：{detail}。什么也没有读。" / "请用只能读的登录名，查询里不要有会写数据的函数。"
        "The database {place} was not opened for reading only: {detail}. Nothing was read." / "Use a login that may only read, and no function that writes.";
    SourceTooSlow "books.source_too_slow" Later
        "数据库 {place} 在 {seconds} 秒内没有答完。" / "请缩小查询的范围，或给时间列加索引。"
        "The database {place} did not finish within {seconds} s." / "Narrow the query, or add an index on its time column.";
    FileMissing "file.missing" AfterFix
        "文件不在了或已过期：{name}" / "请重新选择文件。"
        "The file is gone or has expired: {name}" / "Choose it again.";
    FileTooLarge "file.too_large" Never
        "文件 {name} 超过 {limit}。" / "请拆分后再试。"
        "The file {name} exceeds {limit}." / "Split it and try again.";
    DiskFull "disk.full" AfterFix
        "磁盘空间不足，{path} 没有写成。已有的文件都还在。" / "请腾出空间后重试。"
        "The disk is full; {path} was not written. Nothing already there was lost." / "Free some space and try again.";
    NothingToReconcile "recon.inputs_missing" AfterFix
        "{date} 还不能对账：缺{missing}。" / "请先取账单并导入账簿。"
        "{date} cannot be reconciled yet: {missing} missing." / "Fetch the bill and import the books first.";
    DayClosed "close.locked" Never
        "{date} 已日结锁定，不能再改。" / "迟到的变化请记到下一日。"
        "{date} is closed and locked." / "Late changes belong to the next day.";
    CloseBlocked "close.blocked" AfterFix
        "{date} 还不能签署：{checks}" / "请先处理未通过的检查项。"
        "{date} cannot be signed yet: {checks}" / "Settle the checks that fail first.";
    CloseChanged "close.content_changed" AfterFix
        "{date} 的数据在您看过之后变了，签署没有生效。" / "请核对新的指纹后再签。"
        "{date} changed after you saw it; the signature did not take effect." / "Compare the new digest, then sign.";
    MakerFirst "close.maker_first" AfterFix
        "{date} 经办还没有签署现在的数据。" / "请经办先核对并签署。"
        "The maker has not signed {date} as it stands now." / "The maker must compare and sign first.";
    SameSigner "close.same_person" Never
        "日结要两个人签署，您已经签过经办。" / "请复核人签署。"
        "A day is closed by two people and you signed as maker." / "The checker must sign.";
    ReceiptNotAllowed "receipt.not_paid" Never
        "订单 {order_no} 没有收到款，不能开具收款凭证。" / "请先向渠道查询。"
        "Order {order_no} was not paid; no receipt can be issued." / "Query the channel first.";
    ReceiptGlyph "receipt.character_missing" AfterFix
        "字体里没有字符「{character}」，凭证没有开出。" / "请修改「{field}」。"
        "The font lacks “{character}”; the receipt was not made." / "Change “{field}”.";
    BillsFetching "bills.fetching_already" Later
        "已经在补取账单了。" / "请等它做完，或先取消那一次。"
        "Missing bills are being fetched already." / "Wait until that is done, or cancel it first.";
    BatchTooLarge "batch.too_large" AfterFix
        "一次最多 {limit} 笔。没有开始。" / "请缩小日期或条件，分几次做。"
        "At most {limit} at a time. Nothing was begun." / "Narrow the dates or filters and do it in parts.";
    BatchEmpty "batch.empty" AfterFix
        "没有符合条件的订单。没有开始。" / "请换一个日期或条件。"
        "No order matches. Nothing was begun." / "Choose other dates or filters.";
    TaskCancelled "task.cancelled" Never
        "「{name}」已取消。" / "需要时可以重新开始。"
        "{name} was cancelled." / "Start it again when it is needed.";
    TaskEnded "task.ended" Never
        "「{name}」已经结束。" / "请刷新查看结果。"
        "{name} has ended already." / "Refresh to see its result.";
    TaskNotYours "task.not_yours" Never
        "「{name}」是 {person} 开始的，只有本人或管理员能停。" / "请找本人或管理员。"
        "{name} was begun by {person}; only that person or an administrator may stop it." / "Ask one of them.";
    TaskUnstoppable "task.past_stopping" Never
        "「{name}」这一步不能暂停或取消，停下会留下做了一半的结果。" / "请等它做完。"
        "{name} cannot be paused or cancelled at this step: it would leave something half done." / "Wait until it is done.";
    StoreFailure "store.failure" Later
        "本机数据库出错：{detail}。这一步没有生效。" / "请重试；反复出现请运行 zf db check。"
        "The local database failed: {detail}. This step did not take effect." / "Try again; if it repeats run zf db check.";
    Internal "internal" Later
        "程序内部出错：{detail}" / "请重试；反复出现请附上时间报告。"
        "Internal error: {detail}" / "Try again; if it repeats, report it with the time.";
}

/// An error of a use case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppError {
    /// Which.
    pub code: Code,
    /// What fills its placeholders. Never a secret.
    pub params: BTreeMap<String, String>,
}

impl AppError {
    /// An error without parameters.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self {
            code,
            params: BTreeMap::new(),
        }
    }

    /// Fills one placeholder.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }

    /// A malformed parameter.
    #[must_use]
    pub fn bad(field: &str, detail: impl fmt::Display) -> Self {
        Self::new(Code::BadRequest)
            .with("field", field)
            .with("detail", detail)
    }

    /// A thing that is not there.
    #[must_use]
    pub fn not_found(what: &str, number: impl fmt::Display) -> Self {
        Self::new(Code::NotFound)
            .with("what", what)
            .with("number", number)
    }

    /// A broken invariant.
    #[must_use]
    pub fn internal(detail: impl fmt::Display) -> Self {
        Self::new(Code::Internal).with("detail", detail)
    }

    /// Message and remedy in one language.
    #[must_use]
    pub fn sentences(&self, english: bool) -> (String, String) {
        let text = self.code.text();
        if english {
            (self.fill(text.en, true), self.fill(text.en_remedy, true))
        } else {
            (self.fill(text.zh, false), self.fill(text.zh_remedy, false))
        }
    }

    fn fill(&self, template: &str, english: bool) -> String {
        let mut out = template.to_owned();
        for (name, value) in &self.params {
            let value = crate::faults::in_one(value, english);
            out = out.replace(&format!("{{{name}}}"), value);
        }
        out
    }

    /// The form the doors carry.
    #[must_use]
    pub fn view(&self) -> ErrorView {
        let (message, remedy) = self.sentences(false);
        ErrorView {
            code: self.code.text().code.to_owned(),
            message,
            remedy,
            retry: self.code.text().retry,
            params: self.params.clone(),
        }
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (message, remedy) = self.sentences(true);
        write!(f, "{}: {message} {remedy}", self.code.text().code)
    }
}

impl std::error::Error for AppError {}

impl From<zf_store::StoreError> for AppError {
    fn from(error: zf_store::StoreError) -> Self {
        match error {
            zf_store::StoreError::DiskFull { path } => Self::new(Code::DiskFull).with("path", path),
            other => Self::new(Code::StoreFailure).with("detail", other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_both_languages_use_the_same_placeholders() {
        let names = |t: &str| {
            let mut found: Vec<String> = t
                .split('{')
                .skip(1)
                .filter_map(|p| p.split_once('}').map(|(n, _)| n.to_owned()))
                .collect();
            found.sort();
            found.dedup();
            found
        };
        let mut seen = std::collections::HashSet::new();
        for code in Code::ALL {
            let text = code.text();
            assert!(seen.insert(text.code), "{} twice", text.code);
            assert_eq!(names(text.zh), names(text.en), "{}", text.code);
            assert_eq!(
                names(text.zh_remedy),
                names(text.en_remedy),
                "{}",
                text.code
            );
        }
    }
}
