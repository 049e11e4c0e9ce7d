//! The thread that reads users into directories, folds what has changed, and sorts.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rollbook_directory::Run;
use rollbook_wire::Id;

use super::{Directories, Phase, Slot};
use crate::Result;
use crate::sqlite::UserReader;

/// How long to leave it after users could not be read.
const RETRY: Duration = Duration::from_secs(1);

/// A fold may take this part of the time at most, so that an import is not slowed down much.
const PAUSE_PER_FOLD: u32 = 4;

/// Sorting waits until nothing was folded for this long.
const CALM: Duration = Duration::from_secs(1);

/// Where users are read from, and how much memory they may take.
pub(crate) struct Upkeep {
    pub(crate) directories: Arc<Directories>,
    pub(crate) reader: UserReader,
    pub(crate) most_bytes: usize,
}

impl Upkeep {
    /// Works until the store is closed.
    pub(crate) fn run(&self) {
        while let Err(error) = self.read_all() {
            warn(&error);
            if !self.rest(Some(RETRY)) {
                return;
            }
        }
        self.directories.is_ready.store(true, Ordering::Release);
        let mut folded: Option<(Instant, Duration)> = None;
        loop {
            let wait = self.work(&mut folded);
            if !self.rest(wait) {
                return;
            }
        }
    }

    /// Does one thing of what there is to do; says how long until it must be asked again.
    fn work(&self, folded: &mut Option<(Instant, Duration)>) -> Option<Duration> {
        const NOW: Option<Duration> = Some(Duration::ZERO);
        if let Some(instance) = self.next_stale() {
            if let Err(error) = self.read(&instance) {
                warn(&error);
                self.directories.state.lock().stale.insert(instance);
                return Some(RETRY);
            }
            return NOW;
        }
        let ready = self.directories.ready();
        if let Some((_, directory)) = ready.iter().find(|(_, directory)| directory.is_fold_due()) {
            if let Some((at, took)) = *folded {
                let left = (took * PAUSE_PER_FOLD).saturating_sub(at.elapsed());
                if !left.is_zero() {
                    return Some(left);
                }
            }
            let begun = Instant::now();
            directory.fold();
            *folded = Some((Instant::now(), begun.elapsed()));
            self.bound();
            return NOW;
        }
        if let Some((at, _)) = folded {
            let left = CALM.saturating_sub(at.elapsed());
            if !left.is_zero() {
                return Some(left);
            }
        }
        if ready.iter().any(|(_, directory)| directory.sort_next()) {
            self.bound();
            return NOW;
        }
        None
    }

    /// Waits for work, or this long; false if it is time to stop.
    fn rest(&self, wait: Option<Duration>) -> bool {
        let directories = &*self.directories;
        let mut state = directories.state.lock();
        if !state.has_work && !state.is_closing {
            match wait {
                None => directories.work.wait(&mut state),
                Some(Duration::ZERO) => {}
                Some(wait) => {
                    directories.work.wait_for(&mut state, wait);
                }
            }
        }
        state.has_work = false;
        !state.is_closing
    }

    /// Reads the users of all instances.
    fn read_all(&self) -> Result<()> {
        let begun = Instant::now();
        let (versions, runs) = self.reader.all(self.most_bytes)?;
        let mut of_instance: HashMap<Id, Vec<Run>> = HashMap::new();
        for (instance, run) in runs.users {
            of_instance.entry(instance).or_default().push(run);
        }
        {
            let mut state = self.directories.state.lock();
            let read = of_instance.keys().chain(versions.keys());
            for instance in read {
                state.slots.entry(instance.clone()).or_insert(Slot::READING);
            }
            state.knows_all = !runs.is_cut_off;
        }
        let instances: Vec<Id> = self.directories.state.lock().slots.keys().cloned().collect();
        if runs.is_cut_off {
            // There is no room for all: one after the other, as many as fit.
            self.directories.state.lock().stale.extend(instances);
            self.directories.state.lock().phase = Phase::On;
            return Ok(());
        }
        for instance in instances {
            let version = versions.get(&instance).copied().unwrap_or_default();
            let runs = of_instance.remove(&instance).unwrap_or_default();
            if !self.directories.serve(&instance, version, runs) {
                self.directories.state.lock().stale.insert(instance);
            }
        }
        self.directories.state.lock().phase = Phase::On;
        self.bound();
        let stats = self.directories.stats();
        if stats.n_users > 0 {
            let (took_ms, n_users) = (begun.elapsed().as_millis(), stats.n_users);
            tracing::info!(n_users, took_ms, bytes = stats.bytes, "users were read into memory");
        }
        Ok(())
    }

    /// Reads the users of one instance anew.
    fn read(&self, instance: &Id) -> Result<()> {
        let (version, runs) = self.reader.one(instance, self.most_bytes)?;
        if runs.is_cut_off {
            self.directories.state.lock().slots.insert(instance.clone(), Slot::TooLarge);
            self.say_too_large();
            return Ok(());
        }
        let users = runs.users.into_iter().map(|(_, run)| run).collect();
        if !self.directories.serve(instance, version, users) {
            self.directories.state.lock().stale.insert(instance.clone());
        }
        self.bound();
        Ok(())
    }

    /// Drops the largest directories until the others fit.
    fn bound(&self) {
        let mut sizes: Vec<_> = self.directories.ready();
        let mut sizes: Vec<_> = sizes.drain(..).map(|(id, one)| (one.stats().bytes, id)).collect();
        sizes.sort();
        let mut total: usize = sizes.iter().map(|(bytes, _)| bytes).sum();
        while total > self.most_bytes
            && let Some((bytes, instance)) = sizes.pop()
        {
            total -= bytes;
            self.directories.state.lock().slots.insert(instance, Slot::TooLarge);
            self.say_too_large();
        }
    }

    fn next_stale(&self) -> Option<Id> {
        let mut state = self.directories.state.lock();
        loop {
            let instance = state.stale.iter().next().cloned()?;
            state.stale.remove(&instance);
            // Another may have been deleted, or have no room, by now.
            if matches!(state.slots.get(&instance), Some(Slot::Reading { .. })) {
                return Some(instance);
            }
        }
    }

    fn say_too_large(&self) {
        tracing::warn!(
            most_mb = self.most_bytes >> 20,
            "an instance's users do not fit into the memory set aside for them \
             (directory_mb), so that its lists and counts are answered by SQL, slowly"
        );
    }
}

fn warn(error: &crate::Error) {
    tracing::warn!(
        error = error as &dyn std::error::Error,
        "users could not be read into memory; lists and counts go on in SQL"
    );
}
