//! Numbers as people read them.

/// A number with its thousands apart: `3,452`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many of something: `1 commit`, `2 commits`, `no commits`.
pub(crate) fn of(number: u64, singular: &str, plural: &str) -> String {
    match number {
        0 => format!("no {plural}"),
        1 => format!("1 {singular}"),
        _ => format!("{} {plural}", count(number)),
    }
}

/// A size with three digits or so: `412 B`, `1.2 kB`, `25 MB`.
pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let mut size = number as f64 / 1000.0;
    let mut units = UNITS.into_iter();
    let mut unit = units.next().unwrap_or_default();
    // From here on three digits would round up to a thousand.
    while size >= 999.5 {
        let Some(next) = units.next() else { break };
        size /= 1000.0;
        unit = next;
    }
    if size < 9.95 { format!("{size:.1} {unit}") } else { format!("{size:.0} {unit}") }
}

/// What it is with how large it is, if it takes any room.
pub(crate) fn sized(text: String, size: u64) -> String {
    if size > 0 { format!("{text} ({})", bytes(size)) } else { text }
}

/// How long something took: `12 ms`, `1.4 s`, `3 min 20 s`.
pub(crate) fn duration(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{} ms", duration.as_millis()),
        1..=59 => format!("{:.1} s", duration.as_secs_f64()),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// How long something will take: `12 s`, `3 min 20 s`, `2 h 5 min`.
pub(crate) fn seconds(number: u64) -> String {
    match number {
        ..60 => format!("{number} s"),
        60..3600 => format!("{} min {} s", number / 60, number % 60),
        _ => format!("{} h {} min", number / 3600, number % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1000), "1,000");
        assert_eq!(count(1_234_567), "1,234,567");
    }

    #[test]
    fn none_one_and_many_read_as_people_say_them() {
        assert_eq!(of(0, "head", "heads"), "no heads");
        assert_eq!(of(1, "head", "heads"), "1 head");
        assert_eq!(of(3452, "head", "heads"), "3,452 heads");
    }

    #[test]
    fn sizes_have_few_digits_and_the_right_unit() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1000), "1.0 kB");
        assert_eq!(bytes(9_949), "9.9 kB");
        assert_eq!(bytes(9_960), "10 kB");
        assert_eq!(bytes(999_499), "999 kB");
        assert_eq!(bytes(999_500), "1.0 MB");
        assert_eq!(bytes(u64::MAX), "18 EB");
    }

    #[test]
    fn durations_grow_in_unit() {
        use std::time::Duration;
        assert_eq!(duration(Duration::from_millis(12)), "12 ms");
        assert_eq!(duration(Duration::from_millis(1400)), "1.4 s");
        assert_eq!(duration(Duration::from_secs(200)), "3 min 20 s");
        assert_eq!(seconds(12), "12 s");
        assert_eq!(seconds(200), "3 min 20 s");
        assert_eq!(seconds(7500), "2 h 5 min");
    }
}
