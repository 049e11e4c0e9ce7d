//! One instance's users: queries of one state, changes one after the other, folds beside both.

use std::sync::Arc;

use parking_lot::RwLock;
use rollbook_domain::{Page, UserFilter};

use crate::base::Base;
use crate::filter::Filter;
use crate::fold::Folding;
use crate::loader;
use crate::overlay::{Entry, Overlay};
use crate::person::Key;
use crate::walk::{self, Part, View};
use crate::{Person, Run, Sets, small};

/// Fewer changes than this are never worth a fold.
const FEW: usize = 1024;

/// The users of one instance.
///
/// It stands at a version, which grows with each transaction that changes a user; a query names
/// the version that it wants to see.
#[derive(Debug)]
pub struct Directory(RwLock<Inner>);

#[derive(Debug)]
struct Inner {
    base: Arc<Base>,
    overlay: Overlay,
    version: i64,
}

/// What a transaction does to a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is new, or like this now, but for its activity, which stays as it is if it is known.
    Put(Person<String>),
    /// It was active, and has perhaps signed in.
    Active {
        /// Whose.
        id: String,
        /// Milliseconds.
        last_active_at: i64,
        /// Milliseconds; `None` leaves it.
        last_sign_in_at: Option<i64>,
    },
    /// It is gone.
    Delete(String),
}

/// Why a query is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Miss {
    /// The directory stands at this other version.
    Version(i64),
    /// Users are still being sorted by the key that was asked for.
    Unsorted,
}

/// What an operator wants to see of a directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Users in it.
    pub n_users: usize,
    /// Users changed since the last fold.
    pub n_changed: usize,
    /// About how much memory it takes.
    pub bytes: usize,
}

impl Directory {
    /// The users of some runs, each in one of them only, as of a version.
    pub fn load(runs: Vec<Run>, version: i64) -> Self {
        let base = Arc::new(loader::base(runs));
        Self(RwLock::new(Inner { base, overlay: Overlay::default(), version }))
    }

    /// The version it stands at.
    pub fn version(&self) -> i64 {
        self.0.read().version
    }

    /// Takes the changes of a transaction in; it stands at `version` then.
    pub fn apply(&self, version: i64, changes: impl IntoIterator<Item = Change>) {
        let inner = &mut *self.0.write();
        for change in changes {
            inner.change(change);
        }
        inner.version = inner.version.max(version);
    }

