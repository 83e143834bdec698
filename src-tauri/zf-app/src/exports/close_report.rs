//! The close report of a day: what it shows, as a workbook and as a signed PDF.
//!
//! Both are made from one list of pieces, and so is what the page shows before. What is open and what
//! was decided comes from the canonical text two people sign, so that a locked day reads as it was
//! signed, whatever happened to its differences later. A day that is not locked has a report too, and
//! every page of it says that it is not the last word.

use std::collections::BTreeMap;
use std::path::Path;

use rust_xlsxwriter::{Workbook, XlsxError};
use serde::Deserialize;
use zf_crypto::digest::{hex_lower, sha256};
use zf_domain::{Currency, Disposition, Money, ResolutionId, Timestamp, UserId};
use zf_receipts::{ReportBlock, ReportColumn, ReportData};
use zf_store::resolutions::{self as ledger, ResolutionRecord};

use super::sheet::{Cell, Formats, Negative, RowDigest, create_private, put, xlsx_error};
use super::words::word;
use crate::bills::blocking;
use crate::close::{self, Shown};
use crate::ctx::Ctx;
use crate::error::AppError;
use crate::facts;
use crate::faults::in_one;
use crate::receipts;
use crate::setup;
use crate::wire::{
    CloseReportAsk, CloseReportFile, CloseReportFormat, CloseReportRequest, CloseReportView,
    CloseStatus, Environment, ReportFact, ReportHead, ReportPart,
};

/// Rows of a table in the PDF; the workbook has them all.
const PDF_ROWS_MAX: usize = 1_000;
/// Rows of a table on the page.
const SHOWN_ROWS_MAX: usize = 100;

/// What the canonical text says of a difference.
#[derive(Deserialize)]
struct Signed {
    differences: Vec<SignedDifference>,
}

#[derive(Deserialize)]
struct SignedDifference {
    code: String,
    kind: String,
    number: String,
    gap_minor: i64,
    currency: String,
    channel_minor: Option<i64>,
    ledger_minor: Option<i64>,
    disposition: String,
    owner: Option<String>,
    due_date: Option<String>,
    note: Option<String>,
}

struct Column {
    title: &'static str,
    weight: u16,
    right: bool,
    sum: bool,
}

struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

struct Piece {
    heading: String,
    facts: Vec<(String, String)>,
    table: Option<Table>,
    note: Option<String>,
}

/// A report before it is written as anything.
struct Report {
    title: String,
    subtitle: String,
    number: String,
    merchant_name: String,
    demo: bool,
    digest: Option<String>,
    content: Option<String>,
    mark: Option<String>,
    english: bool,
    pieces: Vec<Piece>,
}

/// Names of people by their ids; a person who is gone is shown by the id.
struct People(BTreeMap<String, String>);

impl People {
    async fn load(ctx: &Ctx) -> Result<Self, AppError> {
        let rows: Vec<(String, String)> = sqlx::query_as("SELECT id, display_name FROM users")
            .fetch_all(ctx.app.store().pool())
            .await
            .map_err(zf_store::StoreError::from)?;
        Ok(Self(rows.into_iter().collect()))
    }

