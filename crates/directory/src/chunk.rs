//! A few thousand users side by side: one text, and a column per filter.

use std::collections::HashMap;
use std::ops::Range;

use crate::fields::{END, Layout};
use crate::person::{Key, TEXTS, Time, Value};
use crate::{Person, small};

/// How many users a chunk is made for.
pub(crate) const CHUNK: usize = 4096;

/// A chunk that would grow past this many bytes of text is full.
const MOST_TEXT: usize = 64 << 20;

/// What a column holds for null; no time is that early.
pub(crate) const NULL: i64 = i64::MIN;

/// Users in the order of creation; never changed once it is part of a base.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// Of each user its searchable text, which begins with the id, and [`END`].
    text: Vec<u8>,
    /// Where the text of each ends.
    ends: Vec<u32>,
    /// Which of the first 32 letters of the id are capitals, since the text is folded.
    capitals: Vec<u32>,
    layouts: Vec<u32>,
    created_at: Vec<i64>,
    updated_at: Vec<i64>,
    last_active_at: Vec<i64>,
    last_sign_in_at: Vec<i64>,
    banned: Vec<bool>,
    /// Those whose id or keys are not to be had from their text.
    odd: HashMap<u32, Odd>,
}

#[derive(Debug, Clone)]
struct Odd {
    id: String,
    keys: [Option<Box<[u8]>>; TEXTS],
}

/// Says that a user is in `odd`; no [`Layout`] has it, for it would need 63 fields and more.
const ODD: u32 = u32::MAX;

impl Chunk {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len() >= CHUNK || self.text.len() >= MOST_TEXT
    }

    /// Adds the next user in the order of creation.
    pub(crate) fn push<S: AsRef<str>>(&mut self, person: &Person<S>) {
        let (id, search) = (person.id.as_ref(), person.search.as_ref());
        let texts = person.texts();
        let capitals = capitals_of(id);
        let layout = Layout::of(search.as_bytes(), texts).map(Layout::bits);
        let usual =
            layout.filter(|bits| *bits != ODD && is_id(search.as_bytes(), id.as_bytes(), capitals));
        if usual.is_none() {
            let keys = texts.map(|text| text.map(Into::into));
            self.odd.insert(small(self.len()), Odd { id: id.to_owned(), keys });
        }
        self.text.extend_from_slice(search.as_bytes());
        self.text.push(END);
        self.ends.push(small(self.text.len()));
        self.capitals.push(capitals);
        self.layouts.push(usual.unwrap_or(ODD));
        self.created_at.push(person.created_at);
        self.updated_at.push(person.updated_at);
        self.last_active_at.push(person.last_active_at.unwrap_or(NULL));
        self.last_sign_in_at.push(person.last_sign_in_at.unwrap_or(NULL));
        self.banned.push(person.banned);
    }

    /// Adds a user of another chunk.
    pub(crate) fn push_from(&mut self, other: &Self, at: usize) {
        if let Some(odd) = other.odd.get(&small(at)) {
            self.odd.insert(small(self.len()), odd.clone());
        }
        self.text.extend_from_slice(other.text.get(other.span(at)).unwrap_or_default());
        self.ends.push(small(self.text.len()));
        self.capitals.push(get(&other.capitals, at));
        self.layouts.push(get(&other.layouts, at));
        self.created_at.push(get(&other.created_at, at));
        self.updated_at.push(get(&other.updated_at, at));
        self.last_active_at.push(get(&other.last_active_at, at));
        self.last_sign_in_at.push(get(&other.last_sign_in_at, at));
        self.banned.push(get(&other.banned, at));
    }

    /// Gives back what it has not used.
    pub(crate) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.capitals.shrink_to_fit();
        self.layouts.shrink_to_fit();
        self.created_at.shrink_to_fit();
        self.updated_at.shrink_to_fit();
        self.last_active_at.shrink_to_fit();
        self.last_sign_in_at.shrink_to_fit();
        self.banned.shrink_to_fit();
    }

    pub(crate) fn bytes(&self) -> usize {
        let odd = self.odd.values().map(|odd| {
            200 + odd.id.len() + odd.keys.iter().flatten().map(|key| key.len()).sum::<usize>()
        });
        self.text.capacity() + self.ends.capacity() * (3 * 4 + 4 * 8 + 1) + odd.sum::<usize>()
    }

    /// Where the text of a user is, its end mark included.
    fn span(&self, at: usize) -> Range<usize> {
        let start = at.checked_sub(1).map_or(0, |before| get(&self.ends, before) as usize);
        start..get(&self.ends, at) as usize
    }

    /// The searchable text of a user.
    pub(crate) fn search(&self, at: usize) -> &[u8] {
        let span = self.span(at);
        self.text.get(span.start..span.end.saturating_sub(1)).unwrap_or_default()
    }

    /// The texts of several users, and where in the chunk they begin.
    pub(crate) fn texts(&self, users: &Range<usize>) -> (&[u8], usize) {
        if users.is_empty() {
            return (&[], 0);
        }
        let (start, end) = (self.span(users.start).start, self.span(users.end - 1).end);
        (self.text.get(start..end).unwrap_or_default(), start)
    }

    /// Which of `users` has the byte `at` of the chunk's text.
    pub(crate) fn user_at(&self, at: usize, users: &Range<usize>) -> usize {
        let ends = self.ends.get(users.clone()).unwrap_or_default();
        users.start + ends.partition_point(|end| *end as usize <= at)
    }

    /// The first byte behind a user's text.
    pub(crate) fn end_of(&self, at: usize) -> usize {
        get(&self.ends, at) as usize
    }

    pub(crate) fn created_at(&self) -> &[i64] {
        &self.created_at
    }

    pub(crate) fn last_active_at(&self) -> &[i64] {
        &self.last_active_at
    }

    pub(crate) fn last_sign_in_at(&self) -> &[i64] {
        &self.last_sign_in_at
    }

    pub(crate) fn banned(&self) -> &[bool] {
        &self.banned
    }

    /// The id as it is written.
    pub(crate) fn id(&self, at: usize) -> String {
        if let Some(odd) = self.odd.get(&small(at)) {
            return odd.id.clone();
        }
        let capitals = get(&self.capitals, at);
        let id = folded_id(self.search(at)).iter().enumerate();
        id.map(|(n, byte)| char::from(restored(*byte, n, capitals))).collect()
    }

    pub(crate) fn has_id(&self, at: usize, id: &str) -> bool {
        match self.odd.get(&small(at)) {
            Some(odd) => odd.id == id,
            None => is_id(self.search(at), id.as_bytes(), get(&self.capitals, at)),
        }
    }

    pub(crate) fn value(&self, at: usize, key: Key) -> Value<'_> {
        match key {
            Key::Time(Time::Updated) => Value::Time(get(&self.updated_at, at)),
            Key::Time(Time::LastActive) => Value::time(time(&self.last_active_at, at)),
            Key::Time(Time::LastSignIn) => Value::time(time(&self.last_sign_in_at, at)),
            Key::Text(text) => Value::text(self.keys(at).get(text).copied().flatten()),
        }
    }

    fn keys(&self, at: usize) -> [Option<&[u8]>; TEXTS] {
        match self.odd.get(&small(at)) {
            Some(odd) => odd.keys.each_ref().map(Option::as_deref),
            None => Layout::from_bits(get(&self.layouts, at)).keys(self.search(at)),
        }
    }

    /// When the user was last active, and when it last signed in.
    pub(crate) fn activity(&self, at: usize) -> (Option<i64>, Option<i64>) {
        (time(&self.last_active_at, at), time(&self.last_sign_in_at, at))
    }

    /// The whole user.
    pub(crate) fn person(&self, at: usize) -> Person<String> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (last_active_at, last_sign_in_at) = self.activity(at);
        let [first_name, last_name, username, email_address, phone_number, web3_wallet] =
            self.keys(at).map(|key| key.map(text));
        Person {
            id: self.id(at),
            created_at: get(&self.created_at, at),
            updated_at: get(&self.updated_at, at),
            last_active_at,
            last_sign_in_at,
            banned: get(&self.banned, at),
            first_name,
            last_name,
            username,
            email_address,
            phone_number,
            web3_wallet,
            search: text(self.search(at)),
        }
    }
}

