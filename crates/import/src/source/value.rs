//! What another system says of a user, be it in JSON or in cells.

use serde_json::{Map, Value};

use crate::cells;

/// The members of a row, asked for by the other system's names.
pub(crate) struct Source(Map<String, Value>);

impl Source {
    pub(crate) fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    pub(crate) fn into_members(self) -> Map<String, Value> {
        self.0
    }

    /// A member that is there and neither null nor an empty text.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }

    /// The first of these that is a text or a number.
    pub(crate) fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| text(self.get(name)?))
    }

    /// `true`, or what tables write for it.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.get(name).and_then(switch).unwrap_or(false)
    }

    /// Whether it is there and not off; for columns with the time of what happened.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The members of an object, which in a cell is JSON text.
    pub(crate) fn object(&self, name: &str) -> Option<Source> {
        match self.get(name)? {
            Value::Object(members) => Some(Self(members.clone())),
            Value::String(text) => serde_json::from_str(text).ok().map(Self),
            _ => None,
        }
    }

    /// The objects of an array, which in a cell is JSON text.
    pub(crate) fn objects(&self, name: &str) -> Vec<Source> {
        let array = match self.get(name) {
            Some(Value::Array(items)) => items.clone(),
            Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
            _ => Vec::new(),
        };
        let objects = array.into_iter().filter_map(|item| match item {
            Value::Object(members) => Some(Self(members)),
            _ => None,
        });
        objects.collect()
    }

    /// Texts of an array, or of one text, which in a cell may hold several.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let array = match self.get(name) {
            Some(Value::Array(items)) => items.clone(),
            Some(Value::String(text)) => match cells::texts(text) {
                Value::Array(items) => items,
                other => vec![other],
            },
            _ => Vec::new(),
        };
        array.iter().filter_map(text).collect()
    }

    /// A time in RFC 3339, whatever its form was.
    pub(crate) fn time(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| time(self.get(name)?))
    }
}

/// A text or a number as text.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Whether something is on, in JSON or in a cell.
pub(crate) fn switch(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(on) => Some(*on),
        Value::String(text) => cells::switch(text),
        Value::Number(number) => number.as_i64().map(|n| n != 0),
        _ => None,
    }
}

/// Numbers above this are milliseconds, below it seconds: the year 5138, and March 1973.
const LEAST_MILLIS: i64 = 100_000_000_000;

/// RFC 3339 of milliseconds, seconds, `{"$date": …}`, or of a time as PostgreSQL writes it.
///
/// What is none of these stays, so that it is refused by name.
pub(crate) fn time(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => time(members.get("$date")?),
        Value::Number(number) => of_number(number.as_i64()?),
        Value::String(text) => match text.trim().parse::<i64>() {
            Ok(number) => of_number(number),
            Err(_) => Some(of_postgres(text.trim())),
        },
        _ => None,
    }
}

fn of_number(number: i64) -> Option<String> {
    if number == 0 {
        return None;
    }
    let millis = if number.abs() < LEAST_MILLIS { number.checked_mul(1000)? } else { number };
    let instant = jiff::Timestamp::from_millisecond(millis);
    Some(instant.map_or_else(|_| number.to_string(), |instant| instant.to_string()))
}

/// `2024-01-15 10:30:00.123+00` lacks the minutes of its offset, which RFC 3339 wants.
fn of_postgres(text: &str) -> String {
    let offset = text.len().checked_sub(3).and_then(|at| text.split_at_checked(at));
    match offset {
        Some((local, offset))
            if local.len() >= 19
                && offset.starts_with(['+', '-'])
                && offset.bytes().skip(1).all(|byte| byte.is_ascii_digit()) =>
        {
            format!("{local}{offset}:00")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_of_every_system_are_rfc_3339() {
        for (value, expected) in [
            (json!(1_704_067_200_000_i64), "2024-01-01T00:00:00Z"),
            (json!(1_704_067_200), "2024-01-01T00:00:00Z"),
            (json!("1704067200123"), "2024-01-01T00:00:00.123Z"),
            (json!("2024-01-01T00:00:00.000Z"), "2024-01-01T00:00:00.000Z"),
            (json!("2024-01-15 10:30:00.000000+00"), "2024-01-15 10:30:00.000000+00:00"),
            (json!("2024-01-15 10:30:00-05"), "2024-01-15 10:30:00-05:00"),
            (json!("2024-01-15 10:30:00+05:30"), "2024-01-15 10:30:00+05:30"),
            (json!({ "$date": "2024-01-01T00:00:00Z" }), "2024-01-01T00:00:00Z"),
            (json!({ "$date": 1_704_067_200_000_i64 }), "2024-01-01T00:00:00Z"),
            (json!("yesterday"), "yesterday"),
        ] {
            assert_eq!(time(&value).as_deref(), Some(expected), "{value}");
        }
        assert_eq!(time(&json!(0)), None);
        assert_eq!(time(&json!(true)), None);
    }

    #[test]
    fn cells_hold_what_json_spells_out() {
        let Value::Object(members) = json!({
            "meta": "{\"a\":1}", "list": "a@x.example|b@x.example", "on": "t", "none": "",
            "items": "[{\"b\":2},3]",
        }) else {
            panic!("an object")
        };
        let source = Source::new(members);
        assert_eq!(source.object("meta").unwrap().text(&["a"]).as_deref(), Some("1"));
        assert_eq!(source.texts("list"), ["a@x.example", "b@x.example"]);
        assert_eq!(source.objects("items").len(), 1);
        assert!(source.is_on("on") && !source.is_on("none") && !source.has("none"));
    }
}
