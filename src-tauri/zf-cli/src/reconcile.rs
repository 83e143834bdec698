//! `zf reconcile`: a channel's bill against the merchant's books, from two files.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde_json::json;
use zf_app::compare::{CompareOptions, compare_files};

use crate::output::{Answer, Done, Output};

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// The channel the bill comes from.
    #[arg(long, value_parser = ["wechat_pay"])]
    channel: String,
    /// Trade bill as the channel gave it.
    #[arg(long)]
    bill: PathBuf,
    /// The merchant's books: CSV, a workbook (.xlsx), or encrypted CSV (ZFB1).
    #[arg(long)]
    ledger: PathBuf,
    /// Mapping of the books' columns, JSON.
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// Rules of the comparison, JSON: fee contracts and tolerances. The desk exports this file.
    #[arg(long)]
    rules: Option<PathBuf>,
    /// File with the key of encrypted books.
    #[arg(long)]
    key_file: Option<PathBuf>,
    /// Folder for differences.csv; made when missing.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Threads that match; one for each processor when left out.
    #[arg(long)]
    threads: Option<usize>,
    /// Memory for the matching itself, MiB; more goes through a temporary file.
    #[arg(long, default_value_t = 512)]
    memory_mb: u64,
    /// Exit 1 when there is any difference.
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(args: Args, out: &Output) -> Done {
    let found = compare_files(&CompareOptions {
        bill: args.bill,
        ledger: args.ledger,
        mapping: args.mapping,
        rules: args.rules,
        key_file: args.key_file,
        out: args.out,
        threads: args.threads,
        memory_mb: args.memory_mb,
        english: out.is_english(),
    })?;
    let mut json = json!({
        "matched": found.matched,
        "bill_rows": found.bill_rows,
        "ledger_rows": found.ledger_rows,
        "waiting": found.waiting,
        "refused_rows": found.refused_rows,
        "residual_minor": found.residual_minor,
        "run_digest": found.run_digest,
        "seconds": found.seconds,
        "differences_csv": found.differences_csv,
        "faults": found.faults.iter().map(|f| json!({
            "file": f.file, "line": f.line, "column": f.column, "field": f.field,
            "problem": f.problem, "remedy": f.remedy })).collect::<Vec<_>>(),
    });
    for (code, count) in &found.counts {
        json[code.as_str()] = json!(count);
    }
    if let Some((version, digest)) = &found.rules {
        json["rules"] = json!({ "version": version, "digest": digest });
    }
    if let Some((rows, minor, within)) = found.tolerated {
        json["tolerance"] = json!({ "rows": rows, "minor": minor, "within_budget": within });
    }
    let differences: u64 = found.counts.iter().map(|(_, count)| count).sum();
    let mut text = format!(
        "{} {}  {} {}  {} {}  {:.2} s\n",
        out.say("勾对", "Matched"),
        found.matched,
        out.say("账单行", "bill rows"),
        found.bill_rows,
        out.say("账簿行", "book rows"),
        found.ledger_rows,
        found.seconds,
    );
    for (code, count) in found.counts.iter().filter(|(_, count)| *count != 0) {
        let _ = writeln!(text, "  {:<22} {count}", code.as_str());
    }
    for fault in found.faults.iter().take(20) {
        let _ = writeln!(
            text,
            "✗ {} {} {}: {} {}",
            fault.file,
            out.say("行", "line"),
            fault.line,
            fault.problem,
            fault.remedy
        );
    }
    if found.refused_rows != 0 {
        let _ = writeln!(
            text,
            "✗ {} {}",
            found.refused_rows,
            out.say(
                "行读不懂，没有参加核对。",
                "rows could not be read and were not compared."
            )
        );
    }
    let _ = writeln!(
        text,
        "{} {}  {} {}",
        out.say("未解释（分）", "Unexplained (minor units)"),
        found.residual_minor,
        out.say("结果指纹", "run digest"),
        found.run_digest,
    );
    if let Some(path) = &found.differences_csv {
        let _ = writeln!(
            text,
            "{} {}",
            out.say("差异清单", "Differences"),
            path.display()
        );
    }
    let yes = !args.strict || (differences == 0 && found.refused_rows == 0);
    Ok(Answer { json, text, yes })
}
