//! The QR code as a one-bit image.

use fast_qr::{ECL, Mask, Mode, QRBuilder, Version};

use crate::error::{Error, Result};

/// A symbol: `size` modules a side, rows padded to whole bytes, a set bit is white (DeviceGray).
pub(crate) struct Symbol {
    pub(crate) size: u32,
    pub(crate) rows: Vec<u8>,
}

/// Level M in byte mode with a fixed mask. Versions are chosen by length among five, so that
/// payloads of one kind look alike. Capacities: ISO/IEC 18004, table 7.
pub(crate) fn symbol(payload: &str) -> Result<Symbol> {
    let version = match payload.len() {
        0 => {
            return Err(Error::Empty {
                field: "二维码 (QR code)",
            });
        }
        1..=62 => Version::V04,
        63..=84 => Version::V05,
        85..=106 => Version::V06,
        107..=122 => Version::V07,
        123..=152 => Version::V08,
        length => {
            return Err(Error::TooLong {
                field: "二维码 (QR code)",
                length,
            });
        }
    };
    let code = QRBuilder::new(payload.as_bytes())
        .mode(Mode::Byte)
        .ecl(ECL::M)
        .version(version)
        .mask(Mask::Checkerboard)
        .build()
        .map_err(|_| Error::Internal("drawing the QR code"))?;
    let stride = code.size.div_ceil(8);
    let mut rows = vec![0_u8; stride * code.size];
    for y in 0..code.size {
        for (x, module) in code[y].iter().enumerate() {
            if !module.value() {
                rows[y * stride + x / 8] |= 0x80 >> (x % 8);
            }
        }
    }
    Ok(Symbol {
        size: u32::try_from(code.size).unwrap_or(0),
        rows,
    })
}
