//! Authenticated encryption as the channels use it: output and input are the ciphertext with the
//! 16-byte tag at the end; nonces of 12 bytes (all channels today) or 16.

use aes_gcm::AesGcm;
use aes_gcm::aead::consts::{U12, U16};
use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};
use aes_gcm::aes::{Aes128, Aes256};
use sm4::Sm4;

use crate::error::{Error, Result};

#[derive(Clone, Copy)]
enum Way {
    Seal,
    Open,
}

fn run<A: KeyInit + Aead>(
    way: Way,
    key: &[u8],
    nonce: &[u8],
    aad: &[u8],
    msg: &[u8],
) -> Result<Vec<u8>> {
    let cipher = A::new_from_slice(key).map_err(|_| Error::Internal("the cipher's key setup"))?;
    let nonce = <&Nonce<A>>::try_from(nonce).map_err(|_| nonce_length(nonce.len()))?;
    let payload = Payload { msg, aad };
    match way {
        Way::Seal => cipher
            .encrypt(nonce, payload)
            .map_err(|_| Error::Internal("encryption")),
        Way::Open => cipher.decrypt(nonce, payload).map_err(|_| Error::Rejected),
    }
}

fn nonce_length(found: usize) -> Error {
    Error::Length {
        what: "the nonce",
        found,
        wanted: "12 or 16 are taken",
    }
}

fn aes(way: Way, key: &[u8], nonce: &[u8], aad: &[u8], msg: &[u8]) -> Result<Vec<u8>> {
    match (key.len(), nonce.len()) {
        (16, 12) => run::<AesGcm<Aes128, U12>>(way, key, nonce, aad, msg),
        (16, 16) => run::<AesGcm<Aes128, U16>>(way, key, nonce, aad, msg),
        (32, 12) => run::<AesGcm<Aes256, U12>>(way, key, nonce, aad, msg),
        (32, 16) => run::<AesGcm<Aes256, U16>>(way, key, nonce, aad, msg),
        (16 | 32, found) => Err(nonce_length(found)),
        (found, _) => Err(Error::Length {
            what: "the AES key",
            found,
            wanted: "16 or 32 are taken",
        }),
    }
}

fn sm4(way: Way, key: &[u8], nonce: &[u8], aad: &[u8], msg: &[u8]) -> Result<Vec<u8>> {
    match (key.len(), nonce.len()) {
        (16, 12) => run::<AesGcm<Sm4, U12>>(way, key, nonce, aad, msg),
        (16, 16) => run::<AesGcm<Sm4, U16>>(way, key, nonce, aad, msg),
        (16, found) => Err(nonce_length(found)),
        (found, _) => Err(Error::Length {
            what: "the SM4 key",
            found,
            wanted: "16 are taken",
        }),
    }
}

/// AES-GCM: `plain` sealed, with its tag behind. A nonce must never be used twice with one key.
///
/// # Errors
/// `Length` for a key other than 16 or 32 bytes or a nonce other than 12 or 16.
pub fn aes_gcm_seal(key: &[u8], nonce: &[u8], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    aes(Way::Seal, key, nonce, aad, plain)
}

/// AES-GCM: opens what [`aes_gcm_seal`] or a channel sealed.
///
/// # Errors
/// `Length` as for sealing; `Rejected` when key, nonce, associated data or ciphertext is wrong.
pub fn aes_gcm_open(key: &[u8], nonce: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
    aes(Way::Open, key, nonce, aad, sealed)
}

/// SM4-GCM: `plain` sealed, with its tag behind. A nonce must never be used twice with one key.
///
/// # Errors
/// `Length` for a key other than 16 bytes or a nonce other than 12 or 16.
pub fn sm4_gcm_seal(key: &[u8], nonce: &[u8], aad: &[u8], plain: &[u8]) -> Result<Vec<u8>> {
    sm4(Way::Seal, key, nonce, aad, plain)
}

/// SM4-GCM: opens what [`sm4_gcm_seal`] or a channel sealed.
///
/// # Errors
/// `Length` as for sealing; `Rejected` when key, nonce, associated data or ciphertext is wrong.
pub fn sm4_gcm_open(key: &[u8], nonce: &[u8], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>> {
    sm4(Way::Open, key, nonce, aad, sealed)
}

/// The SM4 key WeChat Pay derives from an APIv3 key: the first 16 bytes of its SM3.
///
/// Source: WeChat Pay APIv3, SM2/SM4 mode; checked 2026-08.
pub fn sm4_key_of_apiv3_key(apiv3_key: &[u8]) -> [u8; 16] {
    let digest = crate::digest::sm3(apiv3_key);
    let mut key = [0; 16];
    key.copy_from_slice(&digest[..16]);
    key
}
