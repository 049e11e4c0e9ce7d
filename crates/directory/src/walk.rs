//! From a filter and an order to a page, or to a count.

use std::ops::Range;
use std::sync::Arc;

use crate::base::Base;
use crate::bits::Bits;
use crate::filter::Filter;
use crate::orders::Order;
use crate::overlay::Entry;
use crate::person::Key;
use crate::small;

/// Users looked at together when a page may be full soon.
const BLOCK: usize = 512;

/// What a query sees: one state of a directory, whatever happens to it meanwhile.
pub(crate) struct View {
    pub(crate) base: Arc<Base>,
    /// Positions that do not count; ascending.
    pub(crate) dead: Vec<u32>,
    /// Changed users that the filter admits, in the direction of the page.
    pub(crate) entries: Vec<Arc<Entry>>,
}

/// Which part of the chosen users is wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) descending: bool,
    pub(crate) limit: usize,
    pub(crate) offset: usize,
}

/// The ids of a page as they are found.
struct Found {
    skip: usize,
    limit: usize,
    ids: Vec<String>,
}

impl Found {
    fn new(part: Part) -> Self {
        Self { skip: part.offset, limit: part.limit, ids: Vec::new() }
    }

    fn is_full(&self) -> bool {
        self.ids.len() >= self.limit
    }

    fn add(&mut self, id: impl FnOnce() -> String) {
        if self.skip > 0 {
            self.skip -= 1;
        } else if !self.is_full() {
            self.ids.push(id());
        }
    }
}

/// A page in the order of creation, from `within` these positions.
///
/// Looks at no more users than it takes to fill the page.
pub(crate) fn by_creation(
    view: &View,
    filter: &Filter<'_>,
    part: Part,
    within: &Range<usize>,
) -> Vec<String> {
    let mut found = Found::new(part);
    let mut entries = view.entries.iter().peekable();
    let comes_first = |entry: &Entry, position: usize| {
        if part.descending { entry.place > position } else { entry.place <= position }
    };
    let take = |positions: &[usize], found: &mut Found, entries: &mut Entries<'_>| {
        let mut each = |position: usize| {
            while let Some(entry) = entries.next_if(|entry| comes_first(entry, position)) {
                found.add(|| entry.person.id.clone());
            }
            found.add(|| view.base.id(position));
        };
        if part.descending {
            positions.iter().rev().copied().for_each(&mut each);
        } else {
            positions.iter().copied().for_each(&mut each);
        }
    };

    if filter.is_hopeless {
        return found.ids;
    }
    if filter.sets.left().is_some() {
        take(&chosen(view, filter, within), &mut found, &mut entries);
    } else {
        let mut positions = Vec::with_capacity(BLOCK);
        for_blocks(&view.base, within, part.descending, |start, chunk, users| {
            let range = start + users.start..start + users.end;
            let dead = dead_in(&view.dead, &range);
            let n = range.len() - dead.len();
            let is_apart = entries.peek().is_none_or(|entry| {
                if part.descending { entry.place <= range.start } else { entry.place >= range.end }
            });
            if filter.is_open() && is_apart && found.skip >= n {
                found.skip -= n;
                return true;
            }
            positions.clear();
            filter.scan(chunk, &users, |at| positions.push(start + at));
            remove(&mut positions, dead);
            take(&positions, &mut found, &mut entries);
            !found.is_full()
        });
    }
    for entry in entries {
        found.add(|| entry.person.id.clone());
    }
    found.ids
}

type Entries<'a> = std::iter::Peekable<std::slice::Iter<'a, Arc<Entry>>>;

/// A page in the order of a key.
pub(crate) fn by_key(
    view: &View,
    filter: &Filter<'_>,
    part: Part,
    key: Key,
    order: &Order,
) -> Vec<String> {
    let mut found = Found::new(part);
    let bits = admitted(view, filter);
    let place = |entry: &Entry| entry.place_in(&view.base, order, key);
    let mut entries: Vec<(usize, &Arc<Entry>)> =
        view.entries.iter().map(|entry| (place(entry), entry)).collect();
    entries.sort_unstable_by(|(a_place, a), (b_place, b)| {
        a_place
            .cmp(b_place)
            .then_with(|| a.value(key).cmp(&b.value(key)))
            .then_with(|| a.person.id.cmp(&b.person.id))
    });
    let n_values = entries.partition_point(|(_, entry)| !entry.value(key).is_null());
    let (values, nulls) = entries.split_at(n_values);
    let (base_values, base_nulls) = order.all().split_at(order.n_values().min(order.all().len()));
    // Nulls come last both ways.
    for (start, positions, entries) in
        [(0, base_values, values), (order.n_values(), base_nulls, nulls)]
    {
        merge(view, &bits, (start, positions), entries, part.descending, &mut found);
    }
    found.ids
}

