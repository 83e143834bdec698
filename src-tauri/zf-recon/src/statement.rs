//! A bank's statement from CSV, as banks write it: any of the usual header names, a few lines before
//! the header, UTF-8, UTF-16 or GBK.
//!
//! A row that cannot be read is named by line and column and does not stop the rest. Amounts become
//! minor units of the account's currency: credits positive, debits negative.

use encoding_rs::Encoding;
use zf_domain::{BusinessDate, Currency, Money};

/// The header is looked for in so many lines.
const HEADER_LINES_MAX: usize = 40;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StatementField {
    /// The day it was booked.
    Day,
    /// Money in.
    Credit,
    /// Money out.
    Debit,
    /// Money in or out, by its sign or by a direction column.
    Amount,
    /// Which way the amount went.
    Direction,
    /// The account after it.
    Balance,
    /// The bank's number of the booking.
    Serial,
    /// What it is for; several columns may say it.
    Text,
    /// Who paid or was paid.
    Counterparty,
}

impl StatementField {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Credit => "credit",
            Self::Debit => "debit",
            Self::Amount => "amount",
            Self::Direction => "direction",
            Self::Balance => "balance",
            Self::Serial => "serial",
            Self::Text => "text",
            Self::Counterparty => "counterparty",
        }
    }
}

/// Header names by what they hold, without spaces and what stands in brackets, lower case.
const NAMES: &[(StatementField, &[&str])] = &[
    (
        StatementField::Day,
        &[
            "交易日期",
            "日期",
            "记账日期",
            "入账日期",
            "交易时间",
            "记账时间",
            "入账时间",
            "发生日期",
            "交易日",
            "记账日",
            "date",
            "transactiondate",
            "bookingdate",
            "valuedate",
        ],
    ),
    (
        StatementField::Credit,
        &[
            "贷方",
            "贷方金额",
            "贷方发生额",
            "收入",
            "收入金额",
            "存入",
            "存入金额",
            "转入金额",
            "收方金额",
            "credit",
            "creditamount",
            "deposit",
        ],
    ),
    (
        StatementField::Debit,
        &[
            "借方",
            "借方金额",
            "借方发生额",
            "支出",
            "支出金额",
            "支取",
            "支取金额",
            "转出金额",
            "付方金额",
            "debit",
            "debitamount",
            "withdrawal",
        ],
    ),
    (
        StatementField::Amount,
        &["金额", "交易金额", "发生额", "发生金额", "amount"],
    ),
    (
        StatementField::Direction,
        &[
            "借贷标志",
            "借贷",
            "借/贷",
            "收支",
            "收/支",
            "收支方向",
            "收支类型",
            "交易方向",
            "借贷方向",
            "direction",
            "dc",
        ],
    ),
    (
        StatementField::Balance,
        &[
            "余额",
            "账户余额",
            "当前余额",
            "本次余额",
            "交易余额",
            "联机余额",
            "balance",
        ],
    ),
    (
        StatementField::Serial,
        &[
            "流水号",
            "交易流水号",
            "银行流水号",
            "参考号",
            "交易参考号",
            "业务参考号",
            "凭证号",
            "凭证号码",
            "业务流水号",
            "交易序号",
            "serial",
            "serialno",
            "reference",
            "referenceno",
        ],
    ),
    (
        StatementField::Text,
        &[
            "摘要",
            "交易摘要",
            "用途",
            "附言",
            "备注",
            "说明",
            "交易说明",
            "摘要说明",
            "text",
            "purpose",
            "description",
            "memo",
            "remark",
            "summary",
        ],
    ),
    (
        StatementField::Counterparty,
        &[
            "对方户名",
            "对方名称",
            "对方账户名称",
            "对方账户名",
            "对手户名",
            "对方单位",
            "对方单位名称",
            "收(付)方名称",
            "收付款人名称",
            "付款人名称",
            "付款方名称",
            "对方",
            "counterparty",
            "payer",
        ],
    ),
];

/// Rows that sum up rather than book.
const SUMMARIES: &[&str] = &[
    "合计", "总计", "小计", "本页", "累计", "total", "笔数", "期初", "期末", "承前",
];

/// One booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRow {
    /// Line in the file, from 1.
    pub line_no: u64,
    /// When it was booked.
    pub day: BusinessDate,
    /// Positive came in, negative went out; minor units.
    pub minor: i64,
    /// The account after it, when the file says.
    pub balance_minor: Option<i64>,
    /// The bank's number; empty when the file has none.
    pub serial_no: String,
    /// What it is for.
    pub text: String,
    /// Who paid or was paid.
    pub counterparty: String,
}

