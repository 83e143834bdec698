//! `differences.csv`: every difference, safe to open in Excel and WPS, with a trailer that proves
//! the file is whole.
//!
//! - UTF-8 with a byte order mark, CRLF line ends: both programs then show Chinese as Chinese.
//! - Numbers of orders and refunds stand as `="…"`. Only this form keeps a 28-digit number a text in
//!   both programs, with every digit; an invisible tab before it would travel with each copy.
//!   The same form is the formula guard: no other cell holds text that came from a file.
//! - Times are Beijing time, and their header says so.
//! - The trailer has the number of rows, the sums, the digest of the run, and SM3 over every byte
//!   above its own line. A file without it was cut off.

use std::io::{self, Write};

use zf_crypto::digest::{Sm3Stream, hex_lower};
use zf_domain::{Currency, EntryState, Money};

use crate::error::{ReconError, ReportError};
use crate::findings::{Difference, SideView};
use crate::outcome::Bucket;

/// The language of the headings and of the words for differences; codes stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese.
    Zh,
    /// English.
    En,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Differences.
    pub rows: u64,
    /// SM3 over every byte above the last line, 64 lowercase hexadecimal digits.
    pub digest: String,
}

/// Writes differences as CSV. `run_digest` goes into the trailer.
///
/// # Errors
/// `Recon` when an item is an error; `Write` when `out` fails. The file then lacks its trailer.
pub fn write_differences(
    out: impl Write,
    differences: impl Iterator<Item = Result<Difference, ReconError>>,
    run_digest: &str,
    language: Language,
) -> Result<Written, ReportError> {
    let mut out = Tee {
        out,
        print: Sm3Stream::new(),
    };
    out.write_all(b"\xef\xbb\xbf")?;
    let mut rows = 0;
    let mut sums = [0_i128; Currency::ALL.len()];
    {
        let mut csv = csv::WriterBuilder::new()
            .flexible(true)
            .terminator(csv::Terminator::CRLF)
            .from_writer(&mut out);
        csv.write_record(headings(language))?;
        for difference in differences {
            let difference = difference?;
            rows += 1;
            let between = difference.channel_minus_ledger();
            if let Some((minor, currency)) = between {
                sums[currency as usize] += minor;
            }
            write_row(&mut csv, &difference, between, language)?;
        }
        let (count, sum, run) = match language {
            Language::Zh => ("#行数", "#渠道净额减账簿净额", "#运行指纹 SM3"),
            Language::En => ("#rows", "#channel net less ledger net", "#run digest SM3"),
        };
        csv.write_record([count, &rows.to_string()])?;
        for (currency, minor) in Currency::ALL.into_iter().zip(sums) {
            if minor != 0 || (currency == Currency::Cny && rows > 0) {
                csv.write_record([sum, currency.code(), &decimal(minor, currency)?])?;
            }
        }
        csv.write_record([run, run_digest])?;
        csv.flush()?;
    }
    let digest = hex_lower(&out.print.clone().finish());
    let name = match language {
        Language::Zh => "#以上全部字节 SM3",
        Language::En => "#SM3 of every byte above",
    };
    write!(out, "{name},{digest}\r\n")?;
    out.flush()?;
    Ok(Written { rows, digest })
}

const fn headings(language: Language) -> [&'static str; 17] {
    match language {
        Language::Zh => [
            "差异代码",
            "差异",
            "类型",
            "单号",
            "渠道币种",
            "渠道金额",
            "账簿币种",
            "账簿金额",
            "渠道净额减账簿净额",
            "渠道状态",
            "账簿状态",
            "渠道时间(UTC+08:00)",
            "账簿时间(UTC+08:00)",
            "账单行号",
            "账簿行号",
            "重复于行号",
            "明细代码",
        ],
        Language::En => [
            "code",
            "difference",
            "kind",
            "number",
            "channel_currency",
            "channel_amount",
            "ledger_currency",
            "ledger_amount",
            "channel_net_less_ledger_net",
            "channel_state",
            "ledger_state",
            "channel_time(UTC+08:00)",
            "ledger_time(UTC+08:00)",
            "bill_line",
            "ledger_line",
            "duplicate_of_line",
            "bucket",
        ],
    }
}

