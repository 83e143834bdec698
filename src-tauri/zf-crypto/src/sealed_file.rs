//! The house's container for an encrypted file, `ZFB1`: AES-256-GCM over the whole of it.
//!
//! ```text
//! bytes        what
//! 0..4         "ZFB1"
//! 4            1: AES-256-GCM, 96-bit nonce, 128-bit tag
//! 5            length of the key's name, 1 to 64
//! 6..8         zero
//! 8..20        nonce: never twice under one key
//! 20..20+n     the key's name, ASCII letters, digits and . _ -; the key itself is nowhere in the file
//! 20+n..       ciphertext, as long as the content, then the tag of 16 bytes
//! ```
//!
//! Everything before the ciphertext is the associated data. No byte of the content is given out before
//! the tag over all of it was found right: [`open`] reads the file once to verify, in blocks, and only
//! then again to decrypt, so memory stays small whatever the size. The second reading is hashed as well:
//! a file that changes between the two ends in an error instead of in its end.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom, Write};

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt as _, InnerIvInit as _, KeyInit as _, StreamCipher as _};
use ctr::{Ctr32BE, CtrCore};
use ghash::GHash;
use ghash::universal_hash::UniversalHash as _;

use crate::secret::Secret;

/// How a file begins.
pub const SIGN: &[u8; 4] = b"ZFB1";
/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
const FIXED: usize = 20;
const TAG: usize = 16;
const NAME_MAX: usize = 64;
/// GCM counts 2³² − 2 blocks under one nonce.
const CONTENT_MAX: u64 = (1 << 36) - 32;
const BLOCK: usize = 1 << 16;

/// Why a container cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealedFileError {
    /// It cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is none, or of another kind.
    #[error("{0}")]
    Malformed(&'static str),
    /// The tag does not fit: another key, or changed bytes; which one cannot be known.
    #[error("the tag does not fit: it was sealed with another key, or its bytes were changed")]
    Rejected,
}

/// A key of 32 bytes.
#[derive(Clone)]
pub struct FileKey(Secret<Vec<u8>>);

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileKey(***)")
    }
}

impl FileKey {
    /// A new random key.
    #[must_use]
    pub fn generate() -> Self {
        Self(Secret::new(crate::random::bytes::<KEY_BYTES>().to_vec()))
    }

    /// Reads what a key file holds: 32 bytes as they are, or 64 hexadecimal digits.
    ///
    /// # Errors
    /// `Malformed`; nothing of the key is in it.
    pub fn parse(file: &[u8]) -> Result<Self, SealedFileError> {
        if file.len() == KEY_BYTES {
            return Ok(Self(Secret::new(file.to_vec())));
        }
        let text = file.trim_ascii();
        let digit = |b: u8| {
            char::from(b)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        let bytes: Option<Vec<u8>> = text
            .chunks(2)
            .map(|pair| Some(digit(pair[0])? << 4 | digit(*pair.get(1)?)?))
            .collect();
        match bytes {
            Some(bytes) if bytes.len() == KEY_BYTES => Ok(Self(Secret::new(bytes))),
            _ => Err(SealedFileError::Malformed(
                "a key file holds 32 bytes, or 64 hexadecimal digits",
            )),
        }
    }

    /// The key, for the vault only.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// 64 hexadecimal digits and a line end, for a key file.
    #[must_use]
    pub fn to_file(&self) -> Secret<String> {
        Secret::new(format!("{}\n", crate::digest::hex_lower(self.0.expose())))
    }

    /// Eight hexadecimal digits that tell keys apart and nothing about them.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut input = b"ZFB1 key fingerprint\0".to_vec();
        input.extend_from_slice(self.0.expose());
        let digest = crate::digest::hex_lower(&crate::digest::sha256(&input));
        zeroize::Zeroize::zeroize(&mut input);
        digest[..8].to_owned()
    }
}

/// What stands before the ciphertext.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// By which name its key is kept.
    pub key_name: String,
    bytes: Vec<u8>,
}

impl Header {
    fn new(key_name: &str, nonce: [u8; 12]) -> Result<Self, SealedFileError> {
        if !is_key_name(key_name) {
            return Err(SealedFileError::Malformed(
                "a key's name has 1 to 64 letters, digits, dots, hyphens and underscores",
            ));
        }
        let mut bytes = SIGN.to_vec();
        bytes.extend([1, u8::try_from(key_name.len()).unwrap_or(u8::MAX), 0, 0]);
        bytes.extend(nonce);
        bytes.extend(key_name.as_bytes());
        Ok(Self {
            key_name: key_name.to_owned(),
            bytes,
        })
    }

