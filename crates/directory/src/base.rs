//! All users as of the last fold, in the order of creation; never changed.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::chunk::Chunk;
use crate::filter::Span;
use crate::ids::Ids;
use crate::orders::Order;
use crate::person::{Key, Value};
use crate::{Person, small};

/// Up to so many users are sorted for whoever asks; more than that before anybody does.
const SORTED_AT_ONCE: usize = 20_000;

/// Users by position, which is their place in the order of creation.
#[derive(Debug, Default)]
pub(crate) struct Base {
    chunks: Vec<Arc<Chunk>>,
    /// The position of the first user of each chunk, and how many there are in all.
    starts: Vec<u32>,
    ids: Ids,
    /// By [`Key::slot`]; made when there is time.
    orders: [OnceLock<Order>; Key::ALL.len()],
}

impl Base {
    /// Chunks whose users are in the order of creation, one behind the other.
    pub(crate) fn new(chunks: Vec<Arc<Chunk>>) -> Self {
        let chunks: Vec<_> = chunks.into_iter().filter(|chunk| chunk.len() > 0).collect();
        let mut starts = vec![0];
        let mut n = 0;
        for chunk in &chunks {
            n += chunk.len();
            starts.push(small(n));
        }
        let mut ids = Ids::with_room(n);
        let mut position = 0;
        for chunk in &chunks {
            for at in 0..chunk.len() {
                ids.insert(&chunk.id(at), position);
                position += 1;
            }
        }
        Self { chunks, starts, ids, orders: Default::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.last().map_or(0, |n| *n as usize)
    }

    /// The chunks, each with the position of its first user.
    pub(crate) fn chunks(&self) -> impl DoubleEndedIterator<Item = (usize, &Arc<Chunk>)> {
        self.starts.iter().map(|start| *start as usize).zip(&self.chunks)
    }

    /// The chunk of a position, and its place therein.
    pub(crate) fn at(&self, position: usize) -> Option<(&Chunk, usize)> {
        let n = self.starts.partition_point(|start| *start as usize <= position).checked_sub(1)?;
        let chunk = self.chunks.get(n)?;
        Some((chunk, position - *self.starts.get(n)? as usize))
    }

    pub(crate) fn id(&self, position: usize) -> String {
        self.at(position).map(|(chunk, at)| chunk.id(at)).unwrap_or_default()
    }

    pub(crate) fn person(&self, position: usize) -> Option<Person<String>> {
        self.at(position).map(|(chunk, at)| chunk.person(at))
    }

    pub(crate) fn value(&self, position: usize, key: Key) -> Value<'_> {
        self.at(position).map_or(Value::Null, |(chunk, at)| chunk.value(at, key))
    }

    pub(crate) fn created_at(&self, position: usize) -> i64 {
        let found = self.at(position).and_then(|(chunk, at)| chunk.created_at().get(at));
        found.copied().unwrap_or_default()
    }

    /// When a user was last active, and when it last signed in.
    pub(crate) fn activity(&self, position: usize) -> Option<(Option<i64>, Option<i64>)> {
        self.at(position).map(|(chunk, at)| chunk.activity(at))
    }

    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        self.ids.find(id, |position| self.at(position).is_some_and(|(c, at)| c.has_id(at, id)))
    }

    /// How many users come before one in the order of creation.
    pub(crate) fn place(&self, created_at: i64, id: &str) -> usize {
        self.partition(|position| {
            let own = self.created_at(position);
            own.cmp(&created_at).then_with(|| self.id(position).as_str().cmp(id)) == Ordering::Less
        })
    }

    /// The positions of those created in an interval.
    pub(crate) fn created_in(&self, span: Span) -> Range<usize> {
        let first = self.partition(|position| self.created_at(position) < span.first);
        let end = self.partition(|position| self.created_at(position) <= span.last);
        first..end.max(first)
    }

    /// How many users come before one in the order of a key.
    pub(crate) fn place_in(&self, order: &Order, key: Key, value: Value<'_>, id: &str) -> usize {
        order.all().partition_point(|position| {
            let position = *position as usize;
            let own = self.value(position, key).cmp(&value);
            own.then_with(|| self.id(position).as_str().cmp(id)) == Ordering::Less
        })
    }

    /// The users sorted by a key; `None` while that is still to be done.
    pub(crate) fn order(&self, key: Key) -> Option<&Order> {
        let cell = self.orders.get(key.slot())?;
        if cell.get().is_none() && self.len() > SORTED_AT_ONCE {
            return None;
        }
        Some(cell.get_or_init(|| Order::sorted(self, key)))
    }

    /// Sorts by one more key; false once all is sorted.
    pub(crate) fn sort_next(&self) -> bool {
        for key in Key::ALL {
            if let Some(cell) = self.orders.get(key.slot())
                && cell.get().is_none()
            {
                cell.get_or_init(|| Order::sorted(self, key));
                return true;
            }
        }
        false
    }

    /// The order by a key if it is there.
    pub(crate) fn sorted(&self, key: Key) -> Option<&Order> {
        self.orders.get(key.slot())?.get()
    }

    /// Gives a new base an order that was merged from another's.
    pub(crate) fn set_order(&self, key: Key, order: Order) {
        if let Some(cell) = self.orders.get(key.slot()) {
            // One that is there already is the same.
            let _ = cell.set(order);
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|chunk| chunk.bytes()).sum();
        let orders: usize = self.orders.iter().filter_map(OnceLock::get).map(Order::bytes).sum();
        chunks + orders + self.ids.bytes() + self.starts.capacity() * 4
    }

    /// The number of positions, from the first, of which `holds` is true.
    fn partition(&self, holds: impl Fn(usize) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        // New users come last, so that is where to look first.
        if high > 0 && holds(high - 1) {
            return high;
        }
        while low < high {
            let middle = low.midpoint(high);
            if holds(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}
