//! One user as the directory knows it, and what users are ordered by.

use std::cmp::Ordering;

use rollbook_domain::OrderKey;

/// What lists and counts look at in a user, folded as the store's columns are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person<S> {
    /// The id as it is written.
    pub id: S,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds.
    pub updated_at: i64,
    /// Milliseconds.
    pub last_active_at: Option<i64>,
    /// Milliseconds.
    pub last_sign_in_at: Option<i64>,
    /// Whether the user is banned.
    pub banned: bool,
    /// For the order by given name.
    pub first_name: Option<S>,
    /// For the order by family name.
    pub last_name: Option<S>,
    /// For the order by username.
    pub username: Option<S>,
    /// The primary one.
    pub email_address: Option<S>,
    /// The primary one.
    pub phone_number: Option<S>,
    /// The primary one.
    pub web3_wallet: Option<S>,
    /// [`UserColumns::search`](rollbook_domain::UserColumns::search).
    pub search: S,
}

/// How many of the keys are text.
pub(crate) const TEXTS: usize = 6;

/// An order other than that of creation; a place in a table of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Time(Time),
    /// Which of [`Person::texts`].
    Text(usize),
}

/// A time that users are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Time {
    Updated,
    LastActive,
    LastSignIn,
}

impl Key {
    pub(crate) const ALL: [Self; 9] = [
        Self::Time(Time::Updated),
        Self::Time(Time::LastActive),
        Self::Time(Time::LastSignIn),
        Self::Text(0),
        Self::Text(1),
        Self::Text(2),
        Self::Text(3),
        Self::Text(4),
        Self::Text(5),
    ];

    /// None is the order of creation.
    pub(crate) fn of(key: OrderKey) -> Option<Self> {
        Some(match key {
            OrderKey::CreatedAt => return None,
            OrderKey::UpdatedAt => Self::Time(Time::Updated),
            OrderKey::LastActiveAt => Self::Time(Time::LastActive),
            OrderKey::LastSignInAt => Self::Time(Time::LastSignIn),
            OrderKey::FirstName => Self::Text(0),
            OrderKey::LastName => Self::Text(1),
            OrderKey::Username => Self::Text(2),
            OrderKey::EmailAddress => Self::Text(3),
            OrderKey::PhoneNumber => Self::Text(4),
            OrderKey::Web3Wallet => Self::Text(5),
        })
    }

    /// Its place in a table of all of them.
    pub(crate) fn slot(self) -> usize {
        match self {
            Self::Time(time) => time as usize,
            Self::Text(text) => 3 + text,
        }
    }
}

/// The value of a key; nulls are greater than all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value<'a> {
    Time(i64),
    Text(&'a [u8]),
    Null,
}

impl<'a> Value<'a> {
    pub(crate) fn time(time: Option<i64>) -> Self {
        time.map_or(Value::Null, Value::Time)
    }

    pub(crate) fn text(text: Option<&'a [u8]>) -> Self {
        text.map_or(Value::Null, Value::Text)
    }

    pub(crate) fn is_null(self) -> bool {
        self == Value::Null
    }
}

impl<S: AsRef<str>> Person<S> {
    /// The keys that are text, in the order of [`Key::of`].
    pub(crate) fn texts(&self) -> [Option<&[u8]>; TEXTS] {
        [
            &self.first_name,
            &self.last_name,
            &self.username,
            &self.email_address,
            &self.phone_number,
            &self.web3_wallet,
        ]
        .map(|text| text.as_ref().map(|text| text.as_ref().as_bytes()))
    }

    pub(crate) fn value(&self, key: Key) -> Value<'_> {
        match key {
            Key::Time(Time::Updated) => Value::Time(self.updated_at),
            Key::Time(Time::LastActive) => Value::time(self.last_active_at),
            Key::Time(Time::LastSignIn) => Value::time(self.last_sign_in_at),
            Key::Text(text) => Value::text(self.texts().get(text).copied().flatten()),
        }
    }

    /// In the order of creation.
    pub(crate) fn cmp_creation(&self, created_at: i64, id: &str) -> Ordering {
        self.created_at.cmp(&created_at).then_with(|| self.id.as_ref().cmp(id))
    }
}
