//! `zf sandbox`: the stand-in for the channels' servers, for tests and for other people's programs.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use serde_json::json;
use zf_sandbox::{Faults, Options, Start};

use crate::output::{Answer, Done, Failure, Output};

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Folder of its state and credentials.
    #[arg(long)]
    home: PathBuf,
    /// Address; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// HTTPS under its own root, HOME/ca.pem.
    #[arg(long)]
    tls: bool,
    /// Seed of the merchant's history.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Days of history.
    #[arg(long, default_value_t = 31)]
    days: u32,
    /// Orders a day.
    #[arg(long, default_value_t = 120)]
    orders_per_day: u32,
    /// JSON file with fault rules.
    #[arg(long)]
    faults: Option<PathBuf>,
    /// Where notices go: an http address on this machine, or https.
    #[arg(long)]
    notify_url: Option<String>,
}

pub(crate) async fn run(args: Args, out: &Output) -> Done {
    let faults = match &args.faults {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| Failure::file(path, e))?;
            Some(serde_json::from_str::<Faults>(&text).map_err(|e| Failure::file(path, e))?)
        }
    };
    let mut options = Options::new(args.home);
    options.listen = args.listen;
    options.tls = args.tls;
    options.seed = args.seed;
    options.days = args.days;
    options.orders_per_day = args.orders_per_day;
    options.faults = faults;
    options.notify_url = args.notify_url;
    options.trade_on = true;
    options.start = Start::BillsReady;
    let running = zf_sandbox::start(options).await.map_err(Failure::system)?;
    out.ready(&serde_json::from_str(&running.ready_line()).unwrap_or_else(|_| json!({})));
    crate::console::until_stopped().await;
    running.shutdown().await;
    Ok(Answer::yes(json!({ "stopped": true }), ""))
}