    /// Reads the header; the input then stands at the ciphertext.
    ///
    /// # Errors
    /// `Malformed`, `Io`.
    pub fn read(input: &mut impl Read) -> Result<Self, SealedFileError> {
        let cut = |e: io::Error| match e.kind() {
            io::ErrorKind::UnexpectedEof => {
                SealedFileError::Malformed("the file is cut: its header is not whole")
            }
            _ => SealedFileError::Io(e),
        };
        let mut fixed = [0; FIXED];
        input.read_exact(&mut fixed).map_err(cut)?;
        if !fixed.starts_with(SIGN) {
            return Err(SealedFileError::Malformed(
                "the file does not begin with ZFB1",
            ));
        }
        if fixed[4] != 1 || fixed[6..8] != [0, 0] {
            return Err(SealedFileError::Malformed(
                "the container is of a kind this program does not know",
            ));
        }
        let mut name = vec![0; usize::from(fixed[5])];
        input.read_exact(&mut name).map_err(cut)?;
        let name = String::from_utf8(name).unwrap_or_default();
        let mut nonce = [0; 12];
        nonce.copy_from_slice(&fixed[8..FIXED]);
        Self::new(&name, nonce)
    }
}

/// Whether a key can go by this name.
#[must_use]
pub fn is_key_name(name: &str) -> bool {
    (1..=NAME_MAX).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
}

/// One running computation of GCM: keystream and hash, block by block.
struct Gcm {
    stream: Ctr32BE<Aes256>,
    hash: GHash,
    mask: [u8; TAG],
    /// Ciphertext that does not fill a block of the hash yet.
    held: Vec<u8>,
    header_bytes: u64,
    content_bytes: u64,
}

impl Gcm {
    fn new(key: &FileKey, header: &Header) -> Result<Self, SealedFileError> {
        let cipher = Aes256::new_from_slice(key.expose())
            .map_err(|_| SealedFileError::Malformed("a key has 32 bytes"))?;
        let mut subkey = ghash::Key::default();
        cipher.encrypt_block(&mut subkey);
        let mut hash = GHash::new(&subkey);
        hash.update_padded(&header.bytes);
        let mut first = ghash::Block::default();
        first[..12].copy_from_slice(&header.bytes[8..FIXED]);
        first[15] = 1;
        let mut stream = Ctr32BE::<Aes256>::from_core(CtrCore::inner_iv_init(cipher, &first));
        let mut mask = [0; TAG];
        stream.apply_keystream(&mut mask);
        Ok(Self {
            stream,
            hash,
            mask,
            held: Vec::with_capacity(TAG),
            header_bytes: header.bytes.len() as u64,
            content_bytes: 0,
        })
    }

    /// Takes ciphertext into the hash.
    fn absorb(&mut self, mut sealed: &[u8]) -> io::Result<()> {
        self.content_bytes += sealed.len() as u64;
        if self.content_bytes > CONTENT_MAX {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a container holds 64 GB at most",
            ));
        }
        if !self.held.is_empty() {
            let take = (TAG - self.held.len()).min(sealed.len());
            self.held.extend_from_slice(&sealed[..take]);
            sealed = &sealed[take..];
            if self.held.len() == TAG {
                self.hash.update_padded(&self.held);
                self.held.clear();
            }
        }
        let whole = sealed.len() - sealed.len() % TAG;
        self.hash.update_padded(&sealed[..whole]);
        self.held.extend_from_slice(&sealed[whole..]);
        Ok(())
    }

    fn tag(mut self) -> [u8; TAG] {
        self.hash.update_padded(&self.held);
        let mut lengths = [0; TAG];
        lengths[..8].copy_from_slice(&(self.header_bytes * 8).to_be_bytes());
        lengths[8..].copy_from_slice(&(self.content_bytes * 8).to_be_bytes());
        self.hash.update_padded(&lengths);
        let mut tag = self.mask;
        for (byte, hashed) in tag.iter_mut().zip(self.hash.finalize()) {
            *byte ^= hashed;
        }
        tag
    }
}

/// Compares without telling by time where two tags differ.
fn same(a: &[u8; TAG], b: &[u8; TAG]) -> bool {
    a.iter().zip(b).fold(0, |found, (a, b)| found | (a ^ b)) == 0
}

/// Seals everything `input` gives under a new random nonce. `output` is a whole container only when this
/// returns well.
///
/// # Errors
/// `Malformed` for the key's name, `Io`.
pub fn seal(
    key: &FileKey,
    key_name: &str,
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<(), SealedFileError> {
    seal_with(
        key,
        &Header::new(key_name, crate::random::bytes::<12>())?,
        input,
        output,
    )
}

fn seal_with(
    key: &FileKey,
    header: &Header,
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<(), SealedFileError> {
    let mut gcm = Gcm::new(key, header)?;
    output.write_all(&header.bytes)?;
    let mut block = vec![0; BLOCK];
    loop {
        let read = match input.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e.into()),
        };
        gcm.stream.apply_keystream(&mut block[..read]);
        gcm.absorb(&block[..read])?;
        output.write_all(&block[..read])?;
    }
    output.write_all(&gcm.tag())?;
    Ok(())
}

