//! `zf call`: any declared procedure, as a signed-in person, under the same rules as the window.

use clap::Args as ClapArgs;
use serde_json::Value;

use crate::home::{HomeArgs, LoginArgs};
use crate::output::{Answer, Done, Failure, Output};

#[derive(ClapArgs)]
pub(crate) struct Args {
    /// Procedure, e.g. orders.search; `list` names them all.
    name: String,
    /// Parameters as JSON.
    #[arg(default_value = "{}")]
    params: String,
    #[command(flatten)]
    home: HomeArgs,
    #[command(flatten)]
    login: LoginArgs,
    /// Register a file and put its token where the parameters say "$file".
    #[arg(long)]
    file: Option<std::path::PathBuf>,
}

pub(crate) async fn run(args: Args, _out: &Output) -> Done {
    let mut params: Value = serde_json::from_str(&args.params).map_err(|e| {
        let zh = format!("参数不是 JSON：{e}");
        let en = format!("The parameters are not JSON: {e}");
        Failure::usage(
            "params.not_json",
            (&zh, "请检查引号和括号。"),
            (&en, "Check quotes and braces."),
        )
    })?;
    let app = args.home.open().await?;
    if let Some(path) = &args.file {
        let name = path
            .file_name()
            .map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        let token = app.files().register(path, &name)?.file_token;
        replace_file(&mut params, &token);
    }
    let desk = args.login.sign_in(&app).await?;
    let reply = desk.call(&args.name, params).await?;
    let text = serde_json::to_string_pretty(&reply).unwrap_or_default();
    Ok(Answer::yes(reply, text))
}

fn replace_file(value: &mut Value, token: &str) {
    match value {
        Value::String(text) if text == "$file" => *value = Value::String(token.to_owned()),
        Value::Array(items) => items.iter_mut().for_each(|v| replace_file(v, token)),
        Value::Object(fields) => fields.values_mut().for_each(|v| replace_file(v, token)),
        _ => {}
    }
}
