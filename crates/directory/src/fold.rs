//! A new base from an old one and its overlay.

use std::collections::HashSet;
use std::sync::Arc;

use crate::base::Base;
use crate::chunk::{CHUNK, Chunk};
use crate::orders::Order;
use crate::overlay::Entry;
use crate::person::Key;
use crate::small;

/// What was in the overlay when the fold began.
pub(crate) struct Folding {
    pub(crate) base: Arc<Base>,
    /// In the order of creation.
    pub(crate) entries: Vec<Arc<Entry>>,
    /// Ascending.
    pub(crate) dead: Vec<u32>,
}

/// Says that a position has no user any more.
const GONE: u32 = u32::MAX;

/// Where everybody is in the new base.
struct Moves {
    /// By old position; [`GONE`] for the dead.
    base: Vec<u32>,
    /// By entry.
    entries: Vec<u32>,
}

impl Folding {
    /// The new base; with the orders of the old one if the changes are few enough that merging
    /// them is quicker than sorting again.
    pub(crate) fn fold(&self) -> Base {
        let (chunks, moves) = self.chunks();
        let base = Base::new(chunks);
        if self.entries.len() <= self.base.len() / 16 {
            for key in Key::ALL {
                if let Some(order) = self.base.sorted(key) {
                    base.set_order(key, self.merged(key, order, &moves));
                }
            }
        }
        base
    }

    /// The new chunks; one in which nothing has changed stays as it is.
    fn chunks(&self) -> (Vec<Arc<Chunk>>, Moves) {
        let mut chunks = Vec::new();
        let mut moves = Moves { base: vec![GONE; self.base.len()], entries: Vec::new() };
        let mut entries = self.entries.as_slice();
        let mut dead = self.dead.as_slice();
        let mut n = 0;
        let n_chunks = self.base.chunks().count();
        for (nth, (start, chunk)) in self.base.chunks().enumerate() {
            let end = start + chunk.len();
            let own_dead = cut(&mut dead, |position| (*position as usize) < end);
            // What is newer than all goes into the last chunk.
            let is_last = nth + 1 == n_chunks;
            let own = cut(&mut entries, |entry| is_last || entry.place < end);
            if own_dead.is_empty() && own.is_empty() {
                for slot in moves.base.get_mut(start..end).unwrap_or_default() {
                    *slot = small(n);
                    n += 1;
                }
                chunks.push(Arc::clone(chunk));
                continue;
            }
            rebuild((start, chunk), own_dead, own, &mut moves, &mut n, &mut chunks);
        }
        if n_chunks == 0 {
            let nothing = Chunk::default();
            rebuild((0, &nothing), &[], entries, &mut moves, &mut n, &mut chunks);
        }
        (chunks, moves)
    }

    /// An order of the old base as it is in the new one.
    fn merged(&self, key: Key, order: &Order, moves: &Moves) -> Order {
        // Whoever has the same value as before keeps its place; the others are taken out and
        // put in again.
        let mut reseated = HashSet::new();
        let mut positions = moves.base.clone();
        for (n, entry) in self.entries.iter().enumerate() {
            let before = self.base.find(&entry.person.id);
            let stays = before.filter(|at| self.base.value(*at, key) == entry.value(key));
            match stays.and_then(|at| positions.get_mut(at)).zip(moves.entries.get(n)) {
                Some((position, to)) => *position = *to,
                None => {
                    reseated.insert(n);
                }
            }
        }
        let mut insert: Vec<(usize, usize, &Arc<Entry>)> = self
            .entries
            .iter()
            .enumerate()
            .filter(|(n, _)| reseated.contains(n))
            .map(|(n, entry)| (entry.place_in(&self.base, order, key), n, entry))
            .collect();
        insert.sort_unstable_by(|(a_place, _, a), (b_place, _, b)| {
            let places = a_place.cmp(b_place);
            let values = places.then_with(|| a.value(key).cmp(&b.value(key)));
            values.then_with(|| a.person.id.cmp(&b.person.id))
        });

        let mut all = Vec::with_capacity(order.all().len() + insert.len());
        let mut n_values = 0;
        let mut insert = insert.into_iter().peekable();
        for (at, old) in order.all().iter().enumerate() {
            while let Some((_, n, entry)) = insert.next_if(|(place, ..)| *place <= at) {
                all.extend(moves.entries.get(n));
                n_values += usize::from(!entry.value(key).is_null());
            }
            let position = positions.get(*old as usize).copied().unwrap_or(GONE);
            if position != GONE {
                all.push(position);
                n_values += usize::from(at < order.n_values());
            }
        }
        for (_, n, entry) in insert {
            all.extend(moves.entries.get(n));
            n_values += usize::from(!entry.value(key).is_null());
        }
        Order::new(all, n_values)
    }
}

/// Merges the living of a chunk with entries, into as many chunks as it takes.
fn rebuild(
    (start, chunk): (usize, &Chunk),
    dead: &[u32],
    entries: &[Arc<Entry>],
    moves: &mut Moves,
    n: &mut usize,
    chunks: &mut Vec<Arc<Chunk>>,
) {
    let total = chunk.len() - dead.len() + entries.len();
    // Halves rather than a full one and a rest, or there would soon be many rests.
    let each = total.div_ceil(total.div_ceil(2 * CHUNK).max(1));
    let mut new = Chunk::default();
    let mut entries = entries.iter().peekable();
    let mut dead = dead.iter().peekable();
    let mut close = |new: &mut Chunk, is_end: bool| {
        if new.len() >= each || is_end {
            new.shrink();
            chunks.push(Arc::new(std::mem::take(new)));
        }
    };
    for at in 0..=chunk.len() {
        let is_end = at == chunk.len();
        while let Some(entry) = entries.next_if(|entry| is_end || entry.place <= start + at) {
            new.push(&entry.person);
            moves.entries.push(small(*n));
            *n += 1;
            close(&mut new, false);
        }
        if is_end || dead.next_if(|position| **position as usize == start + at).is_some() {
            continue;
        }
        new.push_from(chunk, at);
        if let Some(slot) = moves.base.get_mut(start + at) {
            *slot = small(*n);
        }
        *n += 1;
        close(&mut new, false);
    }
    close(&mut new, true);
}

/// Takes off the front of a slice what `is_front` holds for.
fn cut<'a, T>(rest: &mut &'a [T], is_front: impl FnMut(&T) -> bool) -> &'a [T] {
    let (front, back) = rest.split_at(rest.partition_point(is_front));
    *rest = back;
    front
}

/// In the order of creation.
#[cfg(test)]
pub(crate) fn is_ordered(base: &Base) -> bool {
    let key = |at: usize| base.person(at).map(|person| (person.created_at, person.id));
    (1..base.len()).all(|at| key(at - 1) < key(at))
}
