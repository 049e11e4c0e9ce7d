//! The users sorted by a key, as positions.

use std::cmp::Ordering;

use crate::base::Base;
use crate::person::{Key, Value};
use crate::small;

/// Positions by ascending value, then id; nulls last.
#[derive(Debug, Default)]
pub(crate) struct Order {
    all: Vec<u32>,
    /// How many have a value.
    n_values: usize,
}

/// What sorting compares of a user before it looks at the user itself.
struct Item {
    /// The time, or the first bytes of the text, so that their order is that of numbers.
    prefix: u64,
    /// The text goes on behind the prefix.
    is_long: bool,
    /// The place of the id among all ids.
    rank: u32,
    position: u32,
}

impl Order {
    pub(crate) fn new(all: Vec<u32>, n_values: usize) -> Self {
        Self { all, n_values }
    }

    /// Sorts all users of a base.
    pub(crate) fn sorted(base: &Base, key: Key) -> Self {
        let ranks = ranks(base);
        let mut items = Vec::with_capacity(base.len());
        let mut nulls = Vec::new();
        let mut position = 0;
        for (_, chunk) in base.chunks() {
            for at in 0..chunk.len() {
                let rank = ranks.get(position as usize).copied().unwrap_or_default();
                match chunk.value(at, key) {
                    Value::Null => nulls.push((rank, position)),
                    value => items.push(Item::new(value, rank, position)),
                }
                position += 1;
            }
        }
        items.sort_unstable_by(|a, b| {
            a.prefix.cmp(&b.prefix).then_with(|| whole(base, key, a, b)).then(a.rank.cmp(&b.rank))
        });
        nulls.sort_unstable();
        let n_values = items.len();
        let all = items.iter().map(|item| item.position).chain(nulls.iter().map(|null| null.1));
        Self { all: all.collect(), n_values }
    }

    /// Every position.
    pub(crate) fn all(&self) -> &[u32] {
        &self.all
    }

    /// How many have a value; the others come last.
    pub(crate) fn n_values(&self) -> usize {
        self.n_values
    }

    pub(crate) fn bytes(&self) -> usize {
        self.all.capacity() * 4
    }
}

impl Item {
    fn new(value: Value<'_>, rank: u32, position: u32) -> Self {
        let (prefix, is_long) = match value {
            Value::Time(time) => (time.cast_unsigned() ^ 1 << 63, false),
            // A text that goes on is told from one that ends here, even by the end mark.
            Value::Text(text) => (prefix(text), text.len() > 8 || text.contains(&0)),
            Value::Null => (u64::MAX, false),
        };
        Self { prefix, is_long, rank, position }
    }
}

fn prefix(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(text) {
        *to = *from;
    }
    u64::from_be_bytes(bytes)
}

/// Compares what lies behind equal prefixes.
fn whole(base: &Base, key: Key, a: &Item, b: &Item) -> Ordering {
    if !a.is_long && !b.is_long {
        return Ordering::Equal;
    }
    base.value(a.position as usize, key).cmp(&base.value(b.position as usize, key))
}

/// The place of each user's id among all ids.
fn ranks(base: &Base) -> Vec<u32> {
    let mut ids: Vec<(u128, u32)> = Vec::with_capacity(base.len());
    let mut position = 0;
    for (_, chunk) in base.chunks() {
        for at in 0..chunk.len() {
            ids.push((id_prefix(&chunk.id(at)), position));
            position += 1;
        }
    }
    ids.sort_unstable_by(|a, b| {
        a.0.cmp(&b.0).then_with(|| base.id(a.1 as usize).cmp(&base.id(b.1 as usize)))
    });
    let mut ranks = vec![0; ids.len()];
    for (rank, (_, position)) in ids.iter().enumerate() {
        if let Some(slot) = ranks.get_mut(*position as usize) {
            *slot = small(rank);
        }
    }
    ranks
}

/// The first bytes of an id; all but some ids begin alike, so the start is left out of those.
fn id_prefix(id: &str) -> u128 {
    let (class, text) = match id.strip_prefix("user_") {
        Some(rest) => (1, rest),
        None if id < "user_" => (0, id),
        None => (2, id),
    };
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip([class].iter().chain(text.as_bytes())) {
        *to = *from;
    }
    u128::from_be_bytes(bytes)
}
