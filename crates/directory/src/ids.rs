//! From an id to a position: a table of positions that holds no ids.

use std::hash::{BuildHasher as _, RandomState};

use crate::small;

const FREE: u32 = u32::MAX;

/// Open addressing with linear probing, a third of it free.
///
/// Ids may come from outside, so the hash is keyed.
#[derive(Debug)]
pub(crate) struct Ids {
    slots: Vec<u32>,
    hasher: RandomState,
}

impl Default for Ids {
    fn default() -> Self {
        Self::with_room(0)
    }
}

impl Ids {
    /// A table with room for `n` ids.
    pub(crate) fn with_room(n: usize) -> Self {
        Self { slots: vec![FREE; n + n / 2 + 1], hasher: RandomState::new() }
    }

    /// Adds an id that is not there yet.
    pub(crate) fn insert(&mut self, id: &str, position: usize) {
        let mut at = self.first(id);
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == FREE {
                *slot = small(position);
                return;
            }
            at = self.next(at);
        }
    }

    /// The position of an id; `is` says whether a position has it.
    pub(crate) fn find(&self, id: &str, is: impl Fn(usize) -> bool) -> Option<usize> {
        let mut at = self.first(id);
        loop {
            match *self.slots.get(at)? {
                FREE => return None,
                position if is(position as usize) => return Some(position as usize),
                _ => at = self.next(at),
            }
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.slots.capacity() * 4
    }

    fn first(&self, id: &str) -> usize {
        let wide = u128::from(self.hasher.hash_one(id)) * self.slots.len() as u128;
        usize::try_from(wide >> 64).unwrap_or_default()
    }

    fn next(&self, at: usize) -> usize {
        if at + 1 < self.slots.len() { at + 1 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_is_found_and_no_other() {
        let ids: Vec<String> = (0..1000).map(|n| format!("user_{n}")).collect();
        let mut table = Ids::with_room(ids.len());
        for (position, id) in ids.iter().enumerate() {
            table.insert(id, position);
        }
        for (position, id) in ids.iter().enumerate() {
            assert_eq!(table.find(id, |at| ids[at] == *id), Some(position));
        }
        assert_eq!(table.find("nobody", |at| ids[at] == "nobody"), None);
        assert_eq!(Ids::with_room(0).find("nobody", |_| true), None);
    }
}
