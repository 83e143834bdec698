//! `zf`: the desk's use cases for scripts and for tests.
//!
//! With `--json` one JSON object goes to standard output and nothing else; logs go to standard error.
//! Exit 0: done, or the answer is yes. 1: the answer is no. 2: bad usage or input. 3: a channel or
//! the system failed.

mod bill;
mod books;
mod call;
mod console;
mod db;
mod debug;
mod demo;
mod home;
mod output;
mod receipt;
mod reconcile;
mod sandbox;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::output::Output;

/// 账房 Zhangfang: merchant payment operations.
#[derive(Parser)]
#[command(name = "zf", version, about, long_about = None, arg_required_else_help = true)]
struct Cli {
    /// One JSON object on standard output, nothing else there.
    #[arg(long, global = true)]
    json: bool,
    /// Language of messages; Chinese unless the locale says otherwise.
    #[arg(long, global = true, value_parser = ["zh", "en"])]
    lang: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The whole main job on the sandbox, by itself.
    Demo(demo::Args),
    /// A local stand-in for the channels' servers.
    Sandbox(sandbox::Args),
    /// The console in a browser on this machine.
    Console(console::Args),
    /// Compares a channel's bill with the merchant's books.
    Reconcile(reconcile::Args),
    /// Looks into a bill file.
    #[command(subcommand)]
    Bill(bill::Command),
    /// Encrypted books: makes keys, encrypts and decrypts.
    #[command(subcommand)]
    Books(books::Command),
    /// Issues and verifies receipts.
    #[command(subcommand)]
    Receipt(receipt::Command),
    /// The signature X-ray.
    #[command(subcommand)]
    Debug(debug::Command),
    /// The audit chain.
    #[command(subcommand)]
    Audit(db::AuditCommand),
    /// The database of a home.
    #[command(subcommand)]
    Db(db::DbCommand),
    /// Calls any declared procedure as a signed-in person.
    Call(call::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    zf_host::log();
    let out = Output::new(cli.json, cli.lang.as_deref());
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return out.finish(Err(output::Failure::system(error))),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Demo(args) => demo::run(args, &out).await,
            Command::Sandbox(args) => sandbox::run(args, &out).await,
            Command::Console(args) => console::run(args, &out).await,
            Command::Reconcile(args) => reconcile::run(args, &out),
            Command::Bill(command) => bill::run(command, &out),
            Command::Books(command) => books::run(command, &out),
            Command::Receipt(command) => receipt::run(command, &out).await,
            Command::Debug(command) => debug::run(command, &out),
            Command::Audit(command) => db::audit(command, &out).await,
            Command::Db(command) => db::run(command, &out).await,
            Command::Call(args) => call::run(args, &out).await,
        }
    });
    // What still runs (timers, a sandbox) ends with the program; the store has committed already.
    runtime.shutdown_background();
    out.finish(done)
}
