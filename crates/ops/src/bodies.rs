//! Rendered bodies of users, kept in memory by bytes.
//!
//! Only for the embedded store, where every change passes through this
//! process. A change drops the body after its commit and before its answer; a
//! reader that began before the change cannot put the old body back, because
//! its ticket is void by then.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use rollbook_wire::Id;

const SLOTS: usize = 4096;

/// Our ids are shorter; no user has a longer one.
const LONGEST_ID: usize = 40;

/// A byte-bounded map from user to body; at size zero it keeps nothing.
pub struct Bodies {
    cache: Option<Cache<Key, Bytes, ByBytes>>,
    /// Counts the changes of all users that share a slot.
    changes: Box<[AtomicU64]>,
    hasher: RandomState,
}

/// The epoch stands for the instance as it was loaded: new settings, new epoch.
///
/// The id lies in the key itself, padded with zeros, which no id holds: text
/// elsewhere in memory would be one more cache miss of every read.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    epoch: u64,
    user: [u8; LONGEST_ID],
}

impl Key {
    fn new(epoch: u64, id: &Id) -> Option<Self> {
        let id = id.as_str().as_bytes();
        let mut user = [0; LONGEST_ID];
        user.get_mut(..id.len())?.copy_from_slice(id);
        Some(Self { epoch, user })
    }
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Bytes> for ByBytes {
    fn weight(&self, _: &Key, body: &Bytes) -> u64 {
        (size_of::<Key>() + body.len() + 96) as u64
    }
}

/// The right to put a body in, void once the user changes.
#[derive(Debug, Clone, Copy)]
pub struct Ticket {
    slot: usize,
    changes: u64,
}

impl Bodies {
    /// Keeps up to `bytes` of bodies.
    pub fn new(bytes: u64) -> Self {
        let cache = (bytes > 0).then(|| {
            let about = usize::try_from(bytes / 4096).unwrap_or(usize::MAX).max(16);
            Cache::with_weighter(about, bytes, ByBytes)
        });
        let changes = (0..SLOTS).map(|_| AtomicU64::new(0)).collect();
        Self { cache, changes, hasher: RandomState::new() }
    }

    /// The body of a user, if it is there.
    pub fn get(&self, epoch: u64, user: &Id) -> Option<Bytes> {
        self.cache.as_ref()?.get(&Key::new(epoch, user)?)
    }

    /// To be taken before the user is read from the store.
    pub fn ticket(&self, user: &Id) -> Ticket {
        let slot = self.slot(user);
        Ticket { slot, changes: self.changes_of(slot) }
    }

    /// Keeps a body, unless its user changed since the ticket was taken.
    pub fn put(&self, ticket: Ticket, epoch: u64, user: &Id, body: Bytes) {
        let Some((cache, key)) = self.cache.as_ref().zip(Key::new(epoch, user)) else { return };
        if self.changes_of(ticket.slot) != ticket.changes {
            return;
        }
        cache.insert(key.clone(), body);
        // The change may have come between the question and the insertion.
        if self.changes_of(ticket.slot) != ticket.changes {
            cache.remove(&key);
        }
    }

    /// Drops the body of a user that has changed.
    pub fn forget(&self, epoch: u64, user: &Id) {
        if let Some(slot) = self.changes.get(self.slot(user)) {
            slot.fetch_add(1, Ordering::SeqCst);
        }
        if let Some((cache, key)) = self.cache.as_ref().zip(Key::new(epoch, user)) {
            cache.remove(&key);
        }
    }

    fn slot(&self, user: &Id) -> usize {
        usize::try_from(self.hasher.hash_one(user) % SLOTS as u64).unwrap_or_default()
    }

    fn changes_of(&self, slot: usize) -> u64 {
        self.changes.get(slot).map_or(0, |changes| changes.load(Ordering::SeqCst))
    }
}

impl std::fmt::Debug for Bodies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bodies")
            .field("len", &self.cache.as_ref().map_or(0, Cache::len))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> Id {
        "user_1".parse().expect("an id")
    }

    #[test]
    fn a_body_is_kept_until_its_user_changes() {
        let bodies = Bodies::new(1 << 20);
        bodies.put(bodies.ticket(&user()), 1, &user(), Bytes::from_static(b"old"));
        assert_eq!(bodies.get(1, &user()).expect("kept"), "old");
        bodies.forget(1, &user());
        assert!(bodies.get(1, &user()).is_none());
    }

    #[test]
    fn a_slow_reader_cannot_put_an_old_body_back() {
        let bodies = Bodies::new(1 << 20);
        let ticket = bodies.ticket(&user());
        bodies.forget(1, &user());
        bodies.put(ticket, 1, &user(), Bytes::from_static(b"old"));
        assert!(bodies.get(1, &user()).is_none());
    }

    #[test]
    fn a_new_epoch_sees_none_of_the_old_bodies() {
        let bodies = Bodies::new(1 << 20);
        bodies.put(bodies.ticket(&user()), 1, &user(), Bytes::from_static(b"old"));
        assert!(bodies.get(2, &user()).is_none());
    }

    #[test]
    fn the_bytes_are_bounded() {
        let bodies = Bodies::new(100_000);
        for n in 0..1000 {
            let id: Id = format!("user_{n}").parse().expect("an id");
            bodies.put(bodies.ticket(&id), 1, &id, Bytes::from(vec![0; 1000]));
        }
        let weight = bodies.cache.as_ref().expect("a cache").weight();
        assert!(weight <= 100_000, "{weight}");
    }
}
