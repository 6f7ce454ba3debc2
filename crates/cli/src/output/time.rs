//! Times as people read them.

use std::time::{SystemTime, UNIX_EPOCH};

/// Sets what time it is, in milliseconds since the epoch, for output that must not depend on when it is made.
const NOW: &str = "ANABRANCH_NOW";

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// What time it is, and how times are told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    now: i64,
    is_absolute: bool,
}

impl Clock {
    /// The clock of this machine, unless the environment says what time it is.
    pub(crate) fn new(is_absolute: bool) -> Self {
        let set = std::env::var(NOW).ok().and_then(|text| text.parse().ok());
        let machine = || {
            let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX)
        };
        Self { now: set.unwrap_or_else(machine), is_absolute }
    }

    /// A moment, in milliseconds since the epoch, for people.
    pub(crate) fn tell(&self, moment: i64) -> String {
        if self.is_absolute { date(moment) } else { self.ago(moment) }
    }

    fn ago(&self, moment: i64) -> String {
        let seconds = self.now.saturating_sub(moment).div_euclid(1000);
        let some = |number: i64, unit: &str| {
            let plural = if number == 1 { "" } else { "s" };
            format!("{number} {unit}{plural} ago")
        };
        if seconds < -MINUTE {
            // Clocks of different machines differ a little; this one is wrong.
            return date(moment);
        }
        if seconds < MINUTE {
            return "just now".to_owned();
        }
        let units = [
            (HOUR, MINUTE, "minute"),
            (DAY, HOUR, "hour"),
            (14 * DAY, DAY, "day"),
            (60 * DAY, 7 * DAY, "week"),
            (365 * DAY, 30 * DAY, "month"),
        ];
        match units.into_iter().find(|(end, ..)| seconds < *end) {
            Some((_, length, unit)) => some(seconds / length, unit),
            None => some(seconds / (365 * DAY), "year"),
        }
    }
}

/// `2026-11-21 20:41:31 UTC`
pub(crate) fn date(moment: i64) -> String {
    let seconds = moment.div_euclid(1000);
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02} UTC",
        second / HOUR,
        second / MINUTE % 60,
        second % 60
    )
}

/// `2026-11-21T20:41:31.123Z`, as programs read it.
pub(crate) fn rfc3339(moment: i64) -> String {
    let text = date(moment);
    let text = text.trim_end_matches(" UTC").replace(' ', "T");
    format!("{text}.{:03}Z", moment.rem_euclid(1000))
}

/// Year, month and day of a number of days since 1970-01-01, counting from 1 March of year 0 so that leap days come last.
fn civil(days: i64) -> (i64, i64, i64) {
    /// The days of 400 years, after which the calendar repeats.
    const ERA: i64 = 146_097;
    let days = days.saturating_add(719_468);
    let of_era = days.rem_euclid(ERA);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / (ERA - 1)) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + 400 * days.div_euclid(ERA) + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(date(-1), "1969-12-31 23:59:59 UTC");
        assert_eq!(date(951_782_400_000), "2000-02-29 00:00:00 UTC");
        assert_eq!(date(1_795_293_691_123), "2026-11-21 20:41:31 UTC");
        assert_eq!(rfc3339(1_795_293_691_123), "2026-11-21T20:41:31.123Z");
        assert_eq!(date(4_107_542_399_000), "2100-02-28 23:59:59 UTC");
        assert_eq!(date(4_107_542_400_000), "2100-03-01 00:00:00 UTC");
    }

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        let clock = Clock { now: 400 * DAY * 1000, is_absolute: false };
        let ago = |seconds: i64| clock.tell(clock.now - seconds * 1000);
        assert_eq!(ago(0), "just now");
        assert_eq!(ago(59), "just now");
        assert_eq!(ago(60), "1 minute ago");
        assert_eq!(ago(119 * MINUTE), "1 hour ago");
        assert_eq!(ago(47 * HOUR), "1 day ago");
        assert_eq!(ago(15 * DAY), "2 weeks ago");
        assert_eq!(ago(61 * DAY), "2 months ago");
        assert_eq!(ago(399 * DAY), "1 year ago");
        assert_eq!(ago(-30), "just now");
        assert_eq!(ago(-DAY), "1971-02-06 00:00:00 UTC");
        assert_eq!(Clock { is_absolute: true, ..clock }.tell(0), "1970-01-01 00:00:00 UTC");
        // What a damaged file says must not stop the program.
        let _ = (date(i64::MIN), date(i64::MAX), clock.tell(i64::MIN), clock.tell(i64::MAX));
    }
}
