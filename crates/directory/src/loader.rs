//! A base from the rows of a store.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::Person;
use crate::base::Base;
use crate::chunk::Chunk;

/// Users as they are read, by one of several readers.
#[derive(Debug)]
pub struct Run {
    chunks: Vec<Chunk>,
    last: Option<(i64, String)>,
    first: Option<(i64, String)>,
    is_sorted: bool,
}

impl Default for Run {
    fn default() -> Self {
        Self { chunks: Vec::new(), last: None, first: None, is_sorted: true }
    }
}

impl Run {
    /// Adds a user; quickest in the order of creation.
    pub fn push<S: AsRef<str>>(&mut self, person: &Person<S>) {
        if let Some((created_at, id)) = &mut self.last {
            self.is_sorted &= person.cmp_creation(*created_at, id) == Ordering::Greater;
            *created_at = person.created_at;
            id.clear();
            id.push_str(person.id.as_ref());
        } else {
            self.first = Some((person.created_at, person.id.as_ref().to_owned()));
            self.last.clone_from(&self.first);
        }
        if self.chunks.last().is_none_or(Chunk::is_full) {
            if let Some(full) = self.chunks.last_mut() {
                full.shrink();
            }
            self.chunks.push(Chunk::default());
        }
        if let Some(chunk) = self.chunks.last_mut() {
            chunk.push(person);
        }
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        self.chunks.iter().map(Chunk::bytes).sum()
    }

    fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }
}

/// A base of all users of some runs, each user in one of them only.
pub(crate) fn base(mut runs: Vec<Run>) -> Base {
    runs.retain(|run| !run.is_empty());
    runs.sort_by(|a, b| a.first.cmp(&b.first));
    let follow = runs.windows(2).all(|pair| match pair {
        [a, b] => a.last < b.first,
        _ => true,
    });
    let is_sorted = follow && runs.iter().all(|run| run.is_sorted);
    let mut chunks: Vec<Chunk> = runs.into_iter().flat_map(|run| run.chunks).collect();
    if !is_sorted {
        chunks = sorted(&chunks);
    }
    for chunk in &mut chunks {
        chunk.shrink();
    }
    Base::new(chunks.into_iter().map(Arc::new).collect())
}

/// The same users in the order of creation.
fn sorted(chunks: &[Chunk]) -> Vec<Chunk> {
    let mut order: Vec<(i64, &Chunk, usize)> = Vec::new();
    for chunk in chunks {
        order.extend(chunk.created_at().iter().enumerate().map(|(at, time)| (*time, chunk, at)));
    }
    order.sort_unstable_by(|(a_time, a, a_at), (b_time, b, b_at)| {
        a_time.cmp(b_time).then_with(|| a.id(*a_at).cmp(&b.id(*b_at)))
    });
    let mut sorted: Vec<Chunk> = Vec::new();
    for (_, chunk, at) in order {
        if sorted.last().is_none_or(Chunk::is_full) {
            if let Some(full) = sorted.last_mut() {
                full.shrink();
            }
            sorted.push(Chunk::default());
        }
        if let Some(last) = sorted.last_mut() {
            last.push_from(chunk, at);
        }
    }
    sorted
}
