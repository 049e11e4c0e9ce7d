//! A choice of users, made ready for a scan.

use std::collections::HashSet;
use std::ops::Range;

use memchr::memmem::Finder;
use rollbook_domain::{SearchMark, UserFilter};

use crate::Person;
use crate::chunk::{Chunk, NULL};
use crate::fields::mark_before;

/// Users that the store has chosen by exact values, which the directory does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sets {
    only: Option<HashSet<String>>,
    except: HashSet<String>,
}

impl Sets {
    /// Leaves only these of those that were left.
    pub fn only(&mut self, ids: impl IntoIterator<Item = String>) {
        let ids: HashSet<String> = ids.into_iter().collect();
        self.only = Some(match self.only.take() {
            None => ids,
            Some(left) => left.into_iter().filter(|id| ids.contains(id)).collect(),
        });
    }

    /// Leaves these out.
    pub fn except(&mut self, ids: impl IntoIterator<Item = String>) {
        self.except.extend(ids);
    }

    pub(crate) fn left(&self) -> Option<&HashSet<String>> {
        self.only.as_ref()
    }

    pub(crate) fn left_out(&self) -> &HashSet<String> {
        &self.except
    }

    fn admit(&self, id: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(id)) && !self.except.contains(id)
    }

    fn is_empty(&self) -> bool {
        self.only.is_none() && self.except.is_empty()
    }
}

/// What a user must be like: the parts of a [`UserFilter`] that are no exact values.
#[derive(Debug)]
pub(crate) struct Filter<'a> {
    /// The longest first, since that is the quickest to look for.
    texts: Vec<Text>,
    banned: Option<bool>,
    pub(crate) created_at: Span,
    last_active_at: Span,
    last_sign_in_at: Span,
    pub(crate) sets: &'a Sets,
    /// Nobody can have one of the texts.
    pub(crate) is_hopeless: bool,
}

/// A text that a user must have in one of its fields.
#[derive(Debug)]
struct Text {
    finder: Finder<'static>,
    /// The mark of the fields to look at, if not at all of them.
    mark: Option<u8>,
}

/// A closed interval of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: i64,
    pub(crate) last: i64,
}

impl Span {
    /// Nulls included.
    const ALL: Self = Self { first: NULL, last: i64::MAX };

    fn of(range: rollbook_domain::Range) -> Self {
        if range == rollbook_domain::Range::default() {
            return Self::ALL;
        }
        let after = range.after.unwrap_or(NULL);
        let last = match range.before {
            None => i64::MAX,
            // Nothing is before the first of all.
            Some(NULL) => return Self { first: i64::MAX, last: NULL },
            Some(before) => before - 1,
        };
        match after.checked_add(1) {
            Some(first) => Self { first, last },
            None => Self { first: i64::MAX, last: NULL },
        }
    }

    fn contains(self, at: i64) -> bool {
        self.first <= at && at <= self.last
    }
}

impl<'a> Filter<'a> {
    pub(crate) fn new(filter: &UserFilter, sets: &'a Sets) -> Self {
        let wanted = [
            (&filter.query, None),
            (&filter.name_query, Some(SearchMark::Names)),
            (&filter.email_address_query, Some(SearchMark::EmailAddress)),
            (&filter.phone_number_query, Some(SearchMark::PhoneNumber)),
            (&filter.username_query, Some(SearchMark::Username)),
        ];
        let mut texts = Vec::new();
        let mut is_hopeless = false;
        for (text, mark) in wanted {
            let Some(text) = text else { continue };
            is_hopeless |= SearchMark::is_in_no_field(text);
            texts.extend(Text::new(text, mark));
        }
        texts.sort_by_key(|text| std::cmp::Reverse(text.finder.needle().len()));
        Self {
            texts,
            banned: filter.banned,
            created_at: Span::of(filter.created_at),
            last_active_at: Span::of(filter.last_active_at),
            last_sign_in_at: Span::of(filter.last_sign_in_at),
            sets,
            is_hopeless,
        }
    }

    /// Whether it admits everybody, sets and creation aside.
    pub(crate) fn is_open(&self) -> bool {
        self.texts.is_empty()
            && self.banned.is_none()
            && self.last_active_at == Span::ALL
            && self.last_sign_in_at == Span::ALL
    }

