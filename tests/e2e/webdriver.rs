//! A small W3C WebDriver client: what driving one window takes, over plain HTTP on loopback.
//!
//! Source: <https://www.w3.org/TR/webdriver2/>, checked 2026-11-21. WebKitWebDriver speaks it; a
//! client library would bring an asynchronous runtime and TLS for nothing.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};

/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What the driver refused, such as `no such element`.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) message: String,
}

pub(crate) type Answer<T> = Result<T, Refused>;

/// One session of a driver.
pub(crate) struct Session {
    port: u16,
    id: String,
}

/// An element of the page, until the page replaces it.
#[derive(Clone)]
pub(crate) struct Element(String);

fn broken(message: impl std::fmt::Display) -> Refused {
    Refused {
        message: message.to_string(),
    }
}

/// Sends one command and reads the value of its answer.
fn command(port: u16, method: &str, path: &str, body: &Value) -> Answer<Value> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map_err(broken)?;
    stream
        .set_read_timeout(Some(Duration::from_secs(120)))
        .map_err(broken)?;
    let body = if method == "POST" {
        body.to_string()
    } else {
        String::new()
    };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\
         Content-Type: application/json; charset=utf-8\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).map_err(broken)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).map_err(broken)?;
    let at = answer
        .windows(4)
        .position(|w| w == b"\r\n\r\n")
        .ok_or_else(|| broken("the driver's answer has no head"))?;
    let head = String::from_utf8_lossy(&answer[..at]).to_lowercase();
    let body = &answer[at + 4..];
    let body = if head.contains("transfer-encoding: chunked") {
        unchunk(body)
    } else {
        body.to_vec()
    };
    let value: Value = serde_json::from_slice(&body)
        .map_err(|e| broken(format!("{e}: {}", String::from_utf8_lossy(&body))))?;
    let value = value["value"].clone();
    if let Some(error) = value["error"].as_str() {
        let message = value["message"].as_str().unwrap_or_default();
        return Err(broken(format!("{error}: {message}")));
    }
    Ok(value)
}

fn unchunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(at) = bytes.windows(2).position(|w| w == b"\r\n") {
        let size = std::str::from_utf8(&bytes[..at])
            .ok()
            .and_then(|hex| usize::from_str_radix(hex.split(';').next()?.trim(), 16).ok());
        match size {
            Some(size) if size > 0 && bytes.len() >= at + 2 + size => {
                whole.extend_from_slice(&bytes[at + 2..at + 2 + size]);
                bytes = bytes.get(at + 4 + size..).unwrap_or_default();
            }
            _ => break,
        }
    }
    whole
}

impl Session {
    /// Opens a session: the driver starts the program.
    pub(crate) fn open(port: u16, capabilities: &Value) -> Answer<Self> {
        let asked = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let value = command(port, "POST", "/session", &asked)?;
        let id = value["sessionId"]
            .as_str()
            .ok_or_else(|| broken("no session id"))?
            .to_owned();
        Ok(Self { port, id })
    }

    fn post(&self, path: &str, body: &Value) -> Answer<Value> {
        command(
            self.port,
            "POST",
            &format!("/session/{}/{path}", self.id),
            body,
        )
    }

    fn get(&self, path: &str) -> Answer<Value> {
        command(
            self.port,
            "GET",
            &format!("/session/{}/{path}", self.id),
            &Value::Null,
        )
    }

    /// Ends the session; the driver ends the program.
    pub(crate) fn close(&self) {
        let _ = command(
            self.port,
            "DELETE",
            &format!("/session/{}", self.id),
            &Value::Null,
        );
    }

    pub(crate) fn find(&self, css: &str) -> Answer<Element> {
        let value = self.post("element", &json!({ "using": "css selector", "value": css }))?;
        element(&value).ok_or_else(|| broken("no element in the answer"))
    }

    pub(crate) fn click(&self, element: &Element) -> Answer<()> {
        self.post(&format!("element/{}/click", element.0), &json!({}))
            .map(drop)
    }

    pub(crate) fn keys(&self, element: &Element, text: &str) -> Answer<()> {
        self.post(
            &format!("element/{}/value", element.0),
            &json!({ "text": text }),
        )
        .map(drop)
    }

    /// Presses keys into whatever has the focus: each group is held together and let go in reverse.
    /// Named keys are the protocol's private characters (WebDriver §17.4.2).
    pub(crate) fn press(&self, groups: &[Vec<char>]) -> Answer<()> {
        let mut steps = Vec::new();
        for group in groups {
            let step = |kind: &str, key: &char| json!({ "type": kind, "value": key.to_string() });
            steps.extend(group.iter().map(|key| step("keyDown", key)));
            steps.extend(group.iter().rev().map(|key| step("keyUp", key)));
        }
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": steps }] });
        self.post("actions", &actions).map(drop)
    }

    /// Runs the body of a function in the page and gives what it returns.
    pub(crate) fn script(&self, body: &str, arguments: Value) -> Answer<Value> {
        self.post(
            "execute/sync",
            &json!({ "script": body, "args": arguments }),
        )
    }

    /// The window as a PNG, in base64.
    pub(crate) fn screenshot(&self) -> Answer<String> {
        let value = self.get("screenshot")?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    pub(crate) fn resize(&self, width: u32, height: u32) -> Answer<()> {
        self.post(
            "window/rect",
            &json!({ "x": 0, "y": 0, "width": width, "height": height }),
        )
        .map(drop)
    }
}

fn element(value: &Value) -> Option<Element> {
    value[ELEMENT].as_str().map(|id| Element(id.to_owned()))
}