/// What is wrong with a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatementProblem {
    /// Not a date.
    Date,
    /// Not an amount.
    Amount,
    /// Money in and out on one line, or neither.
    TwoAmounts,
    /// No amount at all.
    NoAmount,
    /// Neither in nor out.
    Direction,
    /// Not a balance.
    Balance,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementFault {
    /// Line in the file, from 1.
    pub line_no: u64,
    /// The column's name in the file.
    pub column: String,
    /// What stands there, at most 80 characters.
    pub text: String,
    /// What is wrong.
    pub problem: StatementProblem,
}

/// A file that cannot be read as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// A spreadsheet, an archive or a PDF.
    #[error("the file is {0}, not CSV text")]
    NotText(&'static str),
    /// Neither UTF-8, UTF-16 nor GBK.
    #[error("the file is neither UTF-8 nor GBK text; byte {0} cannot be read")]
    Encoding(usize),
    /// No line names a date and an amount.
    #[error("no line of the first {HEADER_LINES_MAX} names the columns; missing: {}", .missing.join(", "))]
    Header {
        /// What the likeliest line lacks.
        missing: Vec<&'static str>,
        /// The line that comes closest, from 1.
        line_no: u64,
    },
    /// Two columns say the same.
    #[error("line {line_no}: two columns hold the {field}")]
    ColumnTwice {
        /// The header's line.
        line_no: u64,
        /// Which.
        field: &'static str,
    },
}

/// A statement as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `utf-8`, `utf-16` or `gbk`.
    pub encoding: &'static str,
    /// The header's line, from 1.
    pub header_line: u64,
    /// Which columns were understood, by their name in the file.
    pub columns: Vec<(StatementField, String)>,
    /// Bookings, in file order.
    pub rows: Vec<StatementRow>,
    /// Rows that could not be read.
    pub faults: Vec<StatementFault>,
}

/// Reads a statement of an account in `currency`.
///
/// # Errors
/// When the file as a whole cannot be read; nothing of it is used then.
pub fn read(bytes: &[u8], currency: Currency) -> Result<Statement, StatementError> {
    let (text, encoding) = decode(bytes)?;
    let lines: Vec<&str> = text.lines().take(HEADER_LINES_MAX).collect();
    if lines.iter().all(|line| line.trim().is_empty()) {
        return Err(StatementError::Empty);
    }
    let header = find_header(&lines)?;
    // The reader starts at the header, so that its line numbers are moved by what stands before.
    let begin: usize = text
        .split_inclusive('\n')
        .take(header.at)
        .map(str::len)
        .sum();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(header.delimiter)
        .from_reader(&text.as_bytes()[begin..]);
    let mut found = Statement {
        encoding,
        header_line: header.at as u64 + 1,
        columns: header
            .columns
            .iter()
            .map(|(field, at)| (*field, header.names[*at].clone()))
            .collect(),
        rows: Vec::new(),
        faults: Vec::new(),
    };
    let mut record = csv::StringRecord::new();
    // Empty lines are skipped by the reader before a record, and count all the same.
    let body = &text.as_bytes()[begin..];
    let (mut counted_to, mut line_no) = (0, header.at as u64 + 1);
    let mut first = true;
    while let Ok(true) = reader.read_record(&mut record) {
        if std::mem::take(&mut first) {
            continue;
        }
        let mut starts = record
            .position()
            .map_or(0, |at| usize::try_from(at.byte()).unwrap_or(usize::MAX))
            .min(body.len());
        while body.get(starts).is_some_and(|b| matches!(b, b'\n' | b'\r')) {
            starts += 1;
        }
        let passed = &body[counted_to.min(starts)..starts];
        line_no += passed.iter().filter(|b| **b == b'\n').count() as u64;
        counted_to = starts;
        let cells: Vec<String> = record.iter().map(cleaned).collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        match row(&cells, &header, line_no, currency) {
            Ok(Some(row)) => found.rows.push(row),
            Ok(None) => {}
            Err(fault) => found.faults.push(fault),
        }
    }
    Ok(found)
}

