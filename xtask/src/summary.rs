//! How many tests ran, read off the closing lines that each runner prints.

use std::ops::AddAssign;

/// Numbers of tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

/// A program that runs tests, known by how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runner {
    /// `cargo test`: a line for each binary.
    Cargo,
    /// `pytest -q`: one line, such as `1 failed, 3 passed in 2.10s`.
    Pytest,
    /// `node --test --test-reporter=tap`: a line for each number.
    Node,
}

impl Runner {
    /// The sum over everything printed, or `None` when it closed on no numbers.
    pub(crate) fn counts(self, output: &str) -> Option<Counts> {
        match self {
            Self::Cargo => output.lines().filter_map(cargo).reduce(Counts::plus),
            Self::Pytest => output.lines().rev().find_map(pytest),
            Self::Node => output.lines().filter_map(node).reduce(Counts::plus),
        }
    }
}

impl Counts {
    fn plus(mut self, more: Self) -> Self {
        self += more;
        self
    }

    /// Counts `number` tests under the runner's word for how they ended.
    fn add(&mut self, number: u64, word: &str) -> bool {
        let field = match word {
            "passed" | "pass" | "xpassed" => &mut self.passed,
            "failed" | "fail" | "error" | "errors" | "cancelled" => &mut self.failed,
            "skipped" | "ignored" | "todo" | "xfailed" => &mut self.skipped,
            _ => return false,
        };
        *field += number;
        true
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.passed += more.passed;
        self.failed += more.failed;
        self.skipped += more.skipped;
    }
}

fn cargo(line: &str) -> Option<Counts> {
    let (_, numbers) = line.trim().strip_prefix("test result: ")?.split_once(". ")?;
    let mut counts = Counts::default();
    for part in numbers.split("; ") {
        add_pair(&mut counts, part);
    }
    Some(counts)
}

fn pytest(line: &str) -> Option<Counts> {
    let (numbers, seconds) = line.trim().trim_matches('=').trim().rsplit_once(" in ")?;
    if !seconds.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let mut counts = Counts::default();
    let mut understood = false;
    for part in numbers.split(", ") {
        understood |= add_pair(&mut counts, part);
    }
    understood.then_some(counts)
}

fn node(line: &str) -> Option<Counts> {
    let (word, number) = line.strip_prefix("# ")?.split_once(' ')?;
    let mut counts = Counts::default();
    counts.add(number.parse().ok()?, word).then_some(counts)
}

fn add_pair(counts: &mut Counts, part: &str) -> bool {
    let Some((number, word)) = part.trim().split_once(' ') else {
        return false;
    };
    number.parse().is_ok_and(|number| counts.add(number, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped }
    }

    #[test]
    fn cargo_prints_a_line_for_each_binary() {
        let output = "running 3 tests\ntest a ... ok\n\n\
            test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.01s\n\
            test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n";
        assert_eq!(Runner::Cargo.counts(output), Some(counts(7, 2, 1)));
    }

    #[test]
    fn pytest_prints_one_line() {
        let cases = [
            ("12 passed in 3.40s", Some(counts(12, 0, 0))),
            ("1 failed, 3 passed, 2 skipped, 1 warning in 61.02s (0:01:01)", Some(counts(3, 1, 2))),
            ("==== 1 failed, 2 errors in 0.10s ====", Some(counts(0, 3, 0))),
            ("3 passed, 4 deselected, 1 xfailed in 0.2s", Some(counts(3, 0, 1))),
            ("no tests ran in 0.01s", None),
            ("Traceback (most recent call last):", None),
        ];
        for (line, expected) in cases {
            let output = format!("...F\n9 passed in tests\n{line}\n");
            assert_eq!(Runner::Pytest.counts(&output), expected, "{line}");
        }
    }

    #[test]
    fn node_prints_a_line_for_each_number() {
        let output = "ok 1 - bans\n# Subtest: 12 pass\n1..14\n# tests 14\n# suites 2\n# pass 10\n# fail 1\n\
            # cancelled 1\n# skipped 2\n# todo 0\n# duration_ms 612.5\n";
        assert_eq!(Runner::Node.counts(output), Some(counts(10, 2, 2)));
    }

    #[test]
    fn a_runner_that_broke_off_counts_nothing() {
        for runner in [Runner::Cargo, Runner::Pytest, Runner::Node] {
            assert_eq!(runner.counts("error: could not compile\n"), None);
        }
    }
}
