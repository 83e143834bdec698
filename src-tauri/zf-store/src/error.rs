//! What can go wrong with the database.

/// A failure of the store. Nothing of the transaction took effect.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error("database: {0}")]
    Database(sqlx::Error),
    /// A constraint or trigger said no; the text names which.
    #[error("refused by a database rule: {0}")]
    Constraint(String),
    /// No space left where the database or a file lies.
    #[error("no space left for {path}")]
    DiskFull {
        /// What was being written.
        path: String,
    },
    /// A migration could not be applied.
    #[error("migration: {0}")]
    Migration(String),
    /// A transaction tried to commit without saying who did what.
    #[error("a change without an audit row was refused")]
    Unaudited,
    /// A stored value is not what this version writes.
    #[error("stored value of {field} cannot be read: {text}")]
    Unreadable {
        /// The field.
        field: &'static str,
        /// The text as stored, cut.
        text: String,
    },
}

impl StoreError {
    /// A stored text that this version does not know.
    #[must_use]
    pub fn unreadable(field: &'static str, text: &str) -> Self {
        Self::Unreadable {
            field,
            text: text.chars().take(80).collect(),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::Database(db) = &error {
            let text = db.code().unwrap_or_default();
            // PostgreSQL's states have five characters: class 23 is a constraint, P0001 a trigger's RAISE
            // EXCEPTION, 53100 a full disk.
            if text.len() == 5 {
                if text.starts_with("23") || text == "P0001" {
                    return Self::Constraint(db.message().to_owned());
                }
                if text == "53100" {
                    return Self::DiskFull {
                        path: "the database".to_owned(),
                    };
                }
                return Self::Database(error);
            }
            // SQLITE_FULL = 13; constraint family = 19 (1811 is a trigger's RAISE(ABORT)).
            let code = text.parse::<u32>().unwrap_or(0);
            if code & 0xff == 13 {
                return Self::DiskFull {
                    path: "the database".to_owned(),
                };
            }
            if code & 0xff == 19 {
                return Self::Constraint(db.message().to_owned());
            }
        }
        Self::Database(error)
    }
}
