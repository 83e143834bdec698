//! A small sRGB profile (ICC 4.2, display), written out field by field: the output intent PDF/A
//! asks for.

/// s15Fixed16 numbers of the sRGB primaries, adapted to D50, and of its transfer curve.
/// Source: IEC 61966-2-1; ICC.1:2004-10 for the layout.
const XYZ_WHITE: [u32; 3] = [0xf6d6, 0x1_0000, 0xd32d];
const XYZ_RED: [u32; 3] = [0x6fa2, 0x38f5, 0x0390];
const XYZ_GREEN: [u32; 3] = [0x6299, 0xb785, 0x18da];
const XYZ_BLUE: [u32; 3] = [0x24a0, 0x0f84, 0xb6cf];
const ADAPTATION: [u32; 9] = [
    0x0001_0c42,
    0x0000_05de,
    0xffff_f325,
    0x0000_0793,
    0x0000_fd90,
    0xffff_fba2,
    0xffff_fda2,
    0x0000_03dc,
    0x0000_c06e,
];
const CURVE: [u32; 5] = [0x2_6666, 0xf2a7, 0x0d59, 0x13d0, 0x0a5b];

fn words(out: &mut Vec<u8>, values: &[u32]) {
    for value in values {
        out.extend_from_slice(&value.to_be_bytes());
    }
}

fn text(value: &str) -> Vec<u8> {
    let utf16: Vec<u8> = value.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut out = b"mluc\0\0\0\0".to_vec();
    words(&mut out, &[1, 12]);
    out.extend_from_slice(b"enUS");
    words(&mut out, &[u32::try_from(utf16.len()).unwrap_or(0), 28]);
    out.extend_from_slice(&utf16);
    out
}

fn numbers(kind: &[u8; 4], head: &[u8], values: &[u32]) -> Vec<u8> {
    let mut out = kind.to_vec();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(head);
    words(&mut out, values);
    out
}

/// The profile's bytes.
pub(crate) fn srgb() -> Vec<u8> {
    let curve = numbers(b"para", &[0, 3, 0, 0], &CURVE);
    let tags: [(&[u8; 4], Vec<u8>); 8] = [
        (b"desc", text("sRGB")),
        (b"cprt", text("Public domain")),
        (b"wtpt", numbers(b"XYZ ", &[], &XYZ_WHITE)),
        (b"chad", numbers(b"sf32", &[], &ADAPTATION)),
        (b"rXYZ", numbers(b"XYZ ", &[], &XYZ_RED)),
        (b"gXYZ", numbers(b"XYZ ", &[], &XYZ_GREEN)),
        (b"bXYZ", numbers(b"XYZ ", &[], &XYZ_BLUE)),
        (b"rTRC", curve),
    ];
    // The three curves share one element, as the format allows.
    let count = tags.len() + 2;
    let mut at = 128 + 4 + 12 * count;
    let mut table = Vec::new();
    let mut body = Vec::new();
    words(&mut table, &[u32::try_from(count).unwrap_or(0)]);
    for (tag, mut element) in tags {
        while element.len() % 4 != 0 {
            element.push(0);
        }
        let place = [
            u32::try_from(at).unwrap_or(0),
            u32::try_from(element.len()).unwrap_or(0),
        ];
        let names: &[&[u8; 4]] = if tag == b"rTRC" {
            &[b"rTRC", b"gTRC", b"bTRC"]
        } else {
            &[tag]
        };
        for name in names {
            table.extend_from_slice(*name);
            words(&mut table, &place);
        }
        at += element.len();
        body.extend_from_slice(&element);
    }
    let mut out = Vec::with_capacity(at);
    words(&mut out, &[u32::try_from(at).unwrap_or(0), 0, 0x0420_0000]);
    out.extend_from_slice(b"mntrRGB XYZ ");
    for part in [2026_u16, 1, 1, 0, 0, 0] {
        out.extend_from_slice(&part.to_be_bytes());
    }
    out.extend_from_slice(b"acsp");
    words(&mut out, &[0; 7]);
    // Illuminant D50.
    words(&mut out, &XYZ_WHITE);
    out.resize(128, 0);
    out.extend_from_slice(&table);
    out.extend_from_slice(&body);
    out
}
