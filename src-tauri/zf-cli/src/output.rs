//! What goes to the terminal: sentences for a person or one JSON object for a script.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};
use zf_app::AppError;

/// How a command ended.
pub(crate) type Done = Result<Answer, Failure>;

/// The answer of a command.
pub(crate) struct Answer {
    /// The JSON object.
    pub(crate) json: Value,
    /// The same for a person.
    pub(crate) text: String,
    /// False exits 1.
    pub(crate) yes: bool,
}

impl Answer {
    pub(crate) fn yes(json: Value, text: impl Into<String>) -> Self {
        Self {
            json,
            text: text.into(),
            yes: true,
        }
    }
}

/// Why a command did not end.
pub(crate) struct Failure(Box<Told>);

struct Told {
    exit: u8,
    code: String,
    zh: (String, String),
    en: (String, String),
    params: Value,
}

impl Failure {
    /// The person's input is wrong.
    pub(crate) fn usage(code: &str, zh: (&str, &str), en: (&str, &str)) -> Self {
        Self(Box::new(Told {
            exit: 2,
            code: code.to_owned(),
            zh: (zh.0.to_owned(), zh.1.to_owned()),
            en: (en.0.to_owned(), en.1.to_owned()),
            params: json!({}),
        }))
    }

    /// The system failed.
    pub(crate) fn system(error: impl std::fmt::Display) -> Self {
        let text = error.to_string();
        Self(Box::new(Told {
            exit: 3,
            code: "system".to_owned(),
            zh: (format!("系统出错：{text}"), "请重试。".to_owned()),
            en: (
                format!("The system failed: {text}"),
                "Try again.".to_owned(),
            ),
            params: json!({}),
        }))
    }

    /// A file cannot be read.
    pub(crate) fn file(path: &std::path::Path, error: impl std::fmt::Display) -> Self {
        Self(Box::new(Told {
            exit: 2,
            code: "file.unreadable".to_owned(),
            zh: (
                format!("读不了 {}：{error}", path.display()),
                "请检查路径和权限。".to_owned(),
            ),
            en: (
                format!("Cannot read {}: {error}", path.display()),
                "Check the path and its permissions.".to_owned(),
            ),
            params: json!({ "path": path.display().to_string() }),
        }))
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        let code = error.code.text().code;
        let exit = match code.split('.').next().unwrap_or_default() {
            "channel" | "store" | "internal" | "disk" => 3,
            "approval" | "permission" | "close" | "state" => 1,
            _ if code == "refund.outcome_unknown" => 3,
            _ => 2,
        };
        Self(Box::new(Told {
            exit,
            code: code.to_owned(),
            zh: error.sentences(false),
            en: error.sentences(true),
            params: json!(error.params),
        }))
    }
}

/// Where and how to speak.
pub(crate) struct Output {
    json: bool,
    english: bool,
}

impl Output {
    pub(crate) fn new(json: bool, lang: Option<&str>) -> Self {
        let english = match lang {
            Some(lang) => lang == "en",
            None => ["LC_ALL", "LC_MESSAGES", "LANG"]
                .iter()
                .filter_map(|name| std::env::var(name).ok())
                .find(|value| !value.is_empty())
                .is_some_and(|value| value.starts_with("en")),
        };
        Self { json, english }
    }

    /// One of two sentences.
    pub(crate) fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        if self.english { en } else { zh }
    }

    /// A line of a story, for people only.
    pub(crate) fn line(&self, text: &str) {
        if !self.json {
            // A closed pipe is no reason to stop a money job half-way.
            let _ = writeln!(std::io::stdout(), "{text}");
        }
    }

    /// One JSON line at once, for commands that keep running.
    pub(crate) fn ready(&self, value: &Value) {
        let mut stdout = std::io::stdout();
        let _ = writeln!(stdout, "{value}");
        let _ = stdout.flush();
    }

    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    pub(crate) fn is_english(&self) -> bool {
        self.english
    }

    pub(crate) fn finish(&self, done: Done) -> ExitCode {
        match done {
            Ok(answer) => {
                let mut stdout = std::io::stdout();
                let _ = if self.json {
                    writeln!(stdout, "{}", answer.json)
                } else if answer.text.is_empty() {
                    Ok(())
                } else {
                    writeln!(stdout, "{}", answer.text.trim_end())
                };
                if answer.yes {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::from(1)
                }
            }
            Err(Failure(failure)) => {
                let (message, remedy) = if self.english {
                    &failure.en
                } else {
                    &failure.zh
                };
                if self.json {
                    let object = json!({ "error": {
                        "code": failure.code, "message": message, "remedy": remedy,
                        "params": failure.params } });
                    let _ = writeln!(std::io::stdout(), "{object}");
                } else {
                    let _ = writeln!(std::io::stderr(), "{message}\n{remedy}");
                }
                ExitCode::from(failure.exit)
            }
        }
    }
}
