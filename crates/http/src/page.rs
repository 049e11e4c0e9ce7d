//! What the queries of lists have in common.

use rollbook_domain::{Signed, Slice};
use rollbook_wire::{Code, Paginated};
use serde::Serialize;

use crate::{Json, Query, Refusal, Sign};

/// The most values of one filter.
pub(crate) const MAX_VALUES: usize = 100;

/// `limit`, 1 to 500, default 10; and `offset`, from 0.
pub(crate) fn limits(query: &mut Query) -> (i64, i64) {
    let limit = query.integer("limit", 1..=500).unwrap_or(10);
    (limit, query.integer("offset", 0..=i64::MAX).unwrap_or(0))
}

/// Which part of a list and in what order, newest first unless `order_by` says otherwise;
/// problems stay in `query`.
pub(crate) fn slice<K>(
    query: &mut Query,
    created_at: K,
    key: impl FnOnce(&str) -> Option<K>,
) -> Slice<K> {
    let (limit, offset) = limits(query);
    let newest = Slice { key: created_at, descending: true, limit, offset };
    let Some((sign, name)) = query.first_signed("order_by") else { return newest };
    let Some(key) = key(&name) else {
        let text = "order_by must name a field that this list can be ordered by.";
        query.deny("order_by", Code::FormParamValueInvalid, text);
        return newest;
    };
    Slice { key, descending: sign == Sign::Minus, limit, offset }
}

/// The one status that a list is filtered by; problems stay in `query`.
pub(crate) fn status<S>(query: &mut Query, named: impl FnOnce(&str) -> Option<S>) -> Option<S> {
    let name = query.string("status")?;
    let status = named(&name);
    if status.is_none() {
        let text = "status must be one that these resources can have.";
        query.deny("status", Code::FormParamValueInvalid, text);
    }
    status
}

/// Values to include and values to exclude; problems stay in `query`.
pub(crate) fn signed(query: &mut Query, name: &str) -> Signed {
    let mut signed = Signed::default();
    for (sign, value) in query.signed_strings(name, MAX_VALUES) {
        match sign {
            Sign::Plus => signed.include.push(value),
            Sign::Minus => signed.exclude.push(value),
        }
    }
    signed
}

/// The part of a list that is asked for, and in which of the two shapes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paging {
    pub(crate) limit: i64,
    pub(crate) offset: i64,
    pub(crate) paginated: bool,
}

impl Paging {
    /// Reads `paginated` besides the limits; problems stay in `query`.
    pub(crate) fn read(query: &mut Query) -> Self {
        let paginated = query.boolean("paginated").unwrap_or(false);
        let (limit, offset) = limits(query);
        Self { limit, offset, paginated }
    }
}

/// A bare array, or with the number of all where that was asked for.
pub(crate) fn list_body<T: Serialize>(data: Vec<T>, count: Option<i64>) -> Result<Json, Refusal> {
    match count {
        None => Json::of(&data),
        Some(total_count) => Json::of(&Paginated { data, total_count }),
    }
}

/// A list that is never longer than one answer.
pub(crate) fn whole<T: Serialize>(data: Vec<T>) -> Result<Json, Refusal> {
    let total_count = i64::try_from(data.len()).unwrap_or(i64::MAX);
    Json::of(&Paginated { data, total_count })
}
