//! Lists that are short enough to be sorted in memory: roles and permissions.

use std::cmp::Ordering;

use rollbook_domain::{Permission, Role, Slice, fold};

/// What a list of roles or permissions is sorted by; ties are broken by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `created_at`
    CreatedAt,
    /// `name`
    Name,
    /// `key`
    Key,
}

impl Order {
    /// The order as `order_by` spells it.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "created_at" => Self::CreatedAt,
            "name" => Self::Name,
            "key" => Self::Key,
            _ => return None,
        })
    }
}

/// Which roles or permissions, and which part of them.
#[derive(Debug, Clone)]
pub struct Listing {
    /// An id, or text somewhere in the name or the key, whatever its case.
    pub query: Option<String>,
    /// Which part, in what order.
    pub slice: Slice<Order>,
}

/// What a list of these things needs to know of one.
pub(crate) trait Listed {
    /// Its id, key and name.
    fn texts(&self) -> [&str; 3];
    /// When it was made.
    fn created_at(&self) -> i64;
}

impl Listed for Role {
    fn texts(&self) -> [&str; 3] {
        [self.id.as_str(), &self.key, &self.name]
    }

    fn created_at(&self) -> i64 {
        self.created_at
    }
}

impl Listed for Permission {
    fn texts(&self) -> [&str; 3] {
        [self.id.as_str(), &self.key, &self.name]
    }

    fn created_at(&self) -> i64 {
        self.created_at
    }
}

/// The part of `all` that is asked for, and how many there are of what is asked for.
pub(crate) fn page<T: Listed>(mut all: Vec<T>, listing: &Listing) -> (Vec<T>, i64) {
    if let Some(query) = &listing.query {
        let folded = fold(query);
        all.retain(|item| {
            let [id, key, name] = item.texts();
            id == query || fold(key).contains(&folded) || fold(name).contains(&folded)
        });
    }
    let slice = listing.slice;
    all.sort_by(|a, b| {
        let order = compare(a, b, slice.key);
        if slice.descending { order.reverse() } else { order }
    });
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    let count = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    let page = all.into_iter().skip(count(slice.offset)).take(count(slice.limit)).collect();
    (page, total)
}

fn compare<T: Listed>(a: &T, b: &T, order: Order) -> Ordering {
    let ([a_id, a_key, a_name], [b_id, b_key, b_name]) = (a.texts(), b.texts());
    let order = match order {
        Order::CreatedAt => a.created_at().cmp(&b.created_at()),
        Order::Name => a_name.cmp(b_name),
        Order::Key => a_key.cmp(b_key),
    };
    order.then_with(|| a_id.cmp(b_id))
}
