//! What the use cases hold: one channel account with its driver.

use std::path::Path;
use std::sync::Arc;

use zf_domain::{BusinessDate, MerchantOrderNo, MerchantRefundNo, Timestamp};

use crate::channel::{
    AbnormalRefund, Balance, BillAnswer, BillExchange, BillKind, Capability, Channel, ChannelKey,
    ChannelKind, FetchedBill, FundAccount, Notice, PaymentAnswer, PaymentKey, Prepaid, PrepayOrder,
    RefundLimits, RefundOrder, RefundSnapshot,
};
use crate::download::Download;
use crate::driver::{Driver, DriverSettings};
use crate::error::{ChannelError, FileFault, PeerFault, Result};
use crate::exchange::{BoxExchange, Headers, Transport};
use crate::transport::HttpTransport;

/// One channel account, ready for calls. Cheap to share behind an `Arc`.
pub struct ChannelClient {
    channel: Box<dyn Channel>,
    driver: Driver,
}

impl ChannelClient {
    /// Over HTTP, with the usual limits.
    ///
    /// # Errors
    /// `Misuse::Setting` for an address or root certificate that cannot be used.
    pub fn connect(channel: impl Channel + 'static) -> Result<Self> {
        let transport = HttpTransport::new(channel.endpoint())?;
        Ok(Self::over(
            Box::new(channel),
            Arc::new(transport),
            DriverSettings::default(),
        ))
    }

    /// Over any transport.
    #[must_use]
    pub fn over(
        channel: Box<dyn Channel>,
        transport: Arc<dyn Transport>,
        settings: DriverSettings,
    ) -> Self {
        let driver = Driver::new(
            transport,
            channel.endpoint().clone(),
            channel.clock(),
            settings,
        );
        Self { channel, driver }
    }

    /// Which channel.
    #[must_use]
    pub fn kind(&self) -> ChannelKind {
        self.channel.kind()
    }

    /// The merchant number.
    #[must_use]
    pub fn merchant_no(&self) -> &str {
        self.channel.merchant_no()
    }

    /// What the channel can do, and why not.
    #[must_use]
    pub fn capabilities(&self) -> Vec<Capability> {
        self.channel.capabilities()
    }

    /// The channel's limits of refunds.
    #[must_use]
    pub fn refund_limits(&self) -> RefundLimits {
        self.channel.refund_limits()
    }

    /// The keys answers are verified with now.
    #[must_use]
    pub fn keys(&self) -> Vec<ChannelKey> {
        self.channel.keys()
    }

    /// Stops every call until [`Self::release`]: they fail with `NotSent(Held)`.
    pub fn hold(&self) {
        self.driver.hold();
    }

    /// Ends the hold and forgets past failures of the hosts.
    pub fn release(&self) {
        self.driver.release();
    }