fn write_row(
    csv: &mut csv::Writer<impl Write>,
    difference: &Difference,
    between: Option<(i128, Currency)>,
    language: Language,
) -> Result<(), ReportError> {
    let amount = |view: &Option<SideView>| view.map(|v| v.amount.to_decimal()).unwrap_or_default();
    let currency = |view: &Option<SideView>| view.map_or("", |v| v.amount.currency.code());
    let state = |view: &Option<SideView>| view.map_or("", |v| state_word(v.state, language));
    let time =
        |view: &Option<SideView>| view.map(|v| v.occurred_at.to_beijing()).unwrap_or_default();
    let line = |line_no: Option<u64>| line_no.map(|n| n.to_string()).unwrap_or_default();
    let (channel, ledger) = (&difference.channel, &difference.ledger);
    csv.write_record([
        difference.code.as_str(),
        bucket_words(difference.bucket, language),
        difference.kind.as_str(),
        &text_cell(&difference.key),
        currency(channel),
        &amount(channel),
        currency(ledger),
        &amount(ledger),
        &between
            .map(|(minor, currency)| decimal(minor, currency))
            .transpose()?
            .unwrap_or_default(),
        state(channel),
        state(ledger),
        &time(channel),
        &time(ledger),
        &line(channel.map(|v| v.line_no)),
        &line(ledger.map(|v| v.line_no)),
        &line(difference.twin_line_no),
        difference.bucket.as_str(),
    ])?;
    Ok(())
}

fn decimal(minor: i128, currency: Currency) -> Result<String, ReconError> {
    let minor = i64::try_from(minor).map_err(|_| ReconError::SumTooLarge)?;
    Ok(Money::new(minor, currency).to_decimal())
}

/// A cell that stays text with every digit: `="…"`.
#[must_use]
pub fn text_cell(text: &str) -> String {
    format!("=\"{}\"", text.replace('"', "\"\""))
}

/// The two-sided name of a bucket, as screens and reports print it.
#[must_use]
pub const fn bucket_words(bucket: Bucket, language: Language) -> &'static str {
    match (bucket, language) {
        (Bucket::MissingInLedger, Language::Zh) => "渠道有·我方无",
        (Bucket::MissingInLedger, Language::En) => "channel has it, we do not",
        (Bucket::MissingInChannel, Language::Zh) => "我方有·渠道无",
        (Bucket::MissingInChannel, Language::En) => "we have it, the channel does not",
        (Bucket::ChannelHigher, Language::Zh) => "渠道金额大",
        (Bucket::ChannelHigher, Language::En) => "channel amount larger",
        (Bucket::ChannelLower, Language::Zh) => "渠道金额小",
        (Bucket::ChannelLower, Language::En) => "channel amount smaller",
        (Bucket::OtherCurrency, Language::Zh) => "两边币种不同",
        (Bucket::OtherCurrency, Language::En) => "two currencies",
        (Bucket::ChannelAhead, Language::Zh) => "渠道成功·我方未成功",
        (Bucket::ChannelAhead, Language::En) => "channel succeeded, we did not",
        (Bucket::LedgerAhead, Language::Zh) => "我方成功·渠道未成功",
        (Bucket::LedgerAhead, Language::En) => "we succeeded, the channel did not",
        (Bucket::DuplicateInChannel, Language::Zh) => "渠道重复",
        (Bucket::DuplicateInChannel, Language::En) => "twice in the bill",
        (Bucket::DuplicateInLedger, Language::Zh) => "账簿重复",
        (Bucket::DuplicateInLedger, Language::En) => "twice in the books",
        (Bucket::IdClash, Language::Zh) => "同一单号·渠道单号不同",
        (Bucket::IdClash, Language::En) => "one number, two channel numbers",
        (Bucket::ClashInChannel, Language::Zh) => "渠道另有一笔用了同一单号",
        (Bucket::ClashInChannel, Language::En) => {
            "another payment of the channel under this number"
        }
        (Bucket::ClashInLedger, Language::Zh) => "账簿另有一笔用了同一单号",
        (Bucket::ClashInLedger, Language::En) => "another entry of the books under this number",
        (Bucket::FeeMismatch, Language::Zh) => "手续费与合同不符",
        (Bucket::FeeMismatch, Language::En) => "fee not as agreed",
        (Bucket::FeeTolerated, Language::Zh) => "手续费在容差内",
        (Bucket::FeeTolerated, Language::En) => "fee within tolerance",
        (Bucket::CrossDay, Language::Zh) => "跨日勾对",
        (Bucket::CrossDay, Language::En) => "matched across days",
        (Bucket::Waiting, Language::Zh) => "等待",
        (Bucket::Waiting, Language::En) => "waiting",
        (Bucket::Matched, Language::Zh) => "勾对",
        (Bucket::Matched, Language::En) => "matched",
        (Bucket::Void, Language::Zh) => "未动账",
        (Bucket::Void, Language::En) => "no money moved",
    }
}