    /// The ids of a page; `None` if nobody is `starting_after`.
    ///
    /// The exact values of `filter` are not looked at: whom they admit is in `sets`.
    ///
    /// # Errors
    ///
    /// [`Miss`] says why not.
    pub fn page(
        &self,
        version: i64,
        filter: &UserFilter,
        sets: &Sets,
        page: &Page,
    ) -> Result<Option<Vec<String>>, Miss> {
        let filter = Filter::new(filter, sets);
        let wanted = |n: i64| usize::try_from(n.max(0)).unwrap_or(usize::MAX);
        let descending = page.order.descending;
        let part = Part { descending, limit: wanted(page.limit), offset: wanted(page.offset) };
        let key = Key::of(page.order.key);
        let most = if key.is_none() && page.starting_after.is_none() {
            part.offset.saturating_add(part.limit)
        } else {
            usize::MAX
        };

        let inner = self.0.read();
        inner.stands_at(version)?;
        let cursor = match &page.starting_after {
            None => None,
            Some(after) => match inner.created_at(after.as_str()) {
                None => return Ok(None),
                Some(created_at) => Some((created_at, after.as_str())),
            },
        };
        let mut view = View {
            base: Arc::clone(&inner.base),
            dead: inner.overlay.dead().to_vec(),
            entries: inner.overlay.admitted(&filter, descending, most),
        };
        drop(inner);
        leave_out(&mut view, sets);

        let Some(key) = key else {
            let mut within = view.base.created_in(filter.created_at);
            if let Some((created_at, id)) = cursor {
                let place = view.base.place(created_at, id);
                if descending {
                    within.end = within.end.min(place);
                } else {
                    let own = view.base.at(place).is_some_and(|(chunk, at)| chunk.has_id(at, id));
                    within.start = within.start.max(place + usize::from(own));
                }
                let side =
                    if descending { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
                view.entries.retain(|entry| entry.person.cmp_creation(created_at, id) == side);
            }
            within.end = within.end.max(within.start);
            return Ok(Some(walk::by_creation(&view, &filter, part, &within)));
        };
        let order = view.base.order(key).ok_or(Miss::Unsorted)?;
        Ok(Some(walk::by_key(&view, &filter, part, key, order)))
    }

    /// How many users are admitted, exactly; as [`Directory::page`].
    ///
    /// # Errors
    ///
    /// [`Miss::Version`].
    pub fn count(&self, version: i64, filter: &UserFilter, sets: &Sets) -> Result<usize, Miss> {
        let filter = Filter::new(filter, sets);
        let inner = self.0.read();
        inner.stands_at(version)?;
        if filter.admits_all() {
            return Ok(inner.n_users());
        }
        let changed = inner.overlay.entries().filter(|entry| filter.admits(&entry.person)).count();
        let mut view = View {
            base: Arc::clone(&inner.base),
            dead: inner.overlay.dead().to_vec(),
            entries: Vec::new(),
        };
        drop(inner);
        leave_out(&mut view, sets);
        Ok(changed + walk::admitted(&view, &filter).count())
    }

    /// Whether so much has changed that a fold is worth its while.
    pub fn is_fold_due(&self) -> bool {
        let inner = self.0.read();
        inner.overlay.len().max(inner.overlay.dead().len()) >= FEW.max(inner.base.len() / 100)
    }

    /// Makes a new base of everything; queries and changes go on meanwhile.
    ///
    /// To be called by one thread at a time.
    pub fn fold(&self) {
        let inner = self.0.read();
        let until = inner.overlay.seq();
        let folding = Folding {
            base: Arc::clone(&inner.base),
            entries: inner.overlay.entries().cloned().collect(),
            dead: inner.overlay.dead().to_vec(),
        };
        drop(inner);
        let base = Arc::new(folding.fold());

        let inner = &mut *self.0.write();
        let mut overlay = Overlay::default();
        for entry in &folding.entries {
            let now = inner.overlay.find(&entry.person.id);
            if now.is_none_or(|now| now.seq != entry.seq)
                && let Some(position) = base.find(&entry.person.id)
            {
                overlay.kill(position);
            }
        }
        let newly =
            inner.overlay.dead().iter().filter(|at| folding.dead.binary_search(at).is_err());
        for position in newly {
            if let Some(position) = base.find(&folding.base.id(*position as usize)) {
                overlay.kill(position);
            }
        }
        for entry in inner.overlay.entries().filter(|entry| entry.seq > until) {
            overlay.add(&base, entry.person.clone(), entry.seq);
        }
        overlay.start_at(inner.overlay.seq());
        inner.overlay = overlay;
        inner.base = base;
    }

    /// Sorts by one more key; false once all is sorted.
    pub fn sort_next(&self) -> bool {
        let base = Arc::clone(&self.0.read().base);
        base.sort_next()
    }

    #[cfg(test)]
    pub(crate) fn base(&self) -> Arc<Base> {
        Arc::clone(&self.0.read().base)
    }

    /// How large it is.
    pub fn stats(&self) -> Stats {
        let inner = self.0.read();
        Stats {
            n_users: inner.n_users(),
            n_changed: inner.overlay.len().max(inner.overlay.dead().len()),
            bytes: inner.base.bytes() + inner.overlay.bytes(),
        }
    }
}

impl Inner {
    fn stands_at(&self, version: i64) -> Result<(), Miss> {
        if self.version == version { Ok(()) } else { Err(Miss::Version(self.version)) }
    }

    fn n_users(&self) -> usize {
        self.base.len() - self.overlay.dead().len() + self.overlay.len()
    }

    /// The user of the base with this id, if it is still the newest.
    fn living(&self, id: &str) -> Option<usize> {
        self.base.find(id).filter(|position| !self.overlay.is_dead(*position))
    }

    fn created_at(&self, id: &str) -> Option<i64> {
        let changed: Option<&Arc<Entry>> = self.overlay.find(id);
        changed
            .map(|entry| entry.person.created_at)
            .or_else(|| self.living(id).map(|position| self.base.created_at(position)))
    }

    fn activity(&self, id: &str) -> Option<(Option<i64>, Option<i64>)> {
        match self.overlay.find(id) {
            Some(entry) => Some((entry.person.last_active_at, entry.person.last_sign_in_at)),
            None => self.base.activity(self.living(id)?),
        }
    }

    fn person(&self, id: &str) -> Option<Person<String>> {
        match self.overlay.find(id) {
            Some(entry) => Some(entry.person.clone()),
            None => self.base.person(self.living(id)?),
        }
    }

    fn change(&mut self, change: Change) {
        match change {
            Change::Put(mut person) => {
                if let Some((last_active_at, last_sign_in_at)) = self.activity(&person.id) {
                    person.last_active_at = last_active_at;
                    person.last_sign_in_at = last_sign_in_at;
                }
                self.overlay.put(&self.base, person);
            }
            Change::Delete(id) => self.overlay.remove(&self.base, &id),
            Change::Active { id, last_active_at, last_sign_in_at } => {
                if let Some(mut person) = self.person(&id) {
                    person.last_active_at = Some(last_active_at);
                    person.last_sign_in_at = last_sign_in_at.or(person.last_sign_in_at);
                    self.overlay.put(&self.base, person);
                }
            }
        }
    }
}

/// Counts whom the store has left out as dead.
fn leave_out(view: &mut View, sets: &Sets) {
    if sets.left_out().is_empty() {
        return;
    }
    let positions = sets.left_out().iter().filter_map(|id| view.base.find(id)).map(small);
    view.dead.extend(positions);
    view.dead.sort_unstable();
    view.dead.dedup();
}
