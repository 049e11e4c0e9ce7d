//! The fields of a searchable text, and where among them the keys of the orders are.

use rollbook_domain::SearchMark;

use crate::person::TEXTS;

/// What ends the text of a user in a chunk; no text that is looked for holds it.
pub(crate) const END: u8 = 0;

/// Where a user's keys are in its text, in 32 bits.
///
/// Three times six bits say which field is the primary email address, phone
/// number and wallet; the username has a mark of its own; of the names, the
/// length of the given one and which of both there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout(u32);

const FIELD_BITS: u32 = 6;
const NO_FIELD: u32 = (1 << FIELD_BITS) - 1;
const FIRST_SHIFT: u32 = 3 * FIELD_BITS;
const FIRST_BITS: u32 = 12;
const HAS_FIRST: u32 = 1 << 30;
const HAS_LAST: u32 = 1 << 31;

impl Layout {
    /// `None` if the text does not hold these keys in the usual way.
    pub(crate) fn of(search: &[u8], keys: [Option<&[u8]>; TEXTS]) -> Option<Self> {
        let [first, last, _, primaries @ ..] = keys;
        let mut bits = 0;
        for (n, primary) in primaries.into_iter().enumerate() {
            let field = match primary {
                None => NO_FIELD,
                Some(primary) => {
                    let place = fields(search).position(|(_, text)| text == primary)?;
                    u32::try_from(place).ok().filter(|place| *place < NO_FIELD)?
                }
            };
            bits |= field << (FIELD_BITS * u32::try_from(n).ok()?);
        }
        if let Some(first) = first {
            let length = u32::try_from(first.len()).ok().filter(|n| *n < 1 << FIRST_BITS)?;
            bits |= HAS_FIRST | length << FIRST_SHIFT;
        }
        if last.is_some() {
            bits |= HAS_LAST;
        }
        let layout = Self(bits);
        (layout.keys(search) == keys).then_some(layout)
    }

    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The keys, in the order of [`Person::texts`](crate::Person::texts).
    pub(crate) fn keys<'a>(self, search: &'a [u8]) -> [Option<&'a [u8]>; TEXTS] {
        let mut keys = [None; TEXTS];
        let (mut username, mut names) = (None, None);
        let primaries: [u32; 3] = [0, 1, 2].map(|n| self.0 >> (FIELD_BITS * n) & NO_FIELD);
        let mut found: [Option<&'a [u8]>; 3] = [None; 3];
        for (place, (mark, text)) in fields(search).enumerate() {
            if mark == SearchMark::Username.byte() {
                username = Some(text);
            }
            if mark == SearchMark::Names.byte() {
                names = Some(text);
            }
            for (wanted, found) in primaries.iter().zip(&mut found) {
                if *wanted != NO_FIELD && place == *wanted as usize {
                    *found = Some(text);
                }
            }
        }
        let (first, last) = self.split(names);
        for (key, value) in keys.iter_mut().zip([first, last, username].into_iter().chain(found)) {
            *key = value;
        }
        keys
    }

    fn split(self, names: Option<&[u8]>) -> (Option<&[u8]>, Option<&[u8]>) {
        let length = (self.0 >> FIRST_SHIFT & ((1 << FIRST_BITS) - 1)) as usize;
        match (self.0 & HAS_FIRST != 0, self.0 & HAS_LAST != 0, names) {
            (true, true, Some(names)) => (names.get(..length), names.get(length + 1..)),
            (true, false, names) => (names, None),
            (false, true, names) => (None, names),
            (true, true, None) | (false, false, _) => (None, None),
        }
    }
}

/// The fields of a text behind its id, each with its mark.
pub(crate) fn fields(search: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = search;
    let mut mark = None;
    std::iter::from_fn(move || {
        loop {
            let end = rest.iter().position(|byte| is_mark(*byte));
            let text = end.map_or(rest, |end| rest.get(..end).unwrap_or_default());
            let before = mark;
            match end {
                Some(end) => {
                    mark = rest.get(end).copied();
                    rest = rest.get(end + 1..).unwrap_or_default();
                }
                None if before.is_none() && rest.is_empty() => return None,
                None => {
                    mark = None;
                    rest = &[];
                }
            }
            if let Some(before) = before {
                return Some((before, text));
            }
            // The id, which has no mark; without fields behind it there is nothing more.
            mark?;
        }
    })
}

/// The mark of the field in which `at` lies; none in the id.
pub(crate) fn mark_before(search: &[u8], at: usize) -> Option<u8> {
    search.get(..at)?.iter().rev().copied().find(|byte| is_mark(*byte))
}

fn is_mark(byte: u8) -> bool {
    byte < b' '
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_with_their_marks_and_the_id_does_not() {
        let found: Vec<_> = fields(b"user_1\x01a@x\x04ada\x06ada l").collect();
        let expected: [(u8, &[u8]); 3] = [(1, b"a@x"), (4, b"ada"), (6, b"ada l")];
        assert_eq!(found, expected);
        assert_eq!(fields(b"user_1").count(), 0);
        assert_eq!(fields(b"user_1\x06").collect::<Vec<_>>(), [(6, &b""[..])]);
    }

    #[test]
    fn a_layout_gives_back_the_keys_it_was_made_of() {
        let search = b"user_1\x01b@x\x01a@x\x02+49\x04ada\x06ada b lovelace";
        let keys: [Option<&[u8]>; TEXTS] =
            [Some(b"ada b"), Some(b"lovelace"), Some(b"ada"), Some(b"a@x"), Some(b"+49"), None];
        assert_eq!(Layout::of(search, keys).unwrap().keys(search), keys);
        // A name that the text does not have.
        let odd = [Some(&b"eve"[..]), None, Some(b"ada"), None, None, None];
        assert_eq!(Layout::of(search, odd), None);
    }

    #[test]
    fn a_place_in_the_text_lies_in_the_field_before_it() {
        let search = b"user_1\x01b@x\x06ada";
        assert_eq!(mark_before(search, 2), None);
        assert_eq!(mark_before(search, 8), Some(1));
        assert_eq!(mark_before(search, 12), Some(6));
    }
}