/// Verifies a whole container, then gives its content as a reader.
///
/// # Errors
/// `Rejected` when the tag does not fit: nothing of the content was given out. `Malformed`, `Io`.
pub fn open<R: Read + Seek>(key: &FileKey, mut input: R) -> Result<Opened<R>, SealedFileError> {
    input.seek(SeekFrom::Start(0))?;
    let header = Header::read(&mut input)?;
    let begin = header.bytes.len() as u64;
    let end = input.seek(SeekFrom::End(0))?;
    let content = end
        .checked_sub(begin + TAG as u64)
        .ok_or(SealedFileError::Malformed("the file is cut: it has no tag"))?;
    if content > CONTENT_MAX {
        return Err(SealedFileError::Malformed(
            "a container holds 64 GB at most",
        ));
    }
    input.seek(SeekFrom::Start(begin))?;
    let mut gcm = Gcm::new(key, &header)?;
    let mut block = vec![0; BLOCK];
    let mut left = content;
    while left > 0 {
        let most = usize::try_from(left).map_or(BLOCK, |left| left.min(BLOCK));
        input.read_exact(&mut block[..most])?;
        gcm.absorb(&block[..most])?;
        left -= most as u64;
    }
    let mut tag = [0; TAG];
    input.read_exact(&mut tag)?;
    if !same(&gcm.tag(), &tag) {
        return Err(SealedFileError::Rejected);
    }
    input.seek(SeekFrom::Start(begin))?;
    Ok(Opened {
        gcm: Some(Gcm::new(key, &header)?),
        input,
        left: content,
        tag,
    })
}

/// The content of a container that was verified as a whole.
pub struct Opened<R> {
    input: R,
    gcm: Option<Gcm>,
    left: u64,
    tag: [u8; TAG],
}

impl<R> fmt::Debug for Opened<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

impl<R: Read> Read for Opened<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            // Another file than the one that was verified must not look like its end.
            let changed = self
                .gcm
                .take()
                .is_some_and(|gcm| !same(&gcm.tag(), &self.tag));
            return if changed {
                Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the encrypted file was changed while it was read",
                ))
            } else {
                Ok(0)
            };
        }
        let Some(gcm) = &mut self.gcm else {
            return Ok(0);
        };
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let read = self.input.read(&mut buffer[..most])?;
        if read == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        gcm.absorb(&buffer[..read])?;
        gcm.stream.apply_keystream(&mut buffer[..read]);
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn key() -> FileKey {
        FileKey::parse(&(0..32).collect::<Vec<u8>>()).unwrap()
    }

    fn sealed(content: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        seal(&key(), "books-2026", &mut &content[..], &mut out).unwrap();
        out
    }

    fn opened(bytes: &[u8]) -> Result<Vec<u8>, SealedFileError> {
        let mut content = Vec::new();
        open(&key(), Cursor::new(bytes))?.read_to_end(&mut content)?;
        Ok(content)
    }

    #[test]
    fn what_was_sealed_is_opened_whatever_its_length() {
        for length in [
            0,
            1,
            15,
            16,
            17,
            100,
            BLOCK - 1,
            BLOCK,
            BLOCK + 1,
            3 * BLOCK + 7,
        ] {
            let content: Vec<u8> = (0..length)
                .map(|n| u8::try_from(n % 251).unwrap())
                .collect();
            let bytes = sealed(&content);
            assert_eq!(opened(&bytes).unwrap(), content, "{length}");
            let header = Header::read(&mut &bytes[..]).unwrap();
            assert_eq!(header.key_name, "books-2026");
            // The same as the whole-message cipher says.
            let at = header.bytes.len();
            assert_eq!(
                crate::aead::aes_gcm_open(
                    key().expose(),
                    &bytes[8..20],
                    &bytes[..at],
                    &bytes[at..]
                )
                .unwrap(),
                content
            );
        }
    }

    #[test]
    fn any_changed_byte_is_refused_before_the_first_is_given_out() {
        let bytes = sealed(b"kind,out_trade_no\npayment,M1\n");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(opened(&changed).is_err(), "byte {at}");
        }
        for cut in 0..bytes.len() {
            assert!(opened(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        let other = FileKey::generate();
        assert!(matches!(
            open(&other, Cursor::new(&bytes)),
            Err(SealedFileError::Rejected)
        ));
        assert_ne!(other.fingerprint(), key().fingerprint());
    }

    #[test]
    fn a_file_that_changes_after_it_was_verified_does_not_end_well() {
        let mut reader = open(&key(), Cursor::new(sealed(&[7; 4 * BLOCK]))).unwrap();
        reader.read_exact(&mut [0; 100]).unwrap();
        let last = reader.input.get_ref().len() - 40;
        reader.input.get_mut()[last] ^= 1;
        assert!(io::copy(&mut reader, &mut io::sink()).is_err());
    }

    #[test]
    fn keys_are_read_from_files_and_never_shown() {
        let file = key().to_file();
        assert_eq!(
            FileKey::parse(file.expose().as_bytes()).unwrap().expose(),
            key().expose()
        );
        for wrong in [
            &b""[..],
            b"abc",
            &[b'g'; 64],
            "é".repeat(32).as_bytes(),
            &[1; 33],
        ] {
            assert!(FileKey::parse(wrong).is_err());
        }
        assert_eq!(format!("{:?}", key()), "FileKey(***)");
        for name in ["", "a b", "é", &"x".repeat(65)] {
            assert!(!is_key_name(name), "{name}");
        }
    }
}