fn decode(bytes: &[u8]) -> Result<(String, &'static str), StatementError> {
    for (head, what) in [
        (&b"PK\x03\x04"[..], "a spreadsheet or an archive"),
        (&b"\xd0\xcf\x11\xe0"[..], "an old spreadsheet"),
        (&b"%PDF"[..], "a PDF"),
        (&b"\x1f\x8b"[..], "an archive"),
    ] {
        if bytes.starts_with(head) {
            return Err(StatementError::NotText(what));
        }
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, failed) = encoding.decode_without_bom_handling(&bytes[mark..]);
        let name = if encoding == encoding_rs::UTF_8 {
            "utf-8"
        } else {
            "utf-16"
        };
        return if failed {
            Err(StatementError::Encoding(mark))
        } else {
            Ok((text.into_owned(), name))
        };
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((text.to_owned(), "utf-8")),
        Err(at) => {
            // GB18030 holds all of GBK.
            let (text, failed) = encoding_rs::GB18030.decode_without_bom_handling(bytes);
            if failed || text.contains('\0') {
                return Err(StatementError::Encoding(at.valid_up_to()));
            }
            Ok((text.into_owned(), "gbk"))
        }
    }
}

struct Header {
    /// Lines before it.
    at: usize,
    delimiter: u8,
    names: Vec<String>,
    columns: Vec<(StatementField, usize)>,
}

impl Header {
    fn at(&self, field: StatementField) -> Option<usize> {
        self.columns
            .iter()
            .find(|(f, _)| *f == field)
            .map(|(_, at)| *at)
    }

    fn missing(&self) -> Vec<&'static str> {
        let has = |field| self.at(field).is_some();
        let mut missing = Vec::new();
        if !has(StatementField::Day) {
            missing.push(StatementField::Day.as_str());
        }
        if !has(StatementField::Credit) && !has(StatementField::Amount) {
            missing.push(StatementField::Credit.as_str());
        }
        missing
    }
}

fn find_header(lines: &[&str]) -> Result<Header, StatementError> {
    let mut closest: Option<Header> = None;
    for (at, line) in lines.iter().enumerate() {
        let delimiter = [b',', b'\t', b';', b'|']
            .into_iter()
            .max_by_key(|d| (line.bytes().filter(|b| b == d).count(), u8::MAX - d))
            .unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .delimiter(delimiter)
            .from_reader(line.as_bytes());
        let Some(Ok(record)) = reader.records().next() else {
            continue;
        };
        let names: Vec<String> = record.iter().map(cleaned).collect();
        let columns: Vec<(StatementField, usize)> = names
            .iter()
            .enumerate()
            .filter_map(|(at, name)| Some((field_of(name)?, at)))
            .collect();
        let header = Header {
            at,
            delimiter,
            names,
            columns,
        };
        if header.missing().is_empty() {
            for (n, (field, _)) in header.columns.iter().enumerate() {
                // The first of two dates or balances counts; amounts must not be guessed.
                let twice = matches!(
                    field,
                    StatementField::Credit | StatementField::Debit | StatementField::Amount
                ) && header.columns[..n].iter().any(|(f, _)| f == field);
                if twice {
                    return Err(StatementError::ColumnTwice {
                        line_no: at as u64 + 1,
                        field: field.as_str(),
                    });
                }
            }
            return Ok(header);
        }
        if closest
            .as_ref()
            .is_none_or(|c| header.columns.len() > c.columns.len())
        {
            closest = Some(header);
        }
    }
    let closest = closest.filter(|c| !c.columns.is_empty());
    Err(StatementError::Header {
        missing: closest
            .as_ref()
            .map_or_else(|| vec!["day", "credit"], Header::missing),
        line_no: closest.map_or(1, |c| c.at as u64 + 1),
    })
}

/// A header name without what banks hang on it: spaces, the unit in brackets, full-width signs.
fn field_of(name: &str) -> Option<StatementField> {
    let plain: String = name
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '_')
        .map(|c| match c {
            '（' => '(',
            '）' => ')',
            other => other.to_ascii_lowercase(),
        })
        .collect();
    let bare = plain
        .rsplit_once('(')
        .filter(|(head, tail)| !head.is_empty() && tail.ends_with(')'))
        .map_or(plain.as_str(), |(head, _)| head);
    NAMES
        .iter()
        .find(|(_, names)| names.contains(&plain.as_str()) || names.contains(&bare))
        .map(|(field, _)| *field)
}

/// A cell without the marks that keep a spreadsheet from reading it as a number.
fn cleaned(cell: &str) -> String {
    let cell = cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let cell = cell
        .strip_prefix("=\"")
        .and_then(|c| c.strip_suffix('"'))
        .unwrap_or(cell);
    cell.trim_start_matches(['\'', '`']).trim().to_owned()
}