/// Takes the positions that are in the set, and between them the entries.
fn merge(
    view: &View,
    bits: &Bits,
    (start, positions): (usize, &[u32]),
    entries: &[(usize, &Arc<Entry>)],
    descending: bool,
    found: &mut Found,
) {
    let n = positions.len();
    let mut next = 0;
    for step in 0..n {
        if found.is_full() {
            return;
        }
        let at = if descending { n - 1 - step } else { step };
        let Some(position) = positions.get(at).map(|position| *position as usize) else { return };
        if !bits.contains(position) {
            continue;
        }
        while let Some((place, entry)) = entry_at(entries, next, descending) {
            let comes_first = if descending { *place > start + at } else { *place <= start + at };
            if !comes_first {
                break;
            }
            found.add(|| entry.person.id.clone());
            next += 1;
        }
        found.add(|| view.base.id(position));
    }
    while let Some((_, entry)) = entry_at(entries, next, descending) {
        found.add(|| entry.person.id.clone());
        next += 1;
    }
}

fn entry_at<T>(entries: &[T], n: usize, descending: bool) -> Option<&T> {
    if descending { entries.iter().nth_back(n) } else { entries.get(n) }
}

/// The users of the base that a filter admits.
pub(crate) fn admitted(view: &View, filter: &Filter<'_>) -> Bits {
    let n = view.base.len();
    let within = view.base.created_in(filter.created_at);
    let mut bits = Bits::none(n);
    if filter.is_hopeless {
        return bits;
    }
    if filter.sets.left().is_some() {
        for position in chosen(view, filter, &within) {
            bits.insert(position);
        }
        return bits;
    }
    if filter.is_open() && within == (0..n) {
        bits = Bits::all(n);
    } else {
        for_blocks(&view.base, &within, false, |start, chunk, users| {
            filter.scan(chunk, &users, |at| bits.insert(start + at));
            true
        });
    }
    for position in &view.dead {
        bits.remove(*position as usize);
    }
    bits
}

/// Of the users that the store has chosen, those of the base that the filter admits; ascending.
fn chosen(view: &View, filter: &Filter<'_>, within: &Range<usize>) -> Vec<usize> {
    let ids = filter.sets.left().into_iter().flatten();
    let mut positions: Vec<usize> = ids
        .filter_map(|id| view.base.find(id))
        .filter(|position| within.contains(position))
        .filter(|position| view.dead.binary_search(&small(*position)).is_err())
        .filter(|position| {
            view.base.at(*position).is_some_and(|(chunk, at)| filter.admits_at(chunk, at))
        })
        .collect();
    positions.sort_unstable();
    positions
}

/// Hands over the users of a range in pieces: where a chunk starts, the chunk, and which of its
/// users; until `each` says that it is enough.
fn for_blocks(
    base: &Base,
    within: &Range<usize>,
    descending: bool,
    mut each: impl FnMut(usize, &crate::chunk::Chunk, Range<usize>) -> bool,
) {
    let mut chunk_blocks = |start: usize, chunk: &crate::chunk::Chunk| {
        let first = within.start.max(start) - start;
        let end = within.end.clamp(start, start + chunk.len()) - start;
        let n_blocks = end.saturating_sub(first).div_ceil(BLOCK);
        for n in 0..n_blocks {
            let n = if descending { n_blocks - 1 - n } else { n };
            let from = first + n * BLOCK;
            if !each(start, chunk, from..end.min(from + BLOCK)) {
                return false;
            }
        }
        true
    };
    if descending {
        base.chunks().rev().all(|(start, chunk)| chunk_blocks(start, chunk));
    } else {
        base.chunks().all(|(start, chunk)| chunk_blocks(start, chunk));
    }
}

/// The dead of a range.
fn dead_in<'a>(dead: &'a [u32], range: &Range<usize>) -> &'a [u32] {
    let first = dead.partition_point(|position| (*position as usize) < range.start);
    let end = dead.partition_point(|position| (*position as usize) < range.end);
    dead.get(first..end).unwrap_or_default()
}

/// Takes the dead out of ascending positions.
fn remove(positions: &mut Vec<usize>, dead: &[u32]) {
    if !dead.is_empty() {
        positions.retain(|position| dead.binary_search(&small(*position)).is_err());
    }
}