    fn name(&self, id: &str) -> String {
        self.0.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    fn of(&self, id: UserId) -> String {
        self.name(&id.to_string())
    }
}

fn column(title: &'static str, weight: u16) -> Column {
    Column {
        title,
        weight,
        right: false,
        sum: false,
    }
}

fn amount(title: &'static str, weight: u16) -> Column {
    Column {
        title,
        weight,
        right: true,
        sum: true,
    }
}

impl Report {
    async fn gather(ctx: &Ctx, asked: &CloseReportAsk) -> Result<Self, AppError> {
        let english = asked.english;
        let say = |zh: &'static str, en: &'static str| if english { en } else { zh };
        let shown = close::shown(ctx, asked.account_id, asked.date).await?;
        let people = People::load(ctx).await?;
        let entries = ledger::of_day(ctx.app.store().pool(), asked.account_id, asked.date).await?;
        let signed: Option<Signed> = match &shown.content {
            Some(content) => Some(serde_json::from_str(content).map_err(AppError::internal)?),
            None => None,
        };
        let Shown {
            view,
            content,
            locked_at,
        } = shown;
        let merchant = ctx
            .app
            .store()
            .meta("merchant_name")
            .await?
            .unwrap_or_default();
        let environment = setup::environment(&ctx.app).await?;
        let locked = view.status == CloseStatus::Closed;
        let mut facts = vec![
            (
                say("账户", "Account").to_owned(),
                format!(
                    "{} {}",
                    view.account.display_name, view.account.merchant_no_masked
                ),
            ),
            (
                say("业务日", "Business day").to_owned(),
                view.date.to_string(),
            ),
            (
                say("状态", "State").to_owned(),
                word("close", &facts::word(view.status), english),
            ),
            (
                say("锁账时间（UTC+08:00）", "Locked at (UTC+08:00)").to_owned(),
                locked_at.map_or_else(
                    || say("未锁", "not locked").to_owned(),
                    Timestamp::to_beijing,
                ),
            ),
            (
                say("制表（UTC+08:00）", "Made (UTC+08:00)").to_owned(),
                format!("{} {}", ctx.now.to_beijing(), ctx.actor_name()),
            ),
            (
                say("日结指纹 SM3", "Close digest SM3").to_owned(),
                view.digest
                    .clone()
                    .unwrap_or_else(|| say("还没有可签的内容", "nothing to sign yet").to_owned()),
            ),
        ];
        if let Some(environment) = environment.filter(|e| *e != Environment::Production) {
            let what = match environment {
                Environment::Demo => say("演示，虚构数据", "demo, invented data"),
                _ => say("沙箱，不是真实资金", "sandbox, no real money"),
            };
            facts.push((say("环境", "Environment").to_owned(), what.to_owned()));
        }
        let piece = |heading: String| Piece {
            heading,
            facts: Vec::new(),
            table: None,
            note: None,
        };
        let mut pieces = vec![Piece {
            facts,
            ..piece(say("概要", "Summary").to_owned())
        }];
        pieces.push(match &view.balance {
            None => Piece {
                note: Some(
                    say(
                        "资金账单还没有，或当日没有余额变动",
                        "the fund-flow bill is not there, or the balance did not move",
                    )
                    .to_owned(),
                ),
                ..piece(say("余额等式", "Balance").to_owned())
            },
            Some(b) => {
                let lines = [
                    (say("期初余额", "Opening"), b.opening),
                    (say("＋ 收款", "+ collected"), b.collected),
                    (say("－ 退款", "- refunded"), b.refunded),
                    (say("－ 手续费", "- fees"), b.fees),
                    (say("± 提现与其他", "± withdrawn and other"), b.other),
                    (say("＝ 期末余额", "= closing"), b.closing),
                ];
                Piece {
                    facts: lines
                        .into_iter()
                        .map(|(name, money)| (name.to_owned(), in_words(money)))
                        .collect(),
                    ..piece(say("余额等式", "Balance").to_owned())
                }
            }
        });
        let passed = view.checks.iter().filter(|c| c.passed).count();
        pieces.push(Piece {
            table: Some(Table {
                columns: vec![
                    column("#", 4),
                    column(say("检查项", "Check"), 17),
                    column(say("通过", "Passed"), 8),
                    column(say("数", "Figure"), 14),
                    column(say("依据", "Evidence"), 44),
                    column(say("时间（UTC+08:00）", "Time (UTC+08:00)"), 20),
                    column(say("谁", "Who"), 10),
                ],
                rows: view
                    .checks
                    .iter()
                    .zip(1_u64..)
                    .map(|(c, n)| {
                        let (zh, en) = close::check_name(c.kind);
                        vec![
                            Cell::Count(n),
                            Cell::text(say(zh, en)),
                            Cell::text(if c.passed {
                                say("是", "yes")
                            } else {
                                say("否", "no")
                            }),
                            Cell::text(in_one(&c.figure, english)),
                            Cell::text(in_one(&c.detail, english)),
                            Cell::time(c.checked_at),
                            Cell::text(c.checked_by.as_deref().unwrap_or(say("系统", "system"))),
                        ]
                    })
                    .collect(),
            }),
            ..piece(format!(
                "{} {passed} / {}",
                say("检查清单", "Checklist"),
                view.checks.len()
            ))
        });
        pieces.push(open_items(signed.as_ref(), &people, english));
        pieces.push(decided(&entries, &people, locked_at, english));
        let mut signatures = Vec::new();
        for (part, signature) in [
            (say("经办", "Maker"), &view.maker),
            (say("复核", "Checker"), &view.checker),
        ] {
            signatures.push(match signature {
                Some(s) => vec![
                    Cell::text(part),
                    Cell::text(&s.person),
                    Cell::Time(s.at),
                    Cell::Id(s.digest.clone()),
                    Cell::text(&s.note),
                ],
                None => vec![
                    Cell::text(part),
                    Cell::text(say("未签", "not signed")),
                    Cell::Empty,
                    Cell::Empty,
                    Cell::Empty,
                ],
            });
        }
        for before in &view.closed_before {
            signatures.push(vec![
                Cell::text(format!(
                    "{} {}",
                    say("曾锁", "Closed before"),
                    before.version
                )),
                Cell::text(format!("{} / {}", before.maker, before.checker)),
                Cell::Time(before.locked_at),
                Cell::Id(before.digest.clone()),
                Cell::text(format!(
                    "{}：{}（{} → {}）",
                    say("重开", "reopened"),
                    before.reason,
                    before.requested_by,
                    before.reopened_by
                )),
            ]);
        }
        pieces.push(Piece {
            table: Some(Table {
                columns: vec![
                    column(say("签署", "Part"), 10),
                    column(say("谁", "Who"), 14),
                    column(say("时间（UTC+08:00）", "Time (UTC+08:00)"), 20),
                    column(say("签的指纹 SM3", "Digest signed, SM3"), 42),
                    column(say("备注", "Note"), 24),
                ],
                rows: signatures,
            }),
            ..piece(say("签署", "Signatures").to_owned())
        });
        Ok(Self {
            title: say("日结报告", "Day close report").to_owned(),
            subtitle: format!(
                "{} · {} {} · {}",
                view.date, view.account.display_name, view.account.merchant_no_masked, merchant
            ),
            number: format!("{} {}", view.date, view.account.merchant_no_masked),
            merchant_name: merchant,
            demo: environment == Some(Environment::Demo),
            digest: view.digest,
            content,
            mark: (!locked).then(|| say("预览 · 未锁账", "PREVIEW · NOT LOCKED").to_owned()),
            english,
            pieces,
        })
    }
}

/// An amount as the report shows it.
fn in_words(money: Money) -> String {
    format!("{} {}", money.to_decimal(), money.currency.code())
}

/// What nobody has settled when the text was written.
fn open_items(signed: Option<&Signed>, people: &People, english: bool) -> Piece {
    let say = |zh: &'static str, en: &'static str| if english { en } else { zh };
    let open: Vec<&SignedDifference> = signed
        .map_or(&[][..], |s| &s.differences)
        .iter()
        .filter(|d| Disposition::parse(&d.disposition).is_none_or(Disposition::is_unsettled))
        .collect();
    let rows = open
        .iter()
        .map(|d| {
            let currency = Currency::parse(&d.currency).unwrap_or(Currency::Cny);
            let money = |minor: Option<i64>| {
                minor.map_or(Cell::Empty, |minor| {
                    Cell::Amount(Money::new(minor, currency))
                })
            };
            let handling = match d.disposition.as_str() {
                "open" => word("difference", "broken", english),
                other => word("difference", other, english),
            };
            vec![
                Cell::text(word("code", &d.code, english)),
                Cell::text(word("entry", &d.kind, english)),
                Cell::Id(d.number.clone()),
                Cell::text(&d.currency),
                money(d.channel_minor),
                money(d.ledger_minor),
                money(Some(d.gap_minor)),
                Cell::text(handling),
                Cell::maybe(d.owner.as_deref().map(|id| people.name(id))),
                Cell::maybe(d.due_date.clone()),
                Cell::maybe(d.note.clone()),
            ]
        })
        .collect();
    Piece {
        heading: format!("{} {}", say("未清项", "Open items"), open.len()),
        facts: Vec::new(),
        note: match (signed, open.len()) {
            (None, _) => Some(say("还没有对账", "not reconciled yet").to_owned()),
            (_, 0) => Some(say("没有未清项", "nothing is open").to_owned()),
            _ => None,
        },
        table: Some(Table {
            columns: vec![
                column(say("差异", "Difference"), 18),
                column(say("类型", "Kind"), 8),
                column(say("单号", "Number"), 34),
                column(say("币种", "Currency"), 9),
                Column {
                    sum: false,
                    ..amount(say("渠道", "Channel"), 13)
                },
                Column {
                    sum: false,
                    ..amount(say("我方", "Ours"), 13)
                },
                amount(say("渠道减我方", "Channel less ours"), 14),
                column(say("处理", "Handling"), 13),
                column(say("负责人", "Owner"), 12),
                column(say("期限", "Due"), 15),
                column(say("说明", "Note"), 22),
            ],
            rows,
        }),
    }
}

/// Everything done about the day's differences. What came after the lock is said to.
fn decided(
    entries: &[ResolutionRecord],
    people: &People,
    locked_at: Option<Timestamp>,
    english: bool,
) -> Piece {
    let say = |zh: &'static str, en: &'static str| if english { en } else { zh };
    let short = |id: ResolutionId| id.to_string();
    let mut late = 0_u64;
    let rows: Vec<Vec<Cell>> = entries
        .iter()
        .map(|e| {
            if locked_at.is_some_and(|at| e.proposed_at > at) {
                late += 1;
            }
            let kind = word("resolution", e.kind.as_str(), english);
            vec![
                Cell::Time(e.proposed_at),
                Cell::text(match e.reverses {
                    Some(_) => format!("{} {kind}", say("冲回", "reversal of")),
                    None => kind,
                }),
                Cell::Id(e.number.clone()),
                Cell::currency(e.amount.currency),
                Cell::Amount(e.amount),
                Cell::text(word("resolution", e.state.as_str(), english)),
                Cell::text(people.of(e.proposed_by)),
                Cell::maybe(e.decision.as_ref().map(|(by, ..)| people.of(*by))),
                Cell::text(&e.reason),
                Cell::Id(short(e.id)),
            ]
        })
        .collect();
    Piece {
        heading: format!("{} {}", say("处理记录", "Resolutions"), entries.len()),
        facts: Vec::new(),
        note: if entries.is_empty() {
            Some(say("没有处理记录", "nothing was recorded").to_owned())
        } else if late > 0 {
            Some(if english {
                format!(
                    "{late} of them were recorded after the day was locked and are not part of what was signed"
                )
            } else {
                format!("其中 {late} 条在锁账之后记录，不在签署的内容里")
            })
        } else {
            None
        },
        table: Some(Table {
            columns: vec![
                column(say("时间（UTC+08:00）", "Time (UTC+08:00)"), 20),
                column(say("做法", "What"), 12),
                column(say("单号", "Number"), 34),
                column(say("币种", "Currency"), 9),
                amount(say("金额", "Amount"), 13),
                column(say("状态", "State"), 11),
                column(say("提出", "Proposed by"), 11),
                column(say("复核", "Decided by"), 11),
                column(say("理由", "Reason"), 22),
                column(say("记录号", "Entry"), 20),
            ],
            rows,
        }),
    }
}

pub(crate) async fn preview(
    ctx: &Ctx,
    params: CloseReportAsk,
) -> Result<CloseReportView, AppError> {
    let report = Report::gather(ctx, &params).await?;
    Ok(CloseReportView {
        title: report.title,
        subtitle: report.subtitle,
        digest: report.digest,
        last_word: report.mark.is_none(),
        mark: report.mark,
        parts: report
            .pieces
            .into_iter()
            .map(|piece| {
                let (columns, rows) = piece
                    .table
                    .map_or_else(Default::default, |t| (t.columns, t.rows));
                ReportPart {
                    heading: piece.heading,
                    facts: piece
                        .facts
                        .into_iter()
                        .map(|(name, value)| ReportFact { name, value })
                        .collect(),
                    columns: columns
                        .into_iter()
                        .map(|c| ReportHead {
                            title: c.title.to_owned(),
                            right: c.right,
                        })
                        .collect(),
                    rows_in_all: rows.len() as u64,
                    rows: rows
                        .iter()
                        .take(SHOWN_ROWS_MAX)
                        .map(|row| row.iter().map(|cell| cell.plain().into_owned()).collect())
                        .collect(),
                    note: piece.note,
                }
            })
            .collect(),
    })
}

/// The report as pages.
fn pages(report: &Report, made_at: Timestamp) -> ReportData {
    let mut blocks = Vec::new();
    for piece in &report.pieces {
        blocks.push(ReportBlock::Heading {
            text: piece.heading.clone(),
        });
        if !piece.facts.is_empty() {
            blocks.push(ReportBlock::Facts {
                facts: piece.facts.clone(),
            });
        }
        if let Some(note) = &piece.note {
            blocks.push(ReportBlock::Note { text: note.clone() });
        }
        let Some(table) = piece.table.as_ref().filter(|t| !t.rows.is_empty()) else {
            continue;
        };
        blocks.push(ReportBlock::Table {
            columns: table
                .columns
                .iter()
                .map(|c| ReportColumn {
                    title: c.title.to_owned(),
                    weight: c.weight,
                    right: c.right,
                })
                .collect(),
            rows: table
                .rows
                .iter()
                .take(PDF_ROWS_MAX)
                .map(|row| row.iter().map(|cell| cell.plain().into_owned()).collect())
                .collect(),
        });
        let more = table.rows.len().saturating_sub(PDF_ROWS_MAX);
        if more > 0 {
            let sums: Vec<String> = sums(table).into_iter().map(in_words).collect();
            blocks.push(ReportBlock::Note {
                text: if report.english {
                    format!(
                        "{more} more rows stand in the workbook of this report; all {} sum to {}",
                        table.rows.len(),
                        sums.join(", ")
                    )
                } else {
                    format!(
                        "其余 {more} 行见本报告的 XLSX；全部 {} 行合计 {}",
                        table.rows.len(),
                        sums.join("、")
                    )
                },
            });
        }
    }
    ReportData {
        title: report.title.clone(),
        subtitle: report.subtitle.clone(),
        number: report.number.clone(),
        merchant_name: report.merchant_name.clone(),
        digest_label: if report.english {
            "Close digest SM3".to_owned()
        } else {
            "日结指纹 SM3".to_owned()
        },
        digest: report.digest.clone(),
        content: report.content.clone(),
        mark: report.mark.clone(),
        demo: report.demo,
        made_at,
        blocks,
    }
}

/// The sums of a table's last summed column, one a currency.
fn sums(table: &Table) -> Vec<Money> {
    let mut all: BTreeMap<Currency, i64> = BTreeMap::new();
    let Some(at) = table.columns.iter().rposition(|c| c.sum) else {
        return Vec::new();
    };
    for row in &table.rows {
        if let Some(Cell::Amount(money)) = row.get(at) {
            let sum = all.entry(money.currency).or_default();
            *sum = sum.saturating_add(money.minor);
        }
    }
    all.into_iter()
        .map(|(currency, minor)| Money::new(minor, currency))
        .collect()
}

/// The report as a workbook: a sheet a piece; each table ends with its count, its sums and the SHA-256 of
/// its rows.
fn workbook(report: &Report, path: &Path) -> Result<(), AppError> {
    let failed = |e: XlsxError| xlsx_error(path, e);
    let say = |zh: &'static str, en: &'static str| if report.english { en } else { zh };
    let formats = Formats::new(Negative::Minus);
    let mut book = Workbook::new();
    // Rows wait in a file beside the target, never in memory.
    book.set_tempdir(path.parent().unwrap_or_else(|| Path::new(".")))
        .map_err(failed)?;
    let (summary, tables): (Vec<&Piece>, Vec<&Piece>) =
        report.pieces.iter().partition(|p| p.table.is_none());
    let write = || -> Result<(), XlsxError> {
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name(say("概要", "Summary"))?;
        sheet.set_column_width(0, 26)?;
        sheet.set_column_width(1, 70)?;
        let mut at = 0;
        let mut line = |cells: [&str; 2], head: bool| -> Result<(), XlsxError> {
            for (column, cell) in (0_u16..).zip(cells) {
                if head {
                    sheet.write_string_with_format(at, column, cell, &formats.head)?;
                } else {
                    sheet.write_string(at, column, cell)?;
                }
            }
            at += 1;
            Ok(())
        };
        line([&report.title, &report.subtitle], true)?;
        if let Some(mark) = &report.mark {
            line([mark, ""], true)?;
        }
        for piece in summary {
            line(["", ""], false)?;
            line([&piece.heading, ""], true)?;
            for (name, value) in &piece.facts {
                line([name, value], false)?;
            }
            if let Some(note) = &piece.note {
                line([note, ""], false)?;
            }
        }
        line(["", ""], false)?;
        line(
            [
                say("时区", "Time zone"),
                say("时间均为北京时间 UTC+08:00", "all times Beijing, UTC+08:00"),
            ],
            false,
        )?;
        for piece in tables {
            let Some(table) = &piece.table else { continue };
            // A sheet is named without its count: names stay the same from day to day.
            let name: String = piece
                .heading
                .trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '/'))
                .chars()
                .take(31)
                .collect();
            let sheet = book.add_worksheet_with_constant_memory()?;
            sheet.set_name(name)?;
            sheet.set_freeze_panes(1, 0)?;
            for (column, of) in (0_u16..).zip(&table.columns) {
                sheet.set_column_width(column, f64::from(of.weight.max(8)))?;
                sheet.write_string_with_format(0, column, of.title, &formats.head)?;
            }
            let mut digest = RowDigest::new();
            let mut at = 1;
            for row in &table.rows {
                digest.take(row);
                for (column, cell) in (0_u16..).zip(row) {
                    put(sheet, at, column, cell, &formats)?;
                }
                at += 1;
            }
            at += 1;
            let mut last = |name: &str, value: &str| -> Result<(), XlsxError> {
                sheet.write_string_with_format(at, 0, name, &formats.head)?;
                sheet.write_string(at, 1, value)?;
                at += 1;
                Ok(())
            };
            if let Some(note) = &piece.note {
                last(note, "")?;
            }
            last(say("行数", "Rows"), &table.rows.len().to_string())?;
            for sum in sums(table) {
                last(say("合计", "Sum"), &in_words(sum))?;
            }
            last(
                say(
                    "各行内容 SHA-256（格间制表符，行尾换行）",
                    "SHA-256 of the rows (tab between cells, line feed after each row)",
                ),
                &digest.finish(),
            )?;
            last(
                say("日结指纹 SM3", "Close digest SM3"),
                report.digest.as_deref().unwrap_or("—"),
            )?;
        }
        Ok(())
    };
    write().map_err(failed)?;
    let file = create_private(path)?;
    book.save_to_writer(file).map_err(failed)
}

