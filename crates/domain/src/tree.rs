//! Parsing JSON from strangers: bounded in depth and size, nothing overlooked.

use std::cell::Cell;
use std::fmt;
use std::str::FromStr;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// How deep arrays and objects may lie in one another.
const MAX_DEPTH: u8 = 64;
/// How many values a body may hold: each costs some hundred times its one or
/// two bytes of text in memory.
const MAX_VALUES: u32 = 1 << 16;

/// Keys that `serde_json` gives a meaning of its own when it reads them back.
const RESERVED: &str = "$serde_json::private::";
/// The key under which `serde_json` hands over a number with all its digits.
const NUMBER: &str = "$serde_json::private::Number";

/// The top-level object of a body.
#[derive(Debug, Default)]
pub(crate) struct Top {
    /// Its members, in order; of a repeated key, the first.
    pub(crate) members: Map<String, Value>,
    /// The keys that came more than once.
    pub(crate) repeated: Vec<String>,
}

impl Top {
    /// Reads an object, or `null` or nothing as an empty one.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, serde_json::Error> {
        if body.is_empty() {
            return Ok(Self::default());
        }
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let values = Cell::new(0);
        let top = deserializer.deserialize_any(TopVisitor(&values))?;
        deserializer.end()?;
        Ok(top)
    }

    /// Reads an array of objects.
    pub(crate) fn parse_each(body: &[u8]) -> Result<Vec<Self>, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        let values = Cell::new(0);
        let tops = deserializer.deserialize_seq(TopsVisitor(&values))?;
        deserializer.end()?;
        Ok(tops)
    }
}

struct TopsVisitor<'a>(&'a Cell<u32>);

impl<'de> Visitor<'de> for TopsVisitor<'_> {
    type Value = Vec<Top>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Top>, A::Error> {
        let mut tops = Vec::new();
        while let Some(top) = seq.next_element_seed(Element(self.0))? {
            tops.push(top);
        }
        Ok(tops)
    }
}

/// An object in an array at the top.
struct Element<'a>(&'a Cell<u32>);

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = Top;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Top, D::Error> {
        count(self.0)?;
        deserializer.deserialize_map(TopVisitor(self.0))
    }
}

fn count<E: serde::de::Error>(values: &Cell<u32>) -> Result<(), E> {
    values.set(values.get() + 1);
    if values.get() > MAX_VALUES { Err(E::custom("too many values")) } else { Ok(()) }
}

struct TopVisitor<'a>(&'a Cell<u32>);

impl<'de> Visitor<'de> for TopVisitor<'_> {
    type Value = Top;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E>(self) -> Result<Top, E> {
        Ok(Top::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top, A::Error> {
        let mut top = Top::default();
        while let Some(key) = map.next_key::<String>()? {
            // Also catches a bare number at the top, which arrives as a map.
            if key.starts_with(RESERVED) {
                return Err(A::Error::custom("a reserved key"));
            }
            let value = map.next_value_seed(Node { depth: 1, values: self.0 })?;
            if top.members.contains_key(&key) {
                top.repeated.push(key);
            } else {
                top.members.insert(key, value);
            }
        }
        Ok(top)
    }
}

/// One value below the top.
#[derive(Clone, Copy)]
struct Node<'a> {
    depth: u8,
    values: &'a Cell<u32>,
}

impl Node<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom("nested too deeply"));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        count(self.values)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let element = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(element)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let member = self.deeper()?;
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == NUMBER && members.is_empty() {
                let digits = map.next_value::<String>()?;
                return Number::from_str(&digits).map(Value::Number).map_err(A::Error::custom);
            }
            // Such a key would be stored as it is and misread ever after.
            if key.starts_with(RESERVED) {
                return Err(A::Error::custom("a reserved key"));
            }
            members.insert(key, map.next_value_seed(member)?);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Option<Value> {
        Top::parse(body.as_bytes()).ok().map(|top| Value::Object(top.members))
    }

    #[test]
    fn values_are_as_serde_json_reads_them() {
        let body = r#"{"b":[1,-2.50,1e400,123456789012345678901234567890,true,null,"\ud83d\ude00"],"a":{}}"#;
        let value = parse(body).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(body).unwrap());
        assert_eq!(
            value.to_string(),
            body.replace("\\ud83d\\ude00", "😀").replace("1e400", "1e+400")
        );
    }

    #[test]
    fn nothing_and_null_are_an_empty_object() {
        for body in ["", "null", " null ", "{}"] {
            assert_eq!(parse(body).unwrap().to_string(), "{}", "{body}");
        }
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for body in [
            "[]",
            "1",
            "-1.5",
            "\"x\"",
            "true",
            "{",
            "{}x",
            "{\"a\":1,}",
            "{\"a\"}",
            "\u{feff}{}",
            " ",
        ] {
            assert!(parse(body).is_none(), "{body}");
        }
        assert!(Top::parse(b"{\"a\":\"\xff\"}").is_err());
        assert!(Top::parse(br#"{"a":"\ud800"}"#).is_err());
    }

    #[test]
    fn repeated_top_level_keys_are_told_and_the_first_kept() {
        let top = Top::parse(br#"{"a":1,"b":2,"a":3,"\u0061":4}"#).unwrap();
        assert_eq!(top.repeated, ["a", "a"]);
        assert_eq!(Value::Object(top.members).to_string(), r#"{"a":1,"b":2}"#);
    }

    #[test]
    fn depth_and_size_are_bounded() {
        let nested = |n: usize| format!("{{\"a\":{}{}}}", "[".repeat(n), "]".repeat(n));
        assert!(parse(&nested(usize::from(MAX_DEPTH) - 1)).is_some());
        assert!(parse(&nested(usize::from(MAX_DEPTH))).is_none());
        assert!(parse(&nested(100_000)).is_none());
        let many = |n: usize| format!("{{\"a\":[{}1]}}", "1,".repeat(n - 2));
        assert!(parse(&many(MAX_VALUES as usize)).is_some());
        assert!(parse(&many(MAX_VALUES as usize + 1)).is_none());
    }

    #[test]
    fn keys_that_would_be_misread_later_are_refused() {
        for body in [
            r#"{"$serde_json::private::Number":"1"}"#,
            r#"{"a":{"$serde_json::private::RawValue":"[1]"}}"#,
            r#"{"a":{"b":1,"\u0024serde_json::private::Number":"x"}}"#,
            r#"{"a":{"$serde_json::private::Number":"x"}}"#,
        ] {
            assert!(parse(body).is_none(), "{body}");
        }
    }
}
