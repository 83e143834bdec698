//! Under which number a row of the bill meets the books, by the order of the rules' keys.
//!
//! The engine matches by one key a row: the number the books know it by. Where the books keep the
//! channel's number as well, a bill row is looked up by both, in the order the rules say, before it goes
//! in; where they do not, the merchant's number is the one both sides have.

use std::collections::{HashMap, HashSet};

use zf_domain::EntryKind;

use crate::entry::Entry;
use crate::rules::Key;

/// What the books are known by. Held in memory while the bill is read: about a hundred bytes for each
/// row of the books that has the channel's number.
#[derive(Debug, Default)]
pub struct Keys {
    order: Vec<Key>,
    by_channel_no: HashMap<(EntryKind, Box<str>), Box<str>>,
    own: HashSet<(EntryKind, Box<str>)>,
}

impl Keys {
    /// For the keys of a rule set.
    #[must_use]
    pub fn new(order: &[Key]) -> Self {
        Self {
            order: order.to_vec(),
            ..Self::default()
        }
    }

    /// Whether the channel's number is among the keys, so that the books are worth a first reading.
    #[must_use]
    pub fn wants_books(&self) -> bool {
        self.order.contains(&Key::ChannelNumber)
    }

    /// Takes note of one row of the books. Of two with one channel number the first counts.
    pub fn learn(&mut self, row: &Entry<'_>) {
        if let Some(number) = row.extra.channel_no {
            self.by_channel_no
                .entry((row.kind, number.into()))
                .or_insert_with(|| row.key.into());
        }
        if self.order.first() == Some(&Key::MerchantNumber) && self.wants_books() {
            self.own.insert((row.kind, row.key.into()));
        }
    }

    /// The key of a bill row.
    #[must_use]
    pub fn key_of<'a>(&'a self, row: &Entry<'a>) -> &'a str {
        if self.by_channel_no.is_empty() {
            return row.key;
        }
        for key in &self.order {
            match key {
                Key::ChannelNumber => {
                    let known = row
                        .extra
                        .channel_no
                        .and_then(|number| self.by_channel_no.get(&(row.kind, number.into())));
                    if let Some(known) = known {
                        return known;
                    }
                }
                Key::MerchantNumber => {
                    if self.own.contains(&(row.kind, row.key.into())) {
                        return row.key;
                    }
                }
            }
        }
        row.key
    }
}

#[cfg(test)]
mod tests {
    use zf_domain::{EntryState, Money, Timestamp};

    use super::*;
    use crate::entry::Extra;

    fn row<'a>(key: &'a str, channel_no: Option<&'a str>) -> Entry<'a> {
        Entry {
            kind: EntryKind::Payment,
            key,
            amount: Money::cny(100),
            state: EntryState::Done,
            occurred_at: Timestamp::from_seconds(1_773_450_753),
            line_no: 2,
            extra: Extra {
                channel_no,
                ..Extra::default()
            },
        }
    }

    /// The bill has M1 under C1; the books have C1 under M2, and another row under M1.
    #[test]
    fn the_order_of_the_keys_says_which_row_is_met() {
        use Key::{ChannelNumber as C, MerchantNumber as M};
        for (order, books, met) in [
            (&[C, M][..], &[("M2", Some("C1")), ("M1", None)][..], "M2"),
            (&[M, C], &[("M2", Some("C1")), ("M1", None)], "M1"),
            (&[M, C], &[("M2", Some("C1"))], "M2"),
            (&[C, M], &[("M2", Some("C9")), ("M1", None)], "M1"),
            (&[M], &[("M2", Some("C1"))], "M1"),
            (&[C, M], &[("M1", None)], "M1"),
        ] {
            let mut keys = Keys::new(order);
            for (key, channel_no) in books {
                keys.learn(&row(key, *channel_no));
            }
            assert_eq!(
                keys.key_of(&row("M1", Some("C1"))),
                met,
                "{order:?} {books:?}"
            );
        }
    }
}