/// Writes the report of a day as it stands, locked or not.
pub(crate) async fn write(
    ctx: &Ctx,
    params: CloseReportRequest,
) -> Result<CloseReportFile, AppError> {
    let asked = CloseReportAsk {
        account_id: params.account_id,
        date: params.date,
        english: params.english,
    };
    let report = Report::gather(ctx, &asked).await?;
    let (digest, last_word) = (report.digest.clone(), report.mark.is_none());
    let path = ctx.app.files().scratch();
    let target = path.clone();
    let (pages, bytes) = match params.format {
        CloseReportFormat::Pdf => {
            let template = receipts::template(ctx).await?;
            let roots = receipts::trusted_roots(&ctx.app).await?;
            let now = ctx.now;
            blocking(move || {
                let made = template
                    .report(&pages(&report, now), now)
                    .map_err(receipts::told)?;
                // Nothing leaves that the verifier would not accept.
                let verdict = zf_receipts::verify(&made.bytes, &roots, None);
                if !verdict.valid {
                    return Err(AppError::internal(verdict.sentence_en()));
                }
                crate::files::write_private(&target, &made.bytes)?;
                Ok((u32::try_from(made.pages).ok(), made.bytes))
            })
            .await?
        }
        CloseReportFormat::Xlsx => {
            blocking(move || {
                workbook(&report, &target)?;
                let bytes =
                    std::fs::read(&target).map_err(|e| crate::files::io_error(&target, &e))?;
                Ok((None, bytes))
            })
            .await?
        }
    };
    let printed = hex_lower(&sha256(&bytes));
    let mut tx = ctx.app.store().begin().await?;
    let mut entry = ctx.audit(
        "close.report",
        "day",
        &format!("{} {}", params.account_id, params.date),
    );
    entry.before_digest.clone_from(&digest);
    entry.after_digest = Some(printed.clone());
    tx.audit(entry).await?;
    tx.commit().await?;
    let draft = if last_word { "" } else { "-preview" };
    let name = format!(
        "day-close-{}{draft}.{}",
        params.date,
        facts::word(params.format)
    );
    Ok(CloseReportFile {
        file: ctx.app.files().register(&path, &name)?,
        sha256: printed,
        digest,
        last_word,
        pages,
    })
}