fn row(
    cells: &[String],
    header: &Header,
    line_no: u64,
    currency: Currency,
) -> Result<Option<StatementRow>, StatementFault> {
    let cell = |field| {
        header
            .at(field)
            .and_then(|at| cells.get(at))
            .map_or("", String::as_str)
    };
    let fault = |field, problem| {
        let column = header
            .at(field)
            .map_or_else(String::new, |at| header.names[at].clone());
        StatementFault {
            line_no,
            column,
            text: cell(field).chars().take(80).collect(),
            problem,
        }
    };
    let sums_up = cells.iter().take(3).any(|c| {
        let plain = c.to_ascii_lowercase();
        SUMMARIES.iter().any(|word| plain.starts_with(word))
    });
    let Some(day) = day(cell(StatementField::Day)) else {
        return if sums_up {
            Ok(None)
        } else {
            Err(fault(StatementField::Day, StatementProblem::Date))
        };
    };
    let money = |field, problem| match amount(cell(field), currency) {
        Ok(minor) => Ok(minor),
        Err(()) => Err(fault(field, problem)),
    };
    let (credit, debit) = (
        money(StatementField::Credit, StatementProblem::Amount)?,
        money(StatementField::Debit, StatementProblem::Amount)?,
    );
    let plain = money(StatementField::Amount, StatementProblem::Amount)?;
    let minor = match (credit.unwrap_or(0), debit.unwrap_or(0)) {
        (0, 0) => match plain {
            Some(minor) => match direction(cell(StatementField::Direction)) {
                Some(true) => minor.abs(),
                Some(false) => -minor.abs(),
                None if header.at(StatementField::Direction).is_some() => {
                    return Err(fault(
                        StatementField::Direction,
                        StatementProblem::Direction,
                    ));
                }
                None => minor,
            },
            None if credit.is_some() || debit.is_some() => return Ok(None),
            None => {
                let field = if header.at(StatementField::Credit).is_some() {
                    StatementField::Credit
                } else {
                    StatementField::Amount
                };
                return Err(fault(field, StatementProblem::NoAmount));
            }
        },
        // A reversed booking is a negative amount in its own column.
        (credit, 0) => credit,
        (0, debit) => -debit,
        _ => return Err(fault(StatementField::Credit, StatementProblem::TwoAmounts)),
    };
    let texts: Vec<&str> = header
        .columns
        .iter()
        .filter(|(field, _)| *field == StatementField::Text)
        .filter_map(|(_, at)| cells.get(*at))
        .map(String::as_str)
        .filter(|text| !text.is_empty())
        .collect();
    Ok(Some(StatementRow {
        line_no,
        day,
        minor,
        balance_minor: money(StatementField::Balance, StatementProblem::Balance)?,
        serial_no: cell(StatementField::Serial).to_owned(),
        text: texts.join(" "),
        counterparty: cell(StatementField::Counterparty).to_owned(),
    }))
}

/// The day of `2026-11-19`, `2026/11/19`, `2026年11月19日`, `20261119`, with or without a time behind.
fn day(text: &str) -> Option<BusinessDate> {
    let digits: Vec<&str> = text
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect();
    let written = match digits[..] {
        [year, month, day, ..] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            format!("{year}-{month:0>2}-{day:0>2}")
        }
        [whole, ..] if whole.len() == 8 || whole.len() == 14 => {
            format!("{}-{}-{}", &whole[..4], &whole[4..6], &whole[6..8])
        }
        _ => return None,
    };
    BusinessDate::parse(&written).ok()
}

/// Minor units of `1,234.50`, `¥1234.5`, `-8.00`, `(8.00)`; nothing of an empty cell or a dash.
fn amount(text: &str, currency: Currency) -> Result<Option<i64>, ()> {
    let mut text: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '¥' | '￥' | '元' | '+'))
        .collect();
    for code in ["CNY", "RMB", currency.code()] {
        text = text.replace(code, "");
    }
    if matches!(text.as_str(), "" | "-" | "--" | "—") {
        return Ok(None);
    }
    if let Some(inside) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        text = format!("-{inside}");
    }
    if text.contains(',') {
        let whole = text.trim_start_matches('-').split('.').next().unwrap_or("");
        let groups: Vec<&str> = whole.split(',').collect();
        let even = groups.iter().skip(1).all(|g| g.len() == 3)
            && (1..=3).contains(&groups.first().map_or(0, |g| g.len()));
        if !even || text.split('.').skip(1).any(|cents| cents.contains(',')) {
            return Err(());
        }
        text = text.replace(',', "");
    }
    Money::parse_signed(&text, currency)
        .map(|money| Some(money.minor))
        .map_err(|_| ())
}

