//! A certificate chain for demonstrations and tests: root → issuing → signer, all SM2.

use zf_crypto::cert::{Certificate, CertificateSpec, Name, SigningKey, Usage, issue, self_signed};
use zf_crypto::random;
use zf_crypto::sm2::Sm2SigningKey;
use zf_domain::Timestamp;

use crate::error::Result;
use crate::signer::Signer;

const DAY: i64 = 86_400;

/// A chain made on this machine. Nobody outside trusts it, and its names say so.
#[derive(Debug, Clone)]
pub struct DemoPki {
    /// Trust anchor for [`crate::verify`].
    pub root: Certificate,
    /// Key of the root.
    pub root_key: SigningKey,
    /// Issues signer certificates.
    pub issuing: Certificate,
    /// Key of the issuing certificate.
    pub issuing_key: SigningKey,
    /// The merchant's signer.
    pub signer: Signer,
}

fn serial() -> Vec<u8> {
    // Positive, 16 bytes, no leading zero.
    let mut bytes: [u8; 16] = random::bytes();
    bytes[0] = bytes[0] & 0x3f | 0x40;
    bytes.to_vec()
}

/// Makes a demonstration chain for a merchant: the root and the issuing certificate valid for
/// 3,650 days, the signer's for 1,095, all from one day before `now`.
///
/// # Errors
/// When the organization's name cannot stand in a certificate.
pub fn demo_pki(organization: &str, now: Timestamp) -> Result<DemoPki> {
    let from = now.seconds() - DAY;
    let spec = |organization: &str, name: &str, days: i64, usage| CertificateSpec {
        subject: Name {
            country: "CN".to_owned(),
            organization: organization.to_owned(),
            common_name: name.to_owned(),
        },
        serial: serial(),
        not_before: from,
        not_after: from + days * DAY,
        usage,
    };
    let root_key = SigningKey::Sm2(Sm2SigningKey::generate());
    let issuing_key = SigningKey::Sm2(Sm2SigningKey::generate());
    let signer_key = Sm2SigningKey::generate();
    let root = self_signed(
        &root_key,
        &spec(
            "账房演示",
            "账房演示根证书 Zhangfang Demo Root",
            3650,
            Usage::Root,
        ),
    )?;
    let issuing = issue(
        &root,
        &root_key,
        &issuing_key.spki_der(),
        &spec(
            "账房演示",
            "账房演示签发证书 Zhangfang Demo Issuing",
            3650,
            Usage::Issuing,
        ),
    )?;
    let certificate = issue(
        &issuing,
        &issuing_key,
        &signer_key.public().to_spki_der(),
        &spec(
            organization,
            &format!("{organization}电子凭证章（演示）"),
            1095,
            Usage::Signer,
        ),
    )?;
    let signer = Signer::new(signer_key, vec![certificate, issuing.clone(), root.clone()])?;
    Ok(DemoPki {
        root,
        root_key,
        issuing,
        issuing_key,
        signer,
    })
}
