//! The table and the line that `cargo xtask test` closes with.

use std::fmt::Write as _;

use crate::run::{Finished, Verdict};
use crate::summary::Counts;

/// Whether every suite passed.
pub(crate) fn all_passed(finished: &[Finished]) -> bool {
    !finished.is_empty() && finished.iter().all(|suite| suite.verdict == Verdict::Passed)
}

/// One row for each suite, then the sum on a line of its own.
pub(crate) fn render(finished: &[Finished]) -> String {
    let mut text = String::new();
    let mut total = Counts::default();
    let mut row = |cells: [&str; 7]| {
        let [suite, engine, result, passed, failed, skipped, seconds] = cells;
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{suite:<22} {engine:<18} {result:<12} {passed:>7} {failed:>7} {skipped:>8} {seconds:>8}"
        );
    };
    row(["suite", "engine", "result", "passed", "failed", "skipped", "seconds"]);
    for suite in finished {
        let Counts { passed, failed, skipped } = suite.counts;
        row([
            &suite.name,
            suite.engine,
            suite.verdict.word(),
            &passed.to_string(),
            &failed.to_string(),
            &skipped.to_string(),
            &format!("{:.1}", suite.took.as_secs_f64()),
        ]);
        total += suite.counts;
    }
    let _ = write!(text, "\n{} passed, {} failed", total.passed, total.failed);
    if total.skipped > 0 {
        let _ = write!(text, ", {} skipped", total.skipped);
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn suite(verdict: Verdict, passed: u64, failed: u64, skipped: u64) -> Finished {
        Finished {
            name: "python 4.0.0".to_owned(),
            engine: "sqlite",
            verdict,
            counts: Counts { passed, failed, skipped },
            took: Duration::from_millis(1500),
        }
    }

    #[test]
    fn the_last_line_is_the_sum() {
        let text = render(&[suite(Verdict::Passed, 5, 0, 0), suite(Verdict::Failed, 7, 2, 3)]);
        assert!(text.ends_with("\n12 passed, 2 failed, 3 skipped\n"), "{text}");
        let text = render(&[suite(Verdict::Passed, 5, 0, 0)]);
        assert!(text.ends_with("\n5 passed, 0 failed\n"), "{text}");
    }

    #[test]
    fn nothing_run_is_not_a_pass() {
        assert!(!all_passed(&[]));
        assert!(all_passed(&[suite(Verdict::Passed, 1, 0, 0)]));
        assert!(!all_passed(&[suite(Verdict::Passed, 1, 0, 0), suite(Verdict::TimedOut, 1, 1, 0)]));
    }
}
