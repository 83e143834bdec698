//! Writes a trade bill and books of many rows with planted differences, for measuring:
//! `cargo run -p zf-sandbox --example big_pair -- FOLDER ROWS`.

#![allow(clippy::print_stdout, reason = "an example speaks to the terminal")]

use std::path::PathBuf;

use zf_sandbox::{PlantCounts, write_big_pair};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().ok_or("give a folder")?);
    let rows = args.next().ok_or("give a number of rows")?.parse()?;
    let planted = PlantCounts {
        missing_in_ledger: 50,
        missing_in_channel: 40,
        amount_mismatch: 30,
        status_mismatch: 20,
        duplicate_in_ledger: 10,
        duplicate_in_channel: 5,
    };
    std::fs::create_dir_all(&folder)?;
    let (bill, books) = (folder.join("bill.csv"), folder.join("books.csv"));
    let pair = write_big_pair(&bill, &books, rows, 1, &planted)?;
    println!(
        "{} rows in {}, {} rows in {}, {} matched, planted {:?}",
        pair.bill_rows,
        bill.display(),
        pair.ledger_rows,
        books.display(),
        pair.matched,
        pair.planted
    );
    Ok(())
}
