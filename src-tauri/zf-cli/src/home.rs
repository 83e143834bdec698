//! Finding and opening a home, and signing a script in.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use zf_app::{App, AppError};

use crate::output::Failure;

/// The home folder of the desk.
#[derive(Args)]
pub(crate) struct HomeArgs {
    /// Home folder; without it ZF_HOME, else the user's data folder.
    #[arg(long, env = "ZF_HOME")]
    pub(crate) home: Option<PathBuf>,
}

impl HomeArgs {
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        Ok(zf_host::home(self.home.clone())?)
    }

    pub(crate) async fn open(&self) -> Result<App, Failure> {
        Ok(zf_host::open(self.path()?).await?)
    }
}

/// Who a script signs in as. The password comes from `ZF_PASSWORD` or a file, never from the
/// command line, where other users of the machine could read it.
#[derive(Args)]
pub(crate) struct LoginArgs {
    /// Login name.
    #[arg(long)]
    login: String,
    /// File holding the password; otherwise ZF_PASSWORD.
    #[arg(long)]
    password_file: Option<PathBuf>,
}

impl LoginArgs {
    pub(crate) async fn sign_in(&self, app: &App) -> Result<Desk, Failure> {
        let password = match &self.password_file {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|e| Failure::file(path, e))?
                .trim_end_matches(['\r', '\n'])
                .to_owned(),
            None => std::env::var("ZF_PASSWORD").map_err(|_| {
                Failure::usage(
                    "password.missing",
                    (
                        "没有给密码",
                        "请设置环境变量 ZF_PASSWORD，或用 --password-file。",
                    ),
                    (
                        "No password was given",
                        "Set ZF_PASSWORD or use --password-file.",
                    ),
                )
            })?,
        };
        Ok(Desk::sign_in(app, &self.login, &password).await?)
    }
}

/// One person signed in through the declared API, as any door would.
pub(crate) struct Desk {
    app: App,
    token: String,
}

impl Desk {
    pub(crate) async fn sign_in(app: &App, login: &str, password: &str) -> Result<Self, AppError> {
        let params = json!({ "login": login, "password": password });
        let reply = app.call(None, "cli", "session.sign_in", params).await;
        reply.result?;
        match reply.session {
            zf_app::ctx::SessionChange::Set(token) => Ok(Self {
                app: app.clone(),
                token,
            }),
            _ => Err(AppError::internal("signing in gave no session")),
        }
    }

    pub(crate) async fn call(&self, name: &str, params: Value) -> Result<Value, AppError> {
        self.app
            .call(Some(&self.token), "cli", name, params)
            .await
            .result
    }

    /// As [`Self::call`], read into its declared reply.
    pub(crate) async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        name: &str,
        params: Value,
    ) -> Result<T, AppError> {
        serde_json::from_value(self.call(name, params).await?).map_err(AppError::internal)
    }
}
