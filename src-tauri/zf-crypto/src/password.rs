//! Passwords of people: Argon2id in PHC string form.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};

use crate::error::{Error, Result};
use crate::secret::Secret;

/// Hashes a password with a fresh salt (Argon2id, 19 MiB, two passes).
///
/// # Errors
/// `Internal` when memory is short.
pub fn hash(password: &Secret<String>) -> Result<String> {
    Argon2::default()
        .hash_password(password.expose().as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|_| Error::Internal("hashing the password"))
}

/// Whether the password belongs to the stored hash. A hash that cannot be read fits no password.
pub fn verify(password: &Secret<String>, phc: &str) -> bool {
    PasswordHash::new(phc).is_ok_and(|hash| {
        Argon2::default()
            .verify_password(password.expose().as_bytes(), &hash)
            .is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_password_fits() {
        let stored = hash(&Secret::new("correct horse".to_owned())).unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify(&Secret::new("correct horse".to_owned()), &stored));
        assert!(!verify(&Secret::new("correct horsf".to_owned()), &stored));
        assert!(!verify(&Secret::new("correct horse".to_owned()), "no hash"));
    }
}
