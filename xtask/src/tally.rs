//! Counting tests from the closing lines of the test runners.

use std::{fmt, ops::AddAssign};

/// How many tests passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Reads nextest's `Summary […] 3 tests run: 2 passed (1 slow), 1 failed, 0 skipped`.
    pub(crate) fn of_nextest(output: &str) -> Self {
        nextest_summary(output)
            .and_then(|line| line.split_once(" run: "))
            .map_or_else(Self::default, |(_, counts)| Self::of_counts(counts.split(',')))
    }

    /// Adds up cargo test's `test result: ok. 3 passed; 0 failed; 0 ignored; …`, one of each crate.
    pub(crate) fn of_cargo_test(output: &str) -> Self {
        let mut total = Self::default();
        for line in output.lines() {
            if let Some((_, counts)) =
                line.strip_prefix("test result: ").and_then(|result| result.split_once(". "))
            {
                total += Self::of_counts(counts.split(';'));
            }
        }
        total
    }

    /// Reads pytest's `== 3 failed, 412 passed, 1 error in 8.21s ==`, with or without the signs around it.
    pub(crate) fn of_pytest(output: &str) -> Self {
        let closing = output.lines().rev().map(|line| line.trim_matches(['=', ' ']));
        closing
            .filter_map(|line| line.rsplit_once(" in "))
            .map(|(counts, _)| Self::of_counts(counts.split(',')))
            .find(|tally| *tally != Self::default())
            .unwrap_or_default()
    }

    /// A test that ran out of time or could not be started has failed too.
    fn of_counts<'a>(counts: impl Iterator<Item = &'a str>) -> Self {
        let mut tally = Self::default();
        for count in counts {
            let (number, what) = count.trim().split_once(' ').unwrap_or_default();
            let number = number.parse().unwrap_or(0);
            match what.split('(').next().unwrap_or_default().trim() {
                "passed" => tally.passed += number,
                "failed" | "exec failed" | "timed out" | "error" | "errors" => tally.failed += number,
                _ => {}
            }
        }
        tally
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// The line in which nextest sums up a run.
pub(crate) fn nextest_summary(output: &str) -> Option<&str> {
    output.lines().rev().map(str::trim).find(|line| line.starts_with("Summary ["))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nextest_counts_what_passed_and_every_way_to_fail() {
        let output = "    Starting 9 tests\n\
             ------------\n     \
             Summary [   1.204s] 9 tests run: 5 passed (2 slow, 1 leaky), 2 failed, 1 exec failed, 1 timed out, 3 skipped\n        \
             FAIL [   0.010s] x tests::y\n\
             error: test run failed\n";
        assert_eq!(Tally::of_nextest(output), Tally { passed: 5, failed: 4 });
    }

    #[test]
    fn one_test_and_a_run_that_was_cut_short_are_read_too() {
        let one = "     Summary [   0.004s] 1 test run: 1 passed, 0 skipped\n";
        assert_eq!(Tally::of_nextest(one), Tally { passed: 1, failed: 0 });
        let cut = "     Summary [   0.004s] 2/7 tests run: 1 passed, 1 failed, 0 skipped\n";
        assert_eq!(Tally::of_nextest(cut), Tally { passed: 1, failed: 1 });
    }

    #[test]
    fn cargo_test_is_added_up_over_the_crates() {
        let output = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
             test a (line 3) ... ok\n\
             test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s\n";
        assert_eq!(Tally::of_cargo_test(output), Tally { passed: 7, failed: 2 });
    }

    #[test]
    fn pytest_counts_errors_as_failures() {
        let output = "...F\n=== 1 failed, 7 passed, 2 skipped, 1 error in 1.20s ===\n";
        assert_eq!(Tally::of_pytest(output), Tally { passed: 7, failed: 2 });
        assert_eq!(
            Tally::of_pytest("....\n412 passed in 8.21s (0:00:08)\n"),
            Tally { passed: 412, failed: 0 }
        );
    }

    #[test]
    fn output_without_a_summary_counts_nothing() {
        assert_eq!(Tally::of_nextest("error: could not compile"), Tally::default());
        assert_eq!(Tally::of_pytest("ERROR: nothing in sight"), Tally::default());
        assert_eq!(Tally::of_cargo_test("error: could not compile"), Tally::default());
    }

    #[test]
    fn the_closing_line_is_plain() {
        let tally = Tally { passed: 12, failed: 0 };
        assert_eq!(tally.to_string(), "12 passed, 0 failed");
    }
}
