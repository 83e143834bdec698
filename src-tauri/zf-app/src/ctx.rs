//! What a use case is handed: the application, who asks, and the present time.

use std::sync::Mutex;

use zf_domain::{Clock as _, Permission, Timestamp};
use zf_store::AuditEntry;

use crate::app::App;
use crate::error::{AppError, Code};
use crate::wire::Person;

/// What a call did to the session, for the door to carry out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SessionChange {
    /// Nothing.
    #[default]
    Keep,
    /// A new token; the door keeps it where scripts of the page cannot read it.
    Set(String),
    /// Forget the token.
    Clear,
}

/// One call of a procedure.
pub struct Ctx {
    /// The application.
    pub app: App,
    /// Who asks; `None` before signing in and for timers.
    pub person: Option<Person>,
    /// Hash of the session token, when signed in.
    pub(crate) token_hash: Option<String>,
    /// `desktop`, `browser`, `cli` or `timer`.
    pub device: String,
    /// When the call came in.
    pub now: Timestamp,
    pub(crate) session: Mutex<SessionChange>,
}

impl Ctx {
    /// A call the program makes by itself, for its timers.
    #[must_use]
    pub fn timer(app: &App) -> Self {
        Self {
            app: app.clone(),
            person: None,
            token_hash: None,
            device: "timer".to_owned(),
            now: app.clock().now(),
            session: Mutex::default(),
        }
    }

    /// The same call for work that goes on after its reply: in the same name, without the session.
    #[must_use]
    pub(crate) fn detached(&self) -> Self {
        Self {
            app: self.app.clone(),
            person: self.person.clone(),
            token_hash: None,
            device: self.device.clone(),
            now: self.now,
            session: Mutex::default(),
        }
    }

    /// The person asking.
    ///
    /// # Errors
    /// `SignInRequired`.
    pub fn person(&self) -> Result<&Person, AppError> {
        self.person
            .as_ref()
            .ok_or_else(|| AppError::new(Code::SignInRequired))
    }

    /// Whether the person asking holds a right.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.person.as_ref().is_some_and(|p| p.role.may(permission))
    }

    /// An audit row of this call; fill what changed.
    #[must_use]
    pub fn audit(&self, action: &str, object_kind: &str, object_id: &str) -> AuditEntry {
        AuditEntry {
            at: self.now,
            actor_id: self.person.as_ref().map(|p| p.user_id),
            actor: self.actor_name(),
            role: self.person.as_ref().map(|p| p.role),
            device: self.device.clone(),
            action: action.to_owned(),
            object_kind: object_kind.to_owned(),
            object_id: object_id.to_owned(),
            before_digest: None,
            after_digest: None,
            reason: None,
            result: "ok".to_owned(),
        }
    }

    /// The name shown for who asks.
    #[must_use]
    pub fn actor_name(&self) -> String {
        self.person
            .as_ref()
            .map_or_else(|| "定时任务".to_owned(), |p| p.display_name.clone())
    }

    pub(crate) fn change_session(&self, change: SessionChange) {
        if let Ok(mut slot) = self.session.lock() {
            *slot = change;
        }
    }
}
