//! Amounts in words (大写金额), as Chinese vouchers print them.

use crate::error::MoneyError;
use crate::money::{Currency, Money};

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];

/// `人民币壹仟贰佰捌拾元整` for ¥1,280.00.
///
/// # Errors
/// `CurrencyMismatch` for anything but CNY; `Overflow` for negative amounts or from 10¹² yuan on.
pub fn capital_amount(money: Money) -> Result<String, MoneyError> {
    if money.currency != Currency::Cny {
        return Err(MoneyError::CurrencyMismatch(money.currency, Currency::Cny));
    }
    let minor = u64::try_from(money.minor).map_err(|_| MoneyError::Overflow)?;
    if minor >= 100_000_000_000_000 {
        return Err(MoneyError::Overflow);
    }
    let (yuan, jiao, fen) = (minor / 100, minor / 10 % 10, minor % 10);
    let mut text = String::from("人民币");
    if yuan == 0 && minor == 0 {
        text.push_str("零元整");
        return Ok(text);
    }
    if yuan > 0 {
        push_integer(&mut text, yuan);
        text.push('元');
    }
    if jiao > 0 {
        text.push(DIGITS[jiao as usize]);
        text.push('角');
    } else if fen > 0 && yuan > 0 {
        text.push('零');
    }
    if fen > 0 {
        text.push(DIGITS[fen as usize]);
        text.push('分');
    } else {
        text.push('整');
    }
    Ok(text)
}

/// Writes a positive integer below 10¹² in groups of four: 亿, 万, and the rest. One 零 stands for
/// any run of zeros between two written digits.
fn push_integer(text: &mut String, value: u64) {
    let mut zero_waits = false;
    let mut written = false;
    for (group, unit) in [
        (value / 100_000_000, '亿'),
        (value / 10_000 % 10_000, '万'),
        (value % 10_000, '\0'),
    ] {
        if group == 0 {
            zero_waits |= written;
            continue;
        }
        for (place, name) in [(1000, '仟'), (100, '佰'), (10, '拾'), (1, '\0')] {
            let digit = group / place % 10;
            if digit == 0 {
                zero_waits |= written;
                continue;
            }
            if zero_waits {
                text.push('零');
                zero_waits = false;
            }
            text.push(DIGITS[digit as usize]);
            if name != '\0' {
                text.push(name);
            }
            written = true;
        }
        // A zero at the end of a group is read only when something follows it.
        if unit != '\0' {
            text.push(unit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_in_words() {
        for (minor, words) in [
            (0, "人民币零元整"),
            (1, "人民币壹分"),
            (10, "人民币壹角整"),
            (110, "人民币壹元壹角整"),
            (101, "人民币壹元零壹分"),
            (128_000, "人民币壹仟贰佰捌拾元整"),
            (600_001, "人民币陆仟元零壹分"),
            (1_000_000, "人民币壹万元整"),
            (10_010_000_100, "人民币壹亿零壹拾万零壹元整"),
            (105_000, "人民币壹仟零伍拾元整"),
            (168_000, "人民币壹仟陆佰捌拾元整"),
            // A zero at the end of the 万 group may be read or left out; the regulation allows both, we read it.
            (10_700_053, "人民币壹拾万零柒仟元伍角叁分"),
            (1_000_050_000, "人民币壹仟万零伍佰元整"),
        ] {
            assert_eq!(capital_amount(Money::cny(minor)).unwrap(), words, "{minor}");
        }
        assert!(capital_amount(Money::cny(-1)).is_err());
        assert!(capital_amount(Money::new(1, Currency::Usd)).is_err());
    }
}