    /// Whether it admits everybody.
    pub(crate) fn admits_all(&self) -> bool {
        !self.is_hopeless && self.is_open() && self.created_at == Span::ALL && self.sets.is_empty()
    }

    /// Whether it admits a user, all conditions considered.
    pub(crate) fn admits<S: AsRef<str>>(&self, person: &Person<S>) -> bool {
        !self.is_hopeless
            && self.banned.is_none_or(|banned| person.banned == banned)
            && self.created_at.contains(person.created_at)
            && self.last_active_at.contains(person.last_active_at.unwrap_or(NULL))
            && self.last_sign_in_at.contains(person.last_sign_in_at.unwrap_or(NULL))
            && self.texts.iter().all(|text| text.is_in(person.search.as_ref().as_bytes()))
            && self.sets.admit(person.id.as_ref())
    }

    /// Whether it admits a user of a chunk, sets and creation aside.
    pub(crate) fn admits_at(&self, chunk: &Chunk, at: usize) -> bool {
        self.columns_admit(chunk, at) && self.texts.iter().all(|text| text.is_in(chunk.search(at)))
    }

    /// Hands over those of some users of a chunk that it admits, sets and creation aside.
    pub(crate) fn scan(&self, chunk: &Chunk, users: &Range<usize>, mut found: impl FnMut(usize)) {
        let Some((driver, others)) = self.texts.split_first() else {
            return self.scan_columns(chunk, users, found);
        };
        let (text, start) = chunk.texts(users);
        let mut at = users.start;
        let mut from = 0;
        while let Some(hit) = text.get(from..).and_then(|rest| driver.finder.find(rest)) {
            let hit = from + hit;
            at = chunk.user_at(start + hit, &(at..users.end));
            if driver.mark.is_some() && mark_before(text, hit) != driver.mark {
                from = hit + 1;
                continue;
            }
            if self.columns_admit(chunk, at)
                && others.iter().all(|other| other.is_in(chunk.search(at)))
            {
                found(at);
            }
            from = chunk.end_of(at).saturating_sub(start);
        }
    }

    fn scan_columns(&self, chunk: &Chunk, users: &Range<usize>, mut found: impl FnMut(usize)) {
        fn part<'c, T>(column: &'c [T], users: &Range<usize>) -> &'c [T] {
            column.get(users.clone()).unwrap_or_default()
        }
        let actives = part(chunk.last_active_at(), users);
        let sign_ins = part(chunk.last_sign_in_at(), users);
        let banned = part(chunk.banned(), users);
        let columns = actives.iter().zip(sign_ins).zip(banned);
        for (at, ((active, sign_in), banned)) in users.clone().zip(columns) {
            // Without a short cut, which would be mispredicted for half of all users.
            if self.last_active_at.contains(*active)
                & self.last_sign_in_at.contains(*sign_in)
                & self.banned.is_none_or(|wanted| *banned == wanted)
            {
                found(at);
            }
        }
    }

    fn columns_admit(&self, chunk: &Chunk, at: usize) -> bool {
        let holds = |column: &[i64], span: Span| {
            span == Span::ALL || column.get(at).is_some_and(|time| span.contains(*time))
        };
        self.banned.is_none_or(|banned| chunk.banned().get(at) == Some(&banned))
            && holds(chunk.last_active_at(), self.last_active_at)
            && holds(chunk.last_sign_in_at(), self.last_sign_in_at)
    }
}

impl Text {
    /// `None` if everybody has it.
    fn new(text: &str, mark: Option<SearchMark>) -> Option<Self> {
        let finder = |bytes: &[u8]| Finder::new(bytes).into_owned();
        match (text, mark) {
            ("", None | Some(SearchMark::Names)) => None,
            // Whoever has such a field has the empty text in it.
            ("", Some(mark)) => Some(Self { finder: finder(&[mark.byte()]), mark: None }),
            (text, mark) => {
                Some(Self { finder: finder(text.as_bytes()), mark: mark.map(SearchMark::byte) })
            }
        }
    }

    fn is_in(&self, search: &[u8]) -> bool {
        let Some(mark) = self.mark else { return self.finder.find(search).is_some() };
        self.finder.find_iter(search).any(|hit| mark_before(search, hit) == Some(mark))
    }
}
