//! Faults of people's files in words: which line, which column, what is wrong, what to do.
//!
//! The engines speak English; what a finance desk meets every week has a Chinese sentence here. Both
//! stand in one text, as `中文 / English`, so that a copied fault serves either reader.

use zf_channels::wechatpay::bill::BillFault;
use zf_recon::{BooksError, ReconError, RowFault};

use crate::error::{AppError, Code};
use crate::wire::FileFault;

/// English beginnings or parts of a sentence, with the Chinese for it.
const WORDS: &[(&str, &str)] = &[
    // Files.
    ("ends after", "文件没有汇总行：被截断了"),
    ("the file is empty", "文件是空的"),
    ("gzip archive", "文件是 gzip 压缩包，尚未解压"),
    ("zip archive", "文件是压缩包或电子表格"),
    ("a web page", "文件是网页，不是账单"),
    ("an error answer", "文件是渠道的错误应答，不是账单"),
    ("look like GBK", "文件编码是 GBK，应为 UTF-8"),
    ("GBK", "文件编码是 GBK，应为 UTF-8"),
    ("UTF-16", "文件编码是 UTF-16，应为 UTF-8"),
    ("not UTF-8", "文件编码不是 UTF-8，或已损坏"),
    ("the header lacks", "表头缺列"),
    ("stands twice in the header", "表头里同一列出现了两次"),
    (
        "something follows the summary",
        "汇总行后面还有内容：一个文件里有两份账单？",
    ),
    ("the summary has", "汇总行的值与名称个数不同"),
    ("longer than a megabyte", "一行超过 1 MB"),
    // Amounts.
    ("thousands separators", "金额不能带千位分隔符，例如 1234.50"),
    ("signs are not taken", "金额不能带正负号"),
    ("an amount is never negative", "这里的金额不能为负"),
    ("exponents are not taken", "金额不能写成科学计数法，请写全"),
    ("an exponent is not part", "金额不能写成科学计数法"),
    (
        "more decimals than the currency",
        "小数位数超过币种允许的位数",
    ),
    ("more than five decimals", "小数超过五位"),
    ("it has a fraction of", "金额不足一分的部分不能入账"),
    ("digits are missing", "小数点前后缺数字"),
    ("more than one decimal point", "有不止一个小数点"),
    ("contains spaces", "含有空格"),
    ("only digits and one decimal", "只能是数字和一个小数点"),
    ("it is not a number", "不是数字"),
    ("it is too large", "数字过大"),
    ("exceeds what can be counted", "金额超出可计数的范围"),
    ("it is empty", "为空"),
    ("is empty", "为空"),
    // Numbers, states, times.
    (
        "letters, digits, _ - | * @",
        "单号只能是 1 到 64 位字母、数字和 _ - | * @",
    ),
    ("visible ASCII characters", "单号含有不允许的字符"),
    ("unknown currency", "不认识的币种"),
    ("an RFC 3339 time", "时间格式应如 2026-03-14T09:12:33+08:00"),
    ("a time such as", "时间格式应如 2026-03-14 09:12:33"),
    ("a Beijing time", "时间格式应如 2026-03-14 09:12:33"),
    ("needs its refund number", "退款行缺退款单号"),
    ("number is missing", "缺单号"),
    ("refund number", "退款单号不对"),
    ("unknown status", "状态词不认识"),
    ("unknown kind", "类型应为 payment 或 refund"),
    // Rows.
    (
        "contains ,`",
        "这一行的值比表头多：某个值（多半是商品名称）里有 ,`",
    ),
    ("it is cut", "这一行被截断了"),
    (
        "a line break inside a value",
        "这一行不是以 ` 开头：上一行的值里有换行，或文件被改过",
    ),
    ("opened and not closed", "引号没有闭合"),
    ("columns, the header has", "这一行的列数与表头不同"),
    ("longer than a million bytes", "一行超过 1 MB"),
];

const REMEDIES: &[(&str, &str)] = &[
    ("Fetch the bill", "请重新从渠道获取账单，原样使用。"),
    (
        "Use the file as the channel gave it",
        "请用渠道给出的原文件，不要用表格软件另存。",
    ),
    ("Uncompress it first", "请先解压。"),
    ("Unpack the archive", "请先解压，用其中的 CSV。"),
    (
        "Check this row on the channel",
        "请在渠道商户平台核对这一行；其余行已读取。",
    ),
    ("Choose the bill", "请选择对应渠道和种类的账单。"),
    (
        "The file was saved again",
        "文件被其他程序另存过：请用渠道的原文件，或先转成 UTF-8。",
    ),
    ("Read each bill", "请一份文件只放一份账单。"),
    ("Save it again", "请另存为“CSV UTF-8”后再导入。"),
    ("Correct the header", "请改正表头，或用映射文件说明各列。"),
    ("Rename or remove", "请改名或删去其中一列。"),
    ("Close it", "请补上引号；后面的行已分别读取。"),
    (
        "A comma inside",
        "值里有逗号时请给整个值加引号；改正后重新导入。",
    ),
    ("Correct", "请改正这一处后重新导入；其余行已读取。"),
    ("Write", "请改正这一处后重新导入；其余行已读取。"),
];

