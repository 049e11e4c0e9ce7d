//! What the writer and the checkpoint thread tell each other about the WAL.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// The state of the write-ahead log.
pub(crate) struct Wal {
    path: PathBuf,
    commits: AtomicU64,
    restart_due: AtomicBool,
    is_stopped: Mutex<bool>,
    stopped: Condvar,
}

impl Wal {
    pub(super) fn of(database: &Path) -> Self {
        let mut path = database.as_os_str().to_owned();
        path.push("-wal");
        Self {
            path: path.into(),
            commits: AtomicU64::new(0),
            restart_due: AtomicBool::new(false),
            is_stopped: Mutex::new(false),
            stopped: Condvar::new(),
        }
    }

    /// The size of the file, 0 when there is none.
    pub(crate) fn bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |file| file.len())
    }

    /// How many groups of transactions were committed since the start.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    pub(super) fn count_commit(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// Asks the writer to begin the log anew; nearly all of it is checkpointed.
    pub(super) fn ask_for_restart(&self) {
        self.restart_due.store(true, Ordering::Relaxed);
    }

    pub(super) fn take_restart(&self) -> bool {
        self.restart_due.load(Ordering::Relaxed) && self.restart_due.swap(false, Ordering::Relaxed)
    }

    /// Ends the waits of [`Wal::sleep`].
    pub(crate) fn stop(&self) {
        *self.is_stopped.lock() = true;
        self.stopped.notify_all();
    }

    /// Sleeps; false once the store is closed.
    pub(super) fn sleep(&self, time: Duration) -> bool {
        let mut is_stopped = self.is_stopped.lock();
        if !*is_stopped {
            self.stopped.wait_for(&mut is_stopped, time);
        }
        !*is_stopped
    }
}
