//! A bar on standard error, where somebody looks at it.

use std::time::Instant;

use indicatif::{HumanCount, ProgressBar};
use rollbook_domain::Import;

use super::files::Files;
use crate::progress;

pub(crate) struct Progress {
    bar: ProgressBar,
    /// Bytes of the files before the one that a position is in.
    before: Vec<u64>,
    since: Instant,
    n_rows_before: i64,
}

impl Progress {
    /// A bar that stands where the import stands; hidden if standard error is no terminal.
    pub(crate) fn new(files: &Files, import: &Import) -> Self {
        let bar = progress::bar(files.bytes());
        let before = (0..files.n_files())
            .map(|file| {
                files.bytes_before(rollbook_domain::ImportPosition { file, ..Default::default() })
            })
            .collect();
        bar.set_position(files.bytes_before(import.position));
        bar.reset_eta();
        let n_rows_before = import.accepted + import.refused;
        Self { bar, before, since: Instant::now(), n_rows_before }
    }

    /// Moves it.
    pub(crate) fn tell(&self, import: &Import) {
        let position = import.position;
        let file = usize::try_from(position.file).unwrap_or(usize::MAX);
        self.bar.set_position(self.before.get(file).copied().unwrap_or(0) + position.offset);
        let count = |n: i64| HumanCount(n.unsigned_abs());
        let n_rows = import.accepted + import.refused - self.n_rows_before;
        let ms = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX).max(1);
        let rate = n_rows.saturating_mul(1000) / ms;
        let (accepted, rate) = (count(import.accepted), count(rate));
        let refused = match import.refused {
            0 => String::new(),
            n => format!(", {} refused", count(n)),
        };
        self.bar.set_message(format!("{accepted} users{refused}, {rate}/s"));
    }

    /// Takes it away.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