/// Whether money came in.
fn direction(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "贷" | "贷方" | "收" | "收入" | "入" | "转入" | "进" | "c" | "cr" | "credit" | "in" => {
            Some(true)
        }
        "借" | "借方" | "付" | "支" | "支出" | "出" | "转出" | "d" | "dr" | "debit" | "out" => {
            Some(false)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows as `line day minor balance serial|text|counterparty`, faults as `line column text problem`.
    fn told(bytes: &[u8]) -> String {
        match read(bytes, Currency::Cny) {
            Err(error) => error.to_string(),
            Ok(found) => {
                let rows = found.rows.iter().map(|r| {
                    format!(
                        "{} {} {} {} {}|{}|{}",
                        r.line_no,
                        r.day,
                        r.minor,
                        r.balance_minor
                            .map_or_else(|| "-".to_owned(), |b| b.to_string()),
                        r.serial_no,
                        r.text,
                        r.counterparty
                    )
                });
                let faults = found
                    .faults
                    .iter()
                    .map(|f| format!("{} {} {:?} {:?}", f.line_no, f.column, f.text, f.problem));
                rows.chain(faults).collect::<Vec<_>>().join("; ")
            }
        }
    }

    #[test]
    fn statements_of_many_banks_read_alike() {
        let row = "2 2026-11-19 30000000 31234500 88001|提现|财付通";
        for text in [
            "交易日期,摘要,贷方,借方,余额,流水号,对方户名\n2026-11-19,提现,\"300,000.00\",,\"312,345.00\",88001,财付通\n",
            "日期;摘要;收入(元);支出(元);账户余额（元）;参考号;对方名称\r\n2026/11/19;提现;300000.00;-;312345;88001;财付通\r\n",
            "记账日期\t用途\t金额\t借贷标志\t余额\t凭证号\t对方户名\n20261119 05:03\t提现\t300000\t贷\t312345.00\t88001\t财付通\n",
            "Date,Description,Amount,Balance,Serial No,Counterparty\n2026年11月19日,提现,¥300000.00,312345.00,=\"88001\",财付通\n",
        ] {
            assert_eq!(told(text.as_bytes()), row, "{text}");
            let (gbk, _, failed) = encoding_rs::GBK.encode(text);
            assert!(!failed || text.contains('¥'));
            if !failed {
                assert_eq!(told(&gbk), row, "GBK of {text}");
            }
            let mut marked = b"\xef\xbb\xbf".to_vec();
            marked.extend_from_slice(text.as_bytes());
            assert_eq!(told(&marked), row, "with a mark: {text}");
        }
    }

    #[test]
    fn what_stands_around_the_rows_is_left_aside() {
        assert_eq!(
            told(
                "账号：6222 **** 1234\n币种,人民币\n\n交易日期,摘要,收入,支出,余额\n2026-11-18,手续费,,2.00,98.00\n\n2026-11-19,货款,10.00,,108.00\n合计,,10.00,2.00,\n"
                    .as_bytes()
            ),
            "5 2026-11-18 -200 9800 |手续费|; 7 2026-11-19 1000 10800 |货款|"
        );
    }

    #[test]
    fn faults_name_line_and_column() {
        assert_eq!(
            told(
                "日期,摘要,收入,支出,余额\n19.11.2026,a,1.00,,1.00\n2026-11-19,b,1e3,,1.00\n2026-11-19,c,1.00,2.00,1.00\n2026-11-19,d,,,1.00\n2026-11-19,e,1.00,,x\n2026-11-19,f,\"1,00\",,\n2026-13-01,g,1.00,,\n"
                    .as_bytes()
            ),
            "2 日期 \"19.11.2026\" Date; 3 收入 \"1e3\" Amount; 4 收入 \"1.00\" TwoAmounts; \
             5 收入 \"\" NoAmount; 6 余额 \"x\" Balance; 7 收入 \"1,00\" Amount; 8 日期 \"2026-13-01\" Date"
        );
    }

    #[test]
    fn a_file_that_is_no_statement_is_refused() {
        for (bytes, part) in [
            (&b""[..], "empty"),
            (&b"  \n \n"[..], "empty"),
            (&b"PK\x03\x04rest"[..], "spreadsheet"),
            (&b"a,b,c\n1,2,3\n"[..], "missing: day, credit"),
            ("日期,摘要\n2026-11-19,x\n".as_bytes(), "missing: credit"),
            ("日期,收入,贷方\n".as_bytes(), "two columns"),
            (&b"\xff\x00\x81\xff"[..], "neither"),
        ] {
            let told = told(bytes);
            assert!(told.contains(part), "{told}");
        }
    }
}
