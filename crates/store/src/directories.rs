//! Directories of users in memory, one per instance, in step with what the embedded engine commits.
//!
//! A transaction notes which users it changes ([`Conn`](crate::Conn) keeps the notes). Before
//! the writer commits a group it counts each instance it changes up by one, in the table
//! `user_changes`; after the commit, and before anybody is answered, it takes the changes into
//! the directories, which then stand at that number. A reader looks the number up in its own
//! snapshot and asks the directory for exactly that state, so that the two never disagree. A
//! number that this process did not count says that another one has written, and the users of
//! that instance are read anew.

mod notes;
mod upkeep;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::{Condvar, Mutex};
use rollbook_directory::{Change, Directory, Run};
use rollbook_wire::Id;

pub(crate) use self::notes::{Commit, Notes};
pub(crate) use self::upkeep::Upkeep;
use crate::statements;

statements! {
    USER_VERSION = "SELECT version FROM user_changes WHERE instance_id = $1";

    COUNT_CHANGE = "INSERT INTO user_changes (instance_id, version) VALUES ($1, 1)
        ON CONFLICT (instance_id) DO UPDATE SET version = user_changes.version + 1
        RETURNING version";
}

/// Commits kept for an instance while it is read; after more it is read once again.
const MOST_WAITING: usize = 10_000;

/// What an operator wants to see of the directories.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DirectoryStats {
    /// Users in memory.
    pub n_users: usize,
    /// Users changed since they were last folded in.
    pub n_changed: usize,
    /// About how much memory they take.
    pub bytes: usize,
    /// Lists and counts answered from memory.
    pub n_answered: u64,
    /// Lists and counts answered by SQL although directories are wanted.
    pub n_missed: u64,
}

/// The directories of a store; none until they are wanted.
#[derive(Debug, Default)]
pub(crate) struct Directories {
    state: Mutex<State>,
    /// There is something to be read, folded or sorted, or it is time to stop.
    work: Condvar,
    is_ready: AtomicBool,
    /// A commit may be visible that the directories have not been told of yet.
    is_committing: AtomicBool,
    n_answered: AtomicU64,
    n_missed: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    slots: HashMap<Id, Slot>,
    /// Instances whose users are to be read anew.
    stale: HashSet<Id>,
    /// Every instance that had users when all were read has a slot.
    knows_all: bool,
    is_closing: bool,
    has_work: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nobody wants them.
    #[default]
    Off,
    /// All users are being read.
    Reading,
    On,
}

/// One instance.
#[derive(Debug)]
enum Slot {
    /// Its users are being read; what is committed meanwhile, and whether that is too much to
    /// be told change by change.
    Reading {
        waiting: Vec<(i64, Vec<Change>)>,
        is_outdated: bool,
    },
    Ready(Arc<Directory>),
    /// There is no room for it.
    TooLarge,
}

impl Slot {
    const READING: Self = Self::Reading { waiting: Vec::new(), is_outdated: false };
}

impl Directories {
    /// Whether lists and counts are to be answered from memory.
    pub(crate) fn is_wanted(&self) -> bool {
        self.state.lock().phase != Phase::Off
    }