fn get<T: Copy + Default>(column: &[T], at: usize) -> T {
    column.get(at).copied().unwrap_or_default()
}

fn time(column: &[i64], at: usize) -> Option<i64> {
    Some(get(column, at)).filter(|time| *time != NULL)
}

fn folded_id(search: &[u8]) -> &[u8] {
    let end = search.iter().position(|byte| *byte < b' ').unwrap_or(search.len());
    search.get(..end).unwrap_or_default()
}

fn capitals_of(id: &str) -> u32 {
    let capitals = id.bytes().take(32).enumerate().filter(|(_, byte)| byte.is_ascii_uppercase());
    capitals.fold(0, |bits, (n, _)| bits | 1 << n)
}

fn restored(byte: u8, n: usize, capitals: u32) -> u8 {
    if n < 32 && capitals >> n & 1 == 1 { byte.to_ascii_uppercase() } else { byte }
}

/// Whether the folded text begins with this id, and only ASCII of it was folded.
fn is_id(search: &[u8], id: &[u8], capitals: u32) -> bool {
    let folded = folded_id(search);
    id.is_ascii()
        && folded.len() == id.len()
        && folded
            .iter()
            .zip(id)
            .enumerate()
            .all(|(n, (f, byte))| restored(*f, n, capitals) == *byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str) -> Person<String> {
        Person {
            id: id.to_owned(),
            created_at: 1,
            updated_at: 2,
            last_active_at: None,
            last_sign_in_at: Some(4),
            banned: true,
            first_name: Some("ada".to_owned()),
            last_name: None,
            username: None,
            email_address: Some("a@x".to_owned()),
            phone_number: None,
            web3_wallet: Some("0xAb".to_owned()),
            search: format!("{}\u{1}a@x\u{3}0xab\u{6}ada", id.to_lowercase()),
        }
    }

    #[test]
    fn a_user_comes_out_as_it_went_in() {
        let long = format!("user_{}Z", "a".repeat(60));
        let all = ["user_2aBcD", "USER", "", "Ünser", &long].map(person);
        let mut chunk = Chunk::default();
        for person in &all {
            chunk.push(person);
        }
        let mut copy = Chunk::default();
        for at in (0..all.len()).rev() {
            copy.push_from(&chunk, at);
        }
        for (at, person) in all.iter().enumerate() {
            assert_eq!(chunk.person(at), *person);
            assert_eq!(copy.person(all.len() - 1 - at), *person);
            assert!(chunk.has_id(at, &person.id));
            assert_eq!(chunk.has_id(at, "USER"), person.id == "USER");
        }
    }
}
