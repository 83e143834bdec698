//! `zf bill`: what is in a bill file, checked against its own summary.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};
use zf_channels::wechatpay::bill::{self, AnyBill, BillFault, TrailerCheck};
use zf_crypto::digest;

use crate::output::{Answer, Done, Failure, Output};

/// Faults listed one by one; the rest is counted.
const FAULTS_SHOWN: usize = 200;

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Format, rows, totals against the summary, and faults by line.
    Inspect {
        /// The bill as the channel gave it; .gz is taken too.
        file: PathBuf,
        /// The channel it comes from.
        #[arg(long, default_value = "wechat_pay", value_parser = ["wechat_pay"])]
        channel: String,
    },
}

pub(crate) fn run(command: Command, out: &Output) -> Done {
    let Command::Inspect { file, channel } = command;
    let (sha1, sha256, bytes) = digests(&file)?;
    let mut faults: Vec<BillFault> = Vec::new();
    let mut fault_count = 0_u64;
    let mut keep = |fault: BillFault| {
        fault_count += 1;
        if faults.len() < FAULTS_SHOWN {
            faults.push(fault);
        }
    };
    let mut read = || -> Result<(&'static str, TrailerCheck), BillFault> {
        Ok(match bill::open(open(&file)?)? {
            AnyBill::Trade(mut reader) => {
                let layout = reader.layout().as_str();
                reader.by_ref().filter_map(Result::err).for_each(&mut keep);
                (layout, reader.trailer()?)
            }
            AnyBill::FundFlow(mut reader) => {
                reader.by_ref().filter_map(Result::err).for_each(&mut keep);
                ("fund_flow", reader.trailer()?)
            }
        })
    };
    let fault_json = |f: &BillFault| {
        json!({ "kind": f.kind.as_str(), "line": f.line, "column": f.column, "text": f.text,
                "reason": f.reason, "remedy": f.remedy })
    };
    match read() {
        Ok((format, check)) => {
            let sound = check.is_sound() && fault_count == 0;
            let json = json!({
                "file": file, "channel": channel, "format": format, "sound": sound,
                "bytes": bytes, "sha1": sha1, "sha256": sha256,
                "rows": check.rows, "payments": check.payments, "refunds": check.refunds,
                "first_at": check.first_at, "last_at": check.last_at,
                "totals": check.sums.iter().map(|s| json!({
                    "name": s.name, "trailer": s.printed, "counted": s.computed, "agrees": s.equal })).collect::<Vec<_>>(),
                "fault_count": fault_count,
                "faults": faults.iter().map(fault_json).collect::<Vec<Value>>(),
            });
            let mut text = String::new();
            let _ = writeln!(
                text,
                "{}  {format}\n{} {} ({} {}, {} {})  {bytes} B\nSHA-1   {sha1}\nSHA-256 {sha256}",
                file.display(),
                out.say("行数", "Rows"),
                check.rows,
                out.say("支付", "payments"),
                check.payments,
                out.say("退款", "refunds"),
                check.refunds,
            );
            for sum in &check.sums {
                let mark = if sum.equal { "✓" } else { "✗" };
                let _ = writeln!(
                    text,
                    "{mark} {}  {} {}  {} {}",
                    sum.name,
                    out.say("汇总行", "summary"),
                    sum.printed,
                    out.say("逐行合计", "counted"),
                    sum.computed,
                );
            }
            for fault in &faults {
                let _ = writeln!(text, "✗ {fault}");
            }
            if sound {
                text.push_str(
                    out.say("文件完整，与汇总行一致。", "The file is whole and adds up."),
                );
            } else {
                text.push_str(out.say(
                    "文件有问题，见上面打 ✗ 的各项。",
                    "The file has faults, marked ✗ above.",
                ));
            }
            Ok(Answer {
                json,
                text,
                yes: sound,
            })
        }
        Err(fault) => {
            let json = json!({ "file": file, "channel": channel, "format": null, "sound": false,
                "bytes": bytes, "sha1": sha1, "sha256": sha256,
                "fault_count": fault_count + 1,
                "faults": faults.iter().chain(std::iter::once(&fault)).map(fault_json).collect::<Vec<Value>>() });
            let text = format!(
                "{}\n✗ {fault}\n{}",
                file.display(),
                out.say(
                    "文件不能用；没有改动任何东西。",
                    "The file cannot be used; nothing was changed."
                )
            );
            Ok(Answer {
                json,
                text,
                yes: false,
            })
        }
    }
}

fn gzip(path: &Path) -> std::io::Result<(File, bool)> {
    let mut file = File::open(path)?;
    let mut magic = [0_u8; 2];
    let got = file.read(&mut magic)?;
    file.rewind()?;
    Ok((file, got == 2 && magic == [0x1f, 0x8b]))
}

fn open(path: &Path) -> Result<Box<dyn BufRead>, BillFault> {
    // Already opened once for its digests; a file that vanished since reads as an empty one.
    Ok(match gzip(path) {
        Ok((file, true)) => Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(file))),
        Ok((file, false)) => Box::new(BufReader::with_capacity(1 << 20, file)),
        Err(_) => Box::new(std::io::empty()),
    })
}

/// Digests over the uncompressed bytes, as the channel prints its own.
fn digests(path: &Path) -> Result<(String, String, u64), Failure> {
    let (file, packed) = gzip(path).map_err(|e| Failure::file(path, e))?;
    let mut reader: Box<dyn std::io::Read> = if packed {
        Box::new(flate2::read::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let (mut sha1, mut sha256) = (digest::Sha1Stream::new(), digest::Sha256Stream::new());
    let mut buffer = vec![0_u8; 1 << 16];
    let mut bytes = 0_u64;
    loop {
        let got = reader
            .read(&mut buffer)
            .map_err(|e| Failure::file(path, e))?;
        if got == 0 {
            break;
        }
        sha1.update(&buffer[..got]);
        sha256.update(&buffer[..got]);
        bytes += got as u64;
    }
    Ok((
        digest::hex_lower(&sha1.finish()),
        digest::hex_lower(&sha256.finish()),
        bytes,
    ))
}
