//! Bars on standard error, for those who look at it: hidden if it is no terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for work of this many bytes.
pub(crate) fn bar(n_bytes: u64) -> ProgressBar {
    styled(ProgressBar::new(n_bytes), "{wide_bar} {percent:>3}% {msg} {eta:>4} left")
}

/// A line for work whose end nobody knows.
pub(crate) fn line() -> ProgressBar {
    styled(ProgressBar::new_spinner(), "{spinner} {msg}, {bytes}, {bytes_per_sec}, {elapsed}")
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
