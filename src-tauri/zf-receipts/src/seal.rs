//! The red round seal, as vectors. The picture proves nothing; the signature does.

#![allow(
    clippy::float_arithmetic,
    clippy::cast_possible_truncation,
    reason = "angles of a drawing; no money here"
)]

use std::f64::consts::{FRAC_PI_2, TAU};

use crate::content::{StaticText, op};
use crate::font::Font;
use crate::layout::{RED, px, text_width};

/// Side of the seal's box, hundredths of a point.
pub(crate) const SIDE: i32 = px(184);

fn hundredths(value: f64) -> i32 {
    (value * 100.0).round() as i32
}

/// Writes a factor of a matrix with four decimals.
fn factor(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(format!("{value:.4} ").as_bytes());
}

fn circle(out: &mut Vec<u8>, x: f64, y: f64, radius: f64) {
    // Four Bézier arcs.
    let k = radius * 0.552_285;
    let points = [
        (x + radius, y + k, x + k, y + radius, x, y + radius),
        (x - k, y + radius, x - radius, y + k, x - radius, y),
        (x - radius, y - k, x - k, y - radius, x, y - radius),
        (x + k, y - radius, x + radius, y - k, x + radius, y),
    ];
    op(out, &[hundredths(x + radius), hundredths(y)], "m");
    for (a, b, c, d, e, f) in points {
        op(out, &[a, b, c, d, e, f].map(hundredths), "c");
    }
    op(out, &[], "s");
}

/// One character turned by `angle` with its foot's middle at (x, y).
fn turned(seal: &mut StaticText, font: &Font, c: char, size: f64, angle: f64, x: f64, y: f64) {
    let text = String::from(c);
    let half = f64::from(text_width(font, &text, hundredths(size))) / 200.0;
    let (sin, cos) = angle.sin_cos();
    op(&mut seal.out, &[], "BT");
    seal.out.extend_from_slice(b"/F1 ");
    op(&mut seal.out, &[hundredths(size)], "Tf");
    for value in [cos, sin, -sin, cos] {
        factor(&mut seal.out, value);
    }
    op(
        &mut seal.out,
        &[hundredths(x - cos * half), hundredths(y - sin * half)],
        "Tm",
    );
    seal.show(&text);
    op(&mut seal.out, &[], "ET");
}

fn centred(
    seal: &mut StaticText,
    font: &Font,
    text: &str,
    size: f64,
    spacing: f64,
    x: f64,
    y: f64,
) {
    let gaps = text.chars().count().saturating_sub(1) as f64;
    let width = f64::from(text_width(font, text, hundredths(size))) / 100.0 + gaps * spacing;
    op(&mut seal.out, &[], "BT");
    seal.out.extend_from_slice(b"/F1 ");
    op(&mut seal.out, &[hundredths(size)], "Tf");
    op(&mut seal.out, &[hundredths(spacing)], "Tc");
    op(
        &mut seal.out,
        &[hundredths(x - width / 2.0), hundredths(y)],
        "Td",
    );
    seal.show(text);
    op(&mut seal.out, &[], "ET");
}

/// Draws the seal of `name` into a box of [`SIDE`]; `purpose` says what it is for, `number` is printed
/// small at the foot.
pub(crate) fn draw(font: &Font, name: &str, purpose: &str, number: &str) -> StaticText {
    let mut seal = StaticText::default();
    let middle = f64::from(SIDE) / 200.0;
    let outer = middle - 1.2;
    let out = &mut seal.out;
    op(out, &[], "q");
    op(out, &RED, "RG");
    op(out, &RED, "rg");
    // The whole stands a little askew, as a stamp does.
    let tilt: f64 = 0.05;
    let (sin, cos) = tilt.sin_cos();
    for value in [cos, sin, -sin, cos] {
        factor(out, value);
    }
    op(
        out,
        &[
            hundredths(middle - cos * middle + sin * middle),
            hundredths(middle - sin * middle - cos * middle),
        ],
        "cm",
    );
    op(out, &[170], "w");
    circle(out, middle, middle, outer - 0.85);
    op(out, &[40], "w");
    circle(out, middle, middle, outer - 3.4);

    // Star: five points, inner radius of a regular pentagram.
    for corner in 0..10 {
        let radius = if corner % 2 == 0 {
            11.4
        } else {
            11.4 * 0.381_97
        };
        let angle = FRAC_PI_2 + TAU * f64::from(corner) / 10.0;
        let point = [
            hundredths(middle + radius * angle.cos()),
            hundredths(middle + 2.6 + radius * angle.sin()),
        ];
        op(out, &point, if corner == 0 { "m" } else { "l" });
    }
    op(out, &[], "f");

    // The name along the upper arc; a long one is set smaller and closer.
    let characters: Vec<char> = name.chars().take(40).collect();
    let count = characters.len() as f64;
    let radius = outer - 13.6;
    let sweep = (count * 0.34).min(TAU * 0.62);
    let step = if count > 1.0 {
        sweep / (count - 1.0)
    } else {
        0.0
    };
    let size = (step * radius * 0.92).clamp(3.2, 8.8);
    op(&mut seal.out, &[], "q");
    op(&mut seal.out, &[18], "w");
    seal.out.extend_from_slice(b"2 Tr\n");
    for (at, c) in characters.into_iter().enumerate() {
        let along = sweep / 2.0 - step * at as f64;
        let (x, y) = (
            middle + radius * (FRAC_PI_2 + along).cos(),
            middle + radius * (FRAC_PI_2 + along).sin(),
        );
        turned(&mut seal, font, c, size, along, x, y);
    }
    centred(&mut seal, font, purpose, 7.6, 0.5, middle, middle - 20.3);
    op(&mut seal.out, &[], "Q");
    centred(&mut seal, font, number, 4.6, 0.25, middle, middle - 29.4);
    op(&mut seal.out, &[], "Q");
    seal
}
