//! Instants as requests spell them.

use jiff::civil::{DateTime, date};
use rollbook_wire::Code;

use crate::Problem;

/// An instant in milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

const MILLIS_PER_MINUTE: i64 = 60_000;

/// Reads an RFC 3339 date-time within the years 1970 to 9999 (UTC), cut off at the millisecond.
///
/// [`Code::FormParamInvalidTime`] for anything else, such as a date alone, a
/// missing offset, or a named time zone. A leap second (`:60`) is read as `:59`.
pub fn parse_rfc3339(text: &str, param: &str) -> Result<Millis, Problem> {
    millis(text).ok_or_else(|| {
        Problem::param(
            Code::FormParamInvalidTime,
            param,
            format!(
                "{param} must be an RFC 3339 time such as 2026-01-31T12:00:00Z, from 1970 to 9999."
            ),
        )
    })
}

/// Refuses an instant after `now` with [`Code::FormDisallowFutureDate`].
pub fn not_in_future(instant: Millis, now: Millis, param: &str) -> Result<(), Problem> {
    if instant <= now {
        return Ok(());
    }
    Err(Problem::param(
        Code::FormDisallowFutureDate,
        param,
        format!("{param} must not lie in the future."),
    ))
}

/// The library's own parsers admit more than RFC 3339, so the shape is checked here.
fn millis(text: &str) -> Option<Millis> {
    let (local, rest) = text.split_at_checked(19)?;
    let shaped = local.bytes().zip(*b"0000-00-00T00:00:00").all(|(given, shape)| match shape {
        b'0' => given.is_ascii_digit(),
        b'T' => matches!(given, b'T' | b't' | b' '),
        _ => given == shape,
    });
    if !shaped {
        return None;
    }
    let local: DateTime = local.to_ascii_uppercase().parse().ok()?;
    let (fraction, offset) = fraction_millis(rest)?;
    let since = local.duration_since(date(1970, 1, 1).to_datetime(jiff::civil::Time::midnight()));
    let instant = i64::try_from(since.as_millis()).ok()? + fraction
        - offset_minutes(offset)? * MILLIS_PER_MINUTE;
    (0..=LAST).contains(&instant).then_some(instant)
}

/// 9999-12-31T23:59:59.999Z.
const LAST: Millis = 253_402_300_799_999;

/// The milliseconds after the point, if there is one, and what follows them.
fn fraction_millis(text: &str) -> Option<(i64, &str)> {
    let Some(digits) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = digits.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0)?;
    let (digits, rest) = digits.split_at_checked(end)?;
    let millis = digits.bytes().chain(*b"00").take(3).fold(0, |n, b| n * 10 + i64::from(b - b'0'));
    Some((millis, rest))
}

/// `Z`, or hours and minutes east of Greenwich.
fn offset_minutes(text: &str) -> Option<i64> {
    let (sign, rest) = match text {
        "Z" | "z" => return Some(0),
        _ if text.starts_with('+') => (1, text.get(1..)?),
        _ if text.starts_with('-') => (-1, text.get(1..)?),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let two_digits = |part: &str, end: i64| {
        let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten().filter(|n: &i64| *n < end)
    };
    Some(sign * (two_digits(hours, 24)? * 60 + two_digits(minutes, 60)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_shape_of_the_rfc_is_read() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-01-01T00:00:00Z", 946_684_800_000),
            ("2000-01-01t00:00:00z", 946_684_800_000),
            ("2000-01-01 00:00:00Z", 946_684_800_000),
            ("2000-01-01T02:30:00+02:30", 946_684_800_000),
            ("1999-12-31T19:00:00-05:00", 946_684_800_000),
            ("2000-01-01T00:00:00-00:00", 946_684_800_000),
            ("2000-01-01T00:00:00.5Z", 946_684_800_500),
            ("2000-01-01T00:00:00.123456789012Z", 946_684_800_123),
            ("2024-02-29T23:59:59.999+00:00", 1_709_251_199_999),
            ("1990-12-31T23:59:60Z", 662_687_999_000),
            ("9999-12-31T23:59:59.999Z", LAST),
            ("1969-12-31T23:00:00-01:00", 0),
        ] {
            assert_eq!(parse_rfc3339(text, "created_at"), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_shapes_and_other_years_are_refused_by_name() {
        for text in [
            "",
            "now",
            "2000-01-01",
            "2000-01-01T00:00:00",
            "2000-01-01T00:00Z",
            "946684800000",
            "2000-13-01T00:00:00Z",
            "2000-02-30T00:00:00Z",
            "2023-02-29T00:00:00Z",
            "2000-01-01T24:00:00Z",
            "2000-01-01T00:60:00Z",
            "2000-01-01T00:00:61Z",
            "2000-01-01T00:00:00.Z",
            "2000-01-01T00:00:00,5Z",
            "2000-01-01T00:00:00+24:00",
            "2000-01-01T00:00:00+0200",
            "2000-01-01T00:00:00+02",
            "2000-01-01T00:00:00+02:60",
            "2000-01-01T00:00:00Z[UTC]",
            "2000-01-01T00:00:00Z ",
            " 2000-01-01T00:00:00Z",
            "+002000-01-01T00:00:00Z",
            "2000-W01-1T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "0000-01-01T00:00:00Z",
            "２000-01-01T00:00:00Z",
            "2000-01-01T00:00:00+é:00",
        ] {
            let problem = parse_rfc3339(text, "created_at").expect_err(text);
            assert_eq!(problem.code, Code::FormParamInvalidTime);
            assert_eq!(problem.meta["param_name"], "created_at");
        }
    }

    #[test]
    fn only_an_instant_after_now_is_in_the_future() {
        assert_eq!(not_in_future(5, 5, "created_at"), Ok(()));
        let problem = not_in_future(6, 5, "created_at").expect_err("future");
        assert_eq!(problem.code, Code::FormDisallowFutureDate);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(
            text in any::<String>(), near in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-9:]{8}[0-9.Z+:-]{0,9}",
        ) {
            let _ = parse_rfc3339(&text, "created_at");
            let _ = parse_rfc3339(&near, "created_at");
        }

        #[test]
        fn what_another_writer_wrote_is_read_back(instant in 0..253_402_000_000_000_i64) {
            let text = jiff::Timestamp::from_millisecond(instant).expect("in range").to_string();
            prop_assert_eq!(parse_rfc3339(&text, "created_at"), Ok(instant));
        }
    }
}
