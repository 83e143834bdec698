//! `zf console`: the console in a browser on this machine.

use std::net::SocketAddr;

use clap::Args as ClapArgs;
use serde_json::json;
use zf_server::{Ui, serve_console};

use crate::home::HomeArgs;
use crate::output::{Answer, Done, Failure, Output};

#[derive(ClapArgs)]
pub(crate) struct Args {
    #[command(flatten)]
    home: HomeArgs,
    /// Loopback address; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

pub(crate) async fn run(args: Args, out: &Output) -> Done {
    let app = args.home.open().await?;
    let timer = zf_app::timer::spawn(&app);
    let running = serve_console(app, args.listen, Ui::Embedded)
        .await
        .map_err(Failure::system)?;
    if out.is_json() {
        out.ready(&json!({ "url": running.url() }));
    } else {
        out.line(&format!(
            "{} {}\n{}",
            out.say("账房在浏览器里打开：", "Open the console in a browser:"),
            running.url(),
            out.say(
                "只有这台电脑能访问。按 Ctrl+C 停止。",
                "Only this computer can reach it. Ctrl+C stops it."
            ),
        ));
    }
    until_stopped().await;
    running.stop().await;
    timer.abort();
    Ok(Answer::yes(json!({ "stopped": true }), ""))
}

/// Waits for Ctrl+C or a polite request to end.
pub(crate) async fn until_stopped() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