fn both(english: &str, table: &[(&str, &str)]) -> String {
    match table.iter().find(|(part, _)| english.contains(part)) {
        Some((_, chinese)) => format!("{chinese} / {english}"),
        None => english.to_owned(),
    }
}

/// What is wrong, in both languages.
pub(crate) fn problem(english: &str) -> String {
    both(english, WORDS)
}

/// What to do, in both languages.
pub(crate) fn remedy(english: &str) -> String {
    both(english, REMEDIES)
}

/// One language of a text that holds both; a figure such as `2 / 2` stays whole.
pub(crate) fn in_one(text: &str, english: bool) -> &str {
    match text.split_once(" / ") {
        Some((chinese, _)) if !chinese.contains(|c| ('一'..='鿿').contains(&c)) => text,
        Some((_, rest)) if english => rest,
        Some((chinese, _)) => chinese,
        None => text,
    }
}

/// A fault of a bill for the wire.
pub(crate) fn of_bill(fault: &BillFault) -> FileFault {
    FileFault {
        line: fault.line,
        column: fault.column.clone(),
        field: (!fault.text.is_empty()).then(|| fault.text.clone()),
        problem: problem(&fault.reason),
        remedy: remedy(fault.remedy),
    }
}

/// A fault of a row of the books for the wire.
pub(crate) fn of_row(fault: &RowFault) -> FileFault {
    FileFault {
        line: fault.line_no,
        column: (!fault.column.is_empty()).then(|| fault.column.clone()),
        field: (!fault.field.is_empty()).then(|| fault.field.clone()),
        problem: problem(&fault.reason),
        remedy: remedy(&fault.remedy),
    }
}

/// A fault that refuses a whole file.
pub(crate) fn refused(name: &str, fault: &FileFault) -> AppError {
    let mut problem = fault.problem.clone();
    if let Some(field) = &fault.field {
        problem = format!("“{field}”：{problem}");
    }
    AppError::new(Code::FileRefused)
        .with("name", name)
        .with("line", fault.line)
        .with(
            "column",
            fault
                .column
                .as_deref()
                .map(|c| format!("「{c}」"))
                .unwrap_or_default(),
        )
        .with("problem", problem)
        .with("remedy", &fault.remedy)
}

/// A books file that cannot be read at all, or one row of it that stops everything.
pub(crate) fn of_books(name: &str, error: &BooksError) -> AppError {
    if let BooksError::Row(row) = error {
        return refused(name, &of_row(row));
    }
    let english = error.to_string();
    let (line, text) = match error {
        BooksError::Read { line_no, .. } => (*line_no, english.as_str()),
        _ => (1, english.strip_prefix("line 1: ").unwrap_or(&english)),
    };
    // The sentence ends with its remedy: "… found x. Correct the header, …".
    let (problem_part, remedy_part) = match text.split_once(". ") {
        Some((problem, remedy)) => (problem, remedy),
        None => (text, ""),
    };
    let columns = match error {
        BooksError::Header { missing, .. } => Some(missing.join(", ")),
        BooksError::HeaderTwice(column) => Some(column.clone()),
        _ => None,
    };
    let remedy_part = if remedy_part.is_empty() {
        "请使用表头为 kind,out_trade_no,out_refund_no,amount,currency,status,created_at 的 CSV。 / \
         Use a CSV with the header kind,out_trade_no,out_refund_no,amount,currency,status,created_at."
            .to_owned()
    } else {
        remedy(remedy_part)
    };
    refused(
        name,
        &FileFault {
            line,
            column: columns,
            field: None,
            problem: problem(problem_part),
            remedy: remedy_part,
        },
    )
}

/// A run that could not be finished.
pub(crate) fn of_recon(bill: &str, books: &str, error: &ReconError) -> AppError {
    match error {
        ReconError::Books(fault) => of_books(books, fault),
        ReconError::Spill { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
            AppError::new(Code::DiskFull).with("path", "temporary folder")
        }
        ReconError::KeyTooLong { side, line_no, .. }
        | ReconError::NoRefundNumber { side, line_no } => {
            let name = match side {
                zf_recon::Side::Channel => bill,
                zf_recon::Side::Ledger => books,
            };
            let english = error.to_string();
            refused(
                name,
                &FileFault {
                    line: *line_no,
                    column: None,
                    field: None,
                    problem: problem(&english),
                    remedy: remedy("Correct the row and try again."),
                },
            )
        }
        other => AppError::internal(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_desk_meets_has_both_languages() {
        for english in [
            "thousands separators are not taken; write 1234.50",
            "signs are not taken here; amounts are positive",
            "exponents are not taken; write the amount out",
            "the bytes are not UTF-8 and look like GBK",
            "the file ends after 3 rows without a summary: it is cut",
        ] {
            let text = problem(english);
            assert!(
                text.ends_with(english) && text.len() > english.len() + 3,
                "{text}"
            );
        }
    }

    #[test]
    fn a_wrong_header_names_line_column_and_remedy() {
        let Err(error) = zf_recon::BooksReader::new("kind,order,amount\n".as_bytes()) else {
            panic!("the header is wrong");
        };
        let error = of_books("books.csv", &error);
        assert_eq!(error.code, Code::FileRefused);
        assert_eq!(error.params["line"], "1");
        assert!(error.params["column"].contains("out_trade_no"));
        assert!(error.params["remedy"].contains("Correct the header"));
    }
}
