//! Writes what the console needs to know of the core: types, the client with its cache tags, and the
//! texts of the error codes. A test fails when the files in `ui/src/generated/` are not these.

use std::fmt::Write as _;

use crate::api::{Access, Kind, PROCEDURES};
use crate::error::Code;
use crate::wire;

const HEAD: &str = "// Written from Rust by `make generate`. Do not edit.\n\n";

/// The generated files: name and content.
#[must_use]
pub fn files() -> Vec<(&'static str, String)> {
    vec![
        ("types.ts", types()),
        ("client.ts", client()),
        ("errors.ts", errors()),
    ]
}

fn types() -> String {
    let mut out = HEAD.to_owned();
    for declaration in wire::declarations() {
        let _ = writeln!(out, "export {declaration}");
    }
    out
}

fn client() -> String {
    let mut out = HEAD.to_owned();
    out.push_str("import type * as T from \"./types\";\n\nexport const procedures = {\n");
    for p in PROCEDURES {
        let kind = if p.kind == Kind::Query {
            "query"
        } else {
            "mutation"
        };
        let needs = match p.access {
            Access::Anyone => "anyone".to_owned(),
            Access::SignedIn => "signed_in".to_owned(),
            Access::Needs(right) => word(right),
        };
        let stales: Vec<String> = p
            .stales
            .iter()
            .map(|tag| format!("\"{}\"", word(*tag)))
            .collect();
        let _ = writeln!(
            out,
            "  /** {} */\n  \"{}\": {{ kind: \"{kind}\", needs: \"{needs}\", stales: [{}] }},",
            p.doc.trim(),
            p.name,
            stales.join(", ")
        );
    }
    out.push_str("} as const;\n\nexport type ProcedureName = keyof typeof procedures;\n\n");
    for (name, pick) in [("Params", 0), ("Replies", 1)] {
        let _ = writeln!(out, "export interface {name} {{");
        for p in PROCEDURES {
            let ts = if pick == 0 { (p.params)() } else { (p.reply)() };
            let _ = writeln!(out, "  \"{}\": T.{ts};", p.name);
        }
        out.push_str("}\n\n");
    }
    out
}

fn errors() -> String {
    let mut out = HEAD.to_owned();
    out.push_str(
        "export interface ErrorText { retry: string; zh: string; zhRemedy: string; en: string; enRemedy: string }\n\n\
         export const errorTexts: Record<string, ErrorText> = {\n",
    );
    for code in Code::ALL {
        let t = code.text();
        let quote = |s: &str| serde_json::Value::from(s).to_string();
        let _ = writeln!(
            out,
            "  {}: {{ retry: {}, zh: {}, zhRemedy: {}, en: {}, enRemedy: {} }},",
            quote(t.code),
            quote(&word(t.retry)),
            quote(t.zh),
            quote(t.zh_remedy),
            quote(t.en),
            quote(t.en_remedy)
        );
    }
    out.push_str("};\n");
    out
}

fn word<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ZF_GENERATE=1` writes the files instead of comparing.
    #[test]
    fn generated_files_are_current() {
        let folder =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/generated");
        for (name, text) in files() {
            let path = folder.join(name);
            if std::env::var_os("ZF_GENERATE").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&path, &text).unwrap();
            }
            let there = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                there == text,
                "{} is out of date: run `make generate`",
                path.display()
            );
        }
    }
}