    /// Whether calls are on hold.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.driver.is_held()
    }

    /// Until when calls rest after repeated failures, if they do.
    #[must_use]
    pub fn resting_until(&self) -> Option<Timestamp> {
        self.driver.resting_until()
    }

    async fn run<T>(&self, exchange: Result<BoxExchange<T>>) -> Result<T> {
        self.driver.run(&mut *exchange?).await
    }

    /// Asks how a payment stands.
    ///
    /// # Errors
    /// Any but `OutcomeUnknown`: a question changes nothing.
    pub async fn query_payment(&self, key: PaymentKey<'_>) -> Result<PaymentAnswer> {
        let exchange = self.channel.query_payment(key);
        self.run(exchange).await
    }

    /// Closes an unpaid order; closing it again is fine.
    ///
    /// # Errors
    /// `Refused` with `AlreadyPaid` when it was paid; any other.
    pub async fn close_order(&self, order_no: &MerchantOrderNo) -> Result<()> {
        let exchange = self.channel.close_order(order_no);
        self.run(exchange).await
    }

    /// Makes an order payable.
    ///
    /// # Errors
    /// Any.
    pub async fn prepay(&self, order: &PrepayOrder) -> Result<Prepaid> {
        let exchange = self.channel.prepay(order);
        self.run(exchange).await
    }

    /// Sends a refund, once. Store its number before calling. A call that is dropped before it
    /// returns, like a killed process, has an unknown outcome: query the number.
    ///
    /// # Errors
    /// `OutcomeUnknown`: query the number. `NotSent`: nothing left, send again. `Refused`: final
    /// or to be repeated with the same number, see [`ChannelError::retry`].
    pub async fn refund(&self, order: &RefundOrder) -> Result<RefundSnapshot> {
        let exchange = self.channel.refund(order);
        self.run(exchange).await
    }

    /// Asks how a refund stands; `None`: the channel never accepted this number, so sending it
    /// with the same number is safe.
    ///
    /// # Errors
    /// Any but `OutcomeUnknown`.
    pub async fn query_refund(
        &self,
        refund_no: &MerchantRefundNo,
    ) -> Result<Option<RefundSnapshot>> {
        let exchange = self.channel.query_refund(refund_no);
        self.run(exchange).await
    }

    /// Redirects an abnormal refund.
    ///
    /// # Errors
    /// As [`Self::refund`].
    pub async fn abnormal_refund(&self, refund: AbnormalRefund) -> Result<RefundSnapshot> {
        let exchange = self.channel.abnormal_refund(refund);
        self.run(exchange).await
    }

    /// Asks for a balance.
    ///
    /// # Errors
    /// `Refused` with `NoPermission` where the channel does not offer it to this merchant; any
    /// other but `OutcomeUnknown`.
    pub async fn balance(&self, account: FundAccount) -> Result<Balance> {
        let exchange = self.channel.balance(account);
        self.run(exchange).await
    }

    /// Fetches the channel's present keys and swaps them in; the old ones stay when it fails.
    /// Call it at least every twelve hours.
    ///
    /// # Errors
    /// Any but `OutcomeUnknown`.
    pub async fn refresh_keys(&self) -> Result<Vec<ChannelKey>> {
        let exchange = self.channel.refresh_keys();
        self.run(exchange).await
    }

    /// Fetches a bill into `folder`.
    ///
    /// The file kept is the vendor's own, uncompressed and otherwise untouched; its SHA-1 was
    /// checked against the channel's signed answer while it arrived. Its name is
    /// `<channel>-<merchant>-<kind>-<day>-<first 12 digits of its SHA-256>.csv`, so the same
    /// content keeps its name and other content never overwrites it. It is written under a hidden
    /// temporary name, flushed to the disk, then renamed: a file under the final name is whole.
    ///
    /// # Errors
    /// `LocalFile` for a full disk and the like; `PeerMisbehaved` for bytes that are not what the
    /// channel promised (after one fresh attempt). Bytes with another hash are kept beside the bills
    /// as evidence, named like a bill by the first 12 digits of the SHA-1 they have, with the ending
    /// `.refused`; what came of an archive that breaks off is kept as `…-incomplete.refused`. Nothing
    /// else stays behind.
    pub async fn fetch_bill(
        &self,
        kind: BillKind,
        date: BusinessDate,
        folder: &Path,
    ) -> Result<BillAnswer> {
        let mut exchange = self.channel.bill(kind, date)?;
        let place = folder.to_owned();
        let download = blocking(folder, move || Ok(Download::into_folder(&place)?)).await?;
        let stem = format!(
            "{}-{}-{}-{date}",
            self.kind().as_str(),
            self.merchant_no(),
            kind.as_str()
        );
        let (outcome, download) = self.driver.run_into(&mut *exchange, download).await;
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => {
                let kept = match &error {
                    ChannelError::PeerMisbehaved(PeerFault::BillHash { found, .. }) => {
                        Some(&found[..found.len().min(12)])
                    }
                    ChannelError::PeerMisbehaved(PeerFault::BillCorrupt(_)) => Some("incomplete"),
                    _ => None,
                };
                if let (Some(ending), Some(mut download)) = (kept, download) {
                    let name = format!("{stem}-{ending}.refused");
                    // Evidence is welcome; failing to keep it must not hide why it was refused.
                    if let Err(fault) = blocking(folder, move || download.keep_as(&name)).await {
                        tracing::warn!(%fault, "the refused file could not be kept");
                    }
                }
                return Err(error);
            }
        };
        let mut download = download.ok_or_else(|| FileFault::Io {
            action: "finish the file in",
            path: folder.to_owned(),
            reason: "the download was abandoned".to_owned(),
        })?;
        let (file, expected_hash) = match outcome {
            BillExchange::Absent(why) => return Ok(BillAnswer::Absent(why)),
            BillExchange::Verified {
                file,
                expected_hash,
            } => (file, expected_hash),
        };
        let sha256 = zf_crypto::digest::hex_lower(&file.sha256);
        let name = format!("{stem}-{}.csv", &sha256[..12]);
        let path = blocking(folder, move || download.keep_as(&name)).await?;
        Ok(BillAnswer::Fetched(Box::new(FetchedBill {
            kind,
            date,
            path,
            sha256,
            expected_hash,
            hash_verified: true,
            bytes: file.bytes,
            wire_bytes: file.wire_bytes,
            compressed: file.compressed,
        })))
    }

    /// Verifies a notice on its raw bytes, then decrypts and reads it. A key this program does
    /// not know yet is asked for once.
    ///
    /// # Errors
    /// `PeerMisbehaved`: answer the sender with 4xx and keep nothing. Others while asking for keys.
    pub async fn verify_notice(&self, headers: &Headers, body: &[u8]) -> Result<Notice> {
        match self.channel.verify_notice(headers, body) {
            Err(ChannelError::PeerMisbehaved(PeerFault::UnknownSerial { .. })) => {
                self.refresh_keys().await?;
                self.channel.verify_notice(headers, body)
            }
            other => other,
        }
    }
}

async fn blocking<R: Send + 'static>(
    folder: &Path,
    work: impl FnOnce() -> Result<R> + Send + 'static,
) -> Result<R> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| {
            Err(FileFault::Io {
                action: "work in",
                path: folder.to_owned(),
                reason: error.to_string(),
            }
            .into())
        })
}
