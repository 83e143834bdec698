//! `zf db` and `zf audit`: the database of a home, without opening the desk.

use clap::Subcommand;
use serde_json::json;
use zf_store::{AuditRow, ChainWalk, Store, Target};

use crate::home::HomeArgs;
use crate::output::{Answer, Done, Failure, Output};

#[derive(Subcommand)]
pub(crate) enum DbCommand {
    /// Applies missing migrations.
    Migrate(DbArgs),
    /// Checks the file's integrity and every reference in it.
    Check(DbArgs),
}

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Recomputes the whole chain and names the first broken row.
    Verify(VerifyArgs),
}

#[derive(clap::Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    home: DbArgs,
    /// An exported chain (JSON Lines) instead of a database.
    #[arg(long, conflicts_with = "db")]
    file: Option<std::path::PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct DbArgs {
    #[command(flatten)]
    home: HomeArgs,
    /// Database instead of a home's: a path, sqlite:PATH or postgres://LOGIN@HOST/DATABASE.
    #[arg(long)]
    db: Option<String>,
}

impl DbArgs {
    async fn store(&self, must_exist: bool) -> Result<Store, Failure> {
        let target = match &self.db {
            Some(url) => Target::parse(
                url.trim_start_matches("sqlite://")
                    .trim_start_matches("sqlite:"),
            ),
            None => Target::File(self.home.path()?.join("desk.db")),
        };
        if let Target::File(path) = &target
            && must_exist
            && !path.is_file()
        {
            return Err(Failure::file(path, "没有这个数据库文件 / no such database"));
        }
        Store::connect_target(&target)
            .await
            .map_err(Failure::system)
    }
}

pub(crate) async fn run(command: DbCommand, out: &Output) -> Done {
    match command {
        DbCommand::Migrate(args) => {
            let store = args.store(false).await?;
            store.migrate().await.map_err(Failure::system)?;
            Ok(Answer::yes(
                json!({ "migrated": true }),
                out.say("数据库已是最新。", "The database is current."),
            ))
        }
        DbCommand::Check(args) => {
            let store = args.store(true).await?;
            let problems = store.check().await.map_err(Failure::system)?;
            let yes = problems.is_empty();
            let text = if yes {
                out.say("数据库完好。", "The database is sound.").to_owned()
            } else {
                problems.join("\n")
            };
            Ok(Answer {
                json: json!({ "sound": yes, "problems": problems }),
                text,
                yes,
            })
        }
    }
}

pub(crate) async fn audit(command: AuditCommand, out: &Output) -> Done {
    let AuditCommand::Verify(args) = command;
    let verdict = match &args.file {
        Some(path) => verify_lines(path)?,
        None => {
            let store = args.home.store(true).await?;
            store.verify_audit().await.map_err(Failure::system)?
        }
    };
    let json = json!({
        "verified": verdict.broken.is_none(),
        "rows": verdict.rows,
        "broken_seq": verdict.broken.as_ref().map(|(seq, _)| seq),
        "problem": verdict.broken.as_ref().map(|(_, why)| why),
        "head": verdict.head,
    });
    let text = match &verdict.broken {
        None => format!(
            "{} {} {}",
            out.say("审计链完整，共", "The audit chain is whole:"),
            verdict.rows,
            out.say("行。", "rows.")
        ),
        Some((seq, why)) => format!(
            "{} {seq}: {why}",
            out.say("审计链断在第", "The audit chain breaks at row")
        ),
    };
    Ok(Answer {
        json,
        text,
        yes: verdict.broken.is_none(),
    })
}

/// Verifies an exported chain without its database. A chain that begins later than its first row is
/// held to itself: the first line says behind which row it stands.
fn verify_lines(path: &std::path::Path) -> Result<zf_store::ChainVerdict, Failure> {
    use std::io::BufRead as _;
    let unreadable = |e: &dyn std::fmt::Display| Failure::file(path, e.to_string());
    let file = std::fs::File::open(path).map_err(|e| unreadable(&e))?;
    let mut walk: Option<ChainWalk> = None;
    for line in std::io::BufReader::new(file).lines() {
        let row =
            AuditRow::from_line(&line.map_err(|e| unreadable(&e))?).map_err(|e| unreadable(&e))?;
        let walk = walk.get_or_insert_with(|| match row.seq {
            1 => ChainWalk::default(),
            seq => ChainWalk::from(seq, &row.prev_hash),
        });
        if !walk.take(&row) {
            break;
        }
    }
    Ok(walk.unwrap_or_default().verdict())
}
