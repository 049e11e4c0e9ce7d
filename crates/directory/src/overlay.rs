//! Users that have changed since the base was made, and those of the base that this outdates.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use crate::base::Base;
use crate::filter::Filter;
use crate::orders::Order;
use crate::person::{Key, Value};
use crate::{Person, small};

/// Users apart from the base.
#[derive(Debug, Default)]
pub(crate) struct Overlay {
    by_creation: BTreeMap<(i64, String), Arc<Entry>>,
    /// When each was created, which leads to it.
    created_at: HashMap<String, i64>,
    /// Positions of users who are gone or are here now; ascending.
    dead: Vec<u32>,
    /// Of the latest change.
    seq: u64,
    bytes: usize,
}

/// One changed user, beside the base of its time.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) person: Person<String>,
    /// How many of the base come before it in the order of creation.
    pub(crate) place: usize,
    /// Which change brought it.
    pub(crate) seq: u64,
    /// The same in the other orders, by [`Key::slot`]; found when needed.
    places: [OnceLock<u32>; Key::ALL.len()],
}

/// What an entry takes beside its texts.
const ENTRY_BYTES: usize = 500;

impl Overlay {
    pub(crate) fn len(&self) -> usize {
        self.by_creation.len()
    }

    pub(crate) fn dead(&self) -> &[u32] {
        &self.dead
    }

    pub(crate) fn seq(&self) -> u64 {
        self.seq
    }

    /// Goes on counting changes where another has stopped.
    pub(crate) fn start_at(&mut self, seq: u64) {
        self.seq = self.seq.max(seq);
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes + self.dead.capacity() * 4
    }

    /// The entries in the order of creation.
    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Arc<Entry>> {
        self.by_creation.values()
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Arc<Entry>> {
        let created_at = *self.created_at.get(id)?;
        self.by_creation.get(&(created_at, id.to_owned()))
    }

    pub(crate) fn is_dead(&self, position: usize) -> bool {
        self.dead.binary_search(&small(position)).is_ok()
    }

    /// A user as it is now.
    pub(crate) fn put(&mut self, base: &Base, person: Person<String>) {
        self.remove(base, &person.id);
        self.seq += 1;
        self.add(base, person, self.seq);
    }

    /// A user that is gone.
    pub(crate) fn remove(&mut self, base: &Base, id: &str) {
        if let Some(created_at) = self.created_at.remove(id)
            && let Some(entry) = self.by_creation.remove(&(created_at, id.to_owned()))
        {
            self.bytes = self.bytes.saturating_sub(entry.bytes());
        }
        if let Some(position) = base.find(id) {
            self.kill(position);
        }
    }

    /// An entry that is the newest already; whoever it outdates is dead already.
    pub(crate) fn add(&mut self, base: &Base, person: Person<String>, seq: u64) {
        let place = base.place(person.created_at, &person.id);
        let entry = Entry { person, place, seq, places: Default::default() };
        self.bytes += entry.bytes();
        self.seq = self.seq.max(seq);
        let (created_at, id) = (entry.person.created_at, entry.person.id.clone());
        self.created_at.insert(id.clone(), created_at);
        self.by_creation.insert((created_at, id), Arc::new(entry));
    }

    pub(crate) fn kill(&mut self, position: usize) {
        let position = small(position);
        if let Err(at) = self.dead.binary_search(&position) {
            self.dead.insert(at, position);
        }
    }

    /// Those that a filter admits, in the order of creation or against it; `most` at most.
    pub(crate) fn admitted(
        &self,
        filter: &Filter<'_>,
        descending: bool,
        most: usize,
    ) -> Vec<Arc<Entry>> {
        let admits = |entry: &&Arc<Entry>| filter.admits(&entry.person);
        if descending {
            self.entries().rev().filter(admits).take(most).cloned().collect()
        } else {
            self.entries().filter(admits).take(most).cloned().collect()
        }
    }
}

impl Entry {
    pub(crate) fn value(&self, key: Key) -> Value<'_> {
        self.person.value(key)
    }

    /// How many of the base come before it in an order of that base.
    pub(crate) fn place_in(&self, base: &Base, order: &Order, key: Key) -> usize {
        let find = || small(base.place_in(order, key, self.value(key), &self.person.id));
        self.places.get(key.slot()).map_or_else(find, |cell| *cell.get_or_init(find)) as usize
    }

    fn bytes(&self) -> usize {
        ENTRY_BYTES + 3 * self.person.search.len()
    }
}