const fn state_word(state: EntryState, language: Language) -> &'static str {
    match (state, language) {
        (EntryState::Done, Language::Zh) => "成功",
        (EntryState::InProgress, Language::Zh) => "处理中",
        (EntryState::Void, Language::Zh) => "已关闭",
        (state, Language::En) => state.as_str(),
    }
}

/// Passes bytes on and keeps their digest.
struct Tee<W> {
    out: W,
    print: Sm3Stream,
}

impl<W: Write> Write for Tee<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.print.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use zf_domain::{DifferenceCode, EntryKind, Timestamp};

    use super::*;

    fn view(minor: i64, line_no: u64) -> SideView {
        SideView {
            amount: Money::cny(minor),
            state: EntryState::Done,
            occurred_at: Timestamp::parse_rfc3339("2026-03-14T15:59:59Z").unwrap(),
            line_no,
        }
    }

    #[test]
    fn ids_stay_text_and_the_trailer_proves_the_file() {
        let rows = [
            Difference {
                bucket: Bucket::ChannelLower,
                code: DifferenceCode::AmountMismatch,
                kind: EntryKind::Payment,
                key: "4200002501202603140000000001".to_owned(),
                channel: Some(view(9_999, 2)),
                ledger: Some(view(10_000, 7)),
                twin_line_no: None,
                fee: None,
                channel_nos: Default::default(),
            },
            Difference {
                bucket: Bucket::MissingInLedger,
                code: DifferenceCode::MissingInLedger,
                kind: EntryKind::Refund,
                key: "=cmd|'/c calc'!A1,\"".to_owned(),
                channel: Some(view(4_000, 3)),
                ledger: None,
                twin_line_no: None,
                fee: None,
                channel_nos: Default::default(),
            },
        ];
        let mut out = Vec::new();
        let written = write_differences(
            &mut out,
            rows.into_iter().map(Ok),
            "run-digest",
            Language::En,
        )
        .unwrap();
        assert_eq!(written.rows, 2);

        // The digest covers every byte above its own line.
        let above = out.len() - format!("#SM3 of every byte above,{}\r\n", written.digest).len();
        let mut print = Sm3Stream::new();
        print.update(&out[..above]);
        assert_eq!(hex_lower(&print.finish()), written.digest);

        assert!(out.starts_with(b"\xef\xbb\xbf"));
        let text = std::str::from_utf8(&out[3..above]).unwrap();
        assert_eq!(
            text,
            "code,difference,kind,number,channel_currency,channel_amount,ledger_currency,\
             ledger_amount,channel_net_less_ledger_net,channel_state,ledger_state,\
             channel_time(UTC+08:00),ledger_time(UTC+08:00),bill_line,ledger_line,\
             duplicate_of_line,bucket\r\n\
             amount_mismatch,channel amount smaller,payment,\"=\"\"4200002501202603140000000001\"\"\",\
             CNY,99.99,CNY,100.00,-0.01,done,done,2026-03-14 23:59:59,2026-03-14 23:59:59,2,7,,\
             channel_lower\r\n\
             missing_in_ledger,\"channel has it, we do not\",refund,\
             \"=\"\"=cmd|'/c calc'!A1,\"\"\"\"\"\"\",CNY,40.00,,,-40.00,done,,2026-03-14 23:59:59,,3,,,\
             missing_in_ledger\r\n\
             #rows,2\r\n\
             #channel net less ledger net,CNY,-40.01\r\n\
             #run digest SM3,run-digest\r\n"
        );
    }

    #[test]
    fn an_error_on_the_way_leaves_no_trailer() {
        let mut out = Vec::new();
        let error = write_differences(
            &mut out,
            [Err(ReconError::SpillDamaged)].into_iter(),
            "",
            Language::Zh,
        );
        assert!(matches!(
            error,
            Err(ReportError::Recon(ReconError::SpillDamaged))
        ));
        assert!(!String::from_utf8(out).unwrap().contains("SM3"));
    }
}