    /// Whether every user has been read.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_ready.load(Ordering::Acquire)
    }

    /// The directory of an instance, if there is one.
    pub(crate) fn get(&self, instance: &Id) -> Option<Arc<Directory>> {
        match self.state.lock().slots.get(instance) {
            Some(Slot::Ready(directory)) => Some(Arc::clone(directory)),
            Some(Slot::Reading { .. } | Slot::TooLarge) | None => None,
        }
    }

    /// Says that a commit begins that [`Directories::follow`] will tell of, or that it is over.
    pub(crate) fn set_committing(&self, is_committing: bool) {
        self.is_committing.store(is_committing, Ordering::Release);
    }

    /// Takes the changes of a commit in, before anybody hears of it.
    pub(crate) fn follow(&self, commits: Vec<Commit>) {
        for commit in commits {
            let is_due = self.follow_one(commit);
            if is_due {
                self.call();
            }
        }
    }

    /// Whether upkeep has something to do.
    fn follow_one(&self, commit: Commit) -> bool {
        let mut state = self.state.lock();
        if state.phase == Phase::Off {
            return false;
        }
        let (instance, version, changes) = match commit {
            Commit::Gone(instance) => {
                state.slots.remove(&instance);
                state.stale.remove(&instance);
                return false;
            }
            Commit::Counted { instance, version, changes } => (instance, version, changes),
        };
        let is_reading = state.phase == Phase::Reading;
        let knows_all = state.knows_all;
        let slot = state.slots.entry(instance.clone()).or_insert_with(|| {
            // It had no users when all were read, and this is the first that it gets.
            let is_new = !is_reading && version == 1 && knows_all;
            if is_new {
                Slot::Ready(Arc::new(Directory::load(Vec::new(), 0)))
            } else {
                Slot::READING
            }
        });
        match (slot, changes) {
            (Slot::Reading { waiting, is_outdated }, Some(changes)) => {
                if waiting.len() == MOST_WAITING {
                    waiting.clear();
                    *is_outdated = true;
                }
                waiting.push((version, changes));
                // Unless all are read anyway.
                !is_reading && state.stale.insert(instance)
            }
            (Slot::Reading { waiting, is_outdated }, None) => {
                waiting.clear();
                *is_outdated = true;
                state.stale.insert(instance)
            }
            (Slot::Ready(directory), Some(changes)) if directory.version() == version - 1 => {
                let directory = Arc::clone(directory);
                drop(state);
                directory.apply(version, changes);
                directory.is_fold_due()
            }
            // Either too much has changed, or another process has written.
            (slot @ Slot::Ready(_), changes) => {
                let waiting = changes.map(|changes| (version, changes));
                *slot =
                    Slot::Reading { waiting: waiting.into_iter().collect(), is_outdated: false };
                state.stale.insert(instance);
                true
            }
            // An instance that was emptied may fit now.
            (slot @ Slot::TooLarge, None) => {
                *slot = Slot::READING;
                state.stale.insert(instance);
                true
            }
            (Slot::TooLarge, Some(_)) => false,
        }
    }

    /// Says that a snapshot knows of changes that a directory was never told.
    pub(crate) fn doubt(&self, instance: &Id, version: i64) {
        if self.is_committing.load(Ordering::Acquire) {
            // It is about to be told.
            return;
        }
        let mut state = self.state.lock();
        if let Some(slot @ Slot::Ready(_)) = state.slots.get_mut(instance) {
            if matches!(slot, Slot::Ready(directory) if directory.version() >= version) {
                return;
            }
            *slot = Slot::READING;
            state.stale.insert(instance.clone());
            drop(state);
            self.call();
        }
    }

    /// Counts how a list or a count was answered.
    pub(crate) fn note_answer(&self, from_memory: bool) {
        let counter = if from_memory { &self.n_answered } else { &self.n_missed };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn stats(&self) -> DirectoryStats {
        let mut stats = DirectoryStats {
            n_answered: self.n_answered.load(Ordering::Relaxed),
            n_missed: self.n_missed.load(Ordering::Relaxed),
            ..DirectoryStats::default()
        };
        for directory in self.ready() {
            let one = directory.1.stats();
            stats.n_users += one.n_users;
            stats.n_changed += one.n_changed;
            stats.bytes += one.bytes;
        }
        stats
    }

    /// Lets upkeep end.
    pub(crate) fn close(&self) {
        self.state.lock().is_closing = true;
        self.work.notify_all();
    }

    fn ready(&self) -> Vec<(Id, Arc<Directory>)> {
        let state = self.state.lock();
        let slots = state.slots.iter();
        slots
            .filter_map(|(id, slot)| match slot {
                Slot::Ready(directory) => Some((id.clone(), Arc::clone(directory))),
                Slot::Reading { .. } | Slot::TooLarge => None,
            })
            .collect()
    }

    fn call(&self) {
        self.state.lock().has_work = true;
        self.work.notify_all();
    }

    /// Begins to keep what is committed for users who are still to be read.
    pub(crate) fn begin(&self) {
        self.state.lock().phase = Phase::Reading;
    }

    /// Serves what was read of an instance as of `version`, brought up to date; false if
    /// it must be read again.
    fn serve(&self, instance: &Id, version: i64, runs: Vec<Run>) -> bool {
        let directory = Directory::load(runs, version);
        let mut state = self.state.lock();
        // Deleted while it was read.
        let Some(slot @ Slot::Reading { .. }) = state.slots.get_mut(instance) else { return true };
        if let Slot::Reading { waiting, is_outdated } = slot {
            if *is_outdated {
                *is_outdated = false;
                return false;
            }
            for (of, changes) in waiting.drain(..).filter(|(of, _)| *of > version) {
                if of != directory.version() + 1 {
                    // Another process has written in between.
                    return false;
                }
                directory.apply(of, changes);
            }
        }
        *slot = Slot::Ready(Arc::new(directory));
        true
    }
}
