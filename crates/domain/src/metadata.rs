//! A user's metadata: a JSON object kept as the text it came in, merged by RFC 7396.

use std::borrow::Cow;
use std::fmt;

use rollbook_wire::Code;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use serde_json::{Map, Value, value::RawValue};

use crate::Problem;

/// The most bytes of one metadata field as compact JSON.
const MAX_BYTES: usize = 8192;

/// The deepest nesting; what we store, `serde_json` must be able to read again (it stops at 128).
const MAX_DEPTH: usize = 100;

/// One of a user's metadata fields: a JSON object of at most 8192 bytes.
///
/// Held as compact text, so that sending it is a copy, the order of the keys
/// survives, and numbers keep their digits (`1.10`, 25 places, `-0`); only an
/// exponent is respelled (`1E5` as `1e+5`), by `serde_json` when it reads the
/// request. Two are equal when their texts are. The default is `{}`.
#[derive(Clone, Default)]
pub struct Metadata(
    // No text for `{}`, which most users' fields are.
    Option<Box<RawValue>>,
);

impl Metadata {
    /// Takes an object from a request.
    ///
    /// [`Code::FormParamValueInvalid`] for anything but an object, for U+0000 in
    /// a string or key (PostgreSQL cannot store it) and for nesting beyond 100;
    /// [`Code::FormParamExceedsAllowedSize`] beyond 8192 bytes of compact JSON.
    pub fn from_value(value: Value, param: &str) -> Result<Self, Problem> {
        match value {
            Value::Object(map) => Self::from_map(map, param),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(invalid(param, "must be a JSON object")),
        }
    }

    /// These metadata with a merge patch applied: objects merge, null removes, the rest replaces.
    ///
    /// Existing keys keep their place and new ones go to the end. The limits of
    /// [`Self::from_value`] hold for the result.
    pub fn merge(&self, patch: &Map<String, Value>, param: &str) -> Result<Self, Problem> {
        let mut merged = Value::Object(self.to_map());
        merge_patch(&mut merged, patch);
        Self::from_value(merged, param)
    }

    /// The compact JSON text.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().map_or("{}", RawValue::get)
    }

    /// The compact JSON text as a value to serialise.
    pub fn to_raw(&self) -> Cow<'_, RawValue> {
        match &self.0 {
            Some(text) => Cow::Borrowed(text),
            // `{}` is JSON, so the null is never taken.
            None => Cow::Borrowed(serde_json::from_str("{}").unwrap_or(RawValue::NULL)),
        }
    }

    /// The object, parsed.
    pub fn to_map(&self) -> Map<String, Value> {
        // Every constructor has seen to it that the text is an object.
        serde_json::from_str(self.as_str()).unwrap_or_default()
    }

    fn from_map(map: Map<String, Value>, param: &str) -> Result<Self, Problem> {
        if map.is_empty() {
            return Ok(Self(None));
        }
        let value = Value::Object(map);
        storable(&value, MAX_DEPTH).map_err(|why| invalid(param, why))?;
        let text = serde_json::value::to_raw_value(&value)
            .map_err(|_| invalid(param, "must be a JSON object"))?;
        if text.get().len() > MAX_BYTES {
            return Err(Problem::param(
                Code::FormParamExceedsAllowedSize,
                param,
                format!("{param} must not exceed {MAX_BYTES} bytes as compact JSON."),
            ));
        }
        Ok(Self(Some(text)))
    }
}

/// Applies a merge patch (RFC 7396); existing keys keep their place.
pub(crate) fn merge_patch(target: &mut Value, patch: &Map<String, Value>) {
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(object) = target else { return };
    for (key, value) in patch {
        match value {
            // Not `remove`, which moves the last key into the gap.
            Value::Null => drop(object.shift_remove(key)),
            Value::Object(inner) => {
                merge_patch(object.entry(key.as_str()).or_insert(Value::Null), inner);
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                object.insert(key.clone(), value.clone());
            }
        }
    }
}

fn storable(value: &Value, depth: usize) -> Result<(), &'static str> {
    let deeper = || depth.checked_sub(1).ok_or("is nested too deeply");
    let text =
        |text: &str| if text.contains('\0') { Err("must not contain U+0000") } else { Ok(()) };
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
        Value::String(string) => text(string),
        Value::Array(items) => {
            let depth = deeper()?;
            items.iter().try_for_each(|item| storable(item, depth))
        }
        Value::Object(map) => {
            let depth = deeper()?;
            map.iter().try_for_each(|(key, item)| text(key).and_then(|()| storable(item, depth)))
        }
    }
}

fn invalid(param: &str, why: &str) -> Problem {
    Problem::param(Code::FormParamValueInvalid, param, format!("{param} {why}."))
}

impl PartialEq for Metadata {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Metadata {}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Metadata").field(&self.as_str()).finish()
    }
}

impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(text) => text.serialize(serializer),
            None => serializer.serialize_map(Some(0))?.end(),
        }
    }
}

/// Reads what this server has stored: an object, with no other check made again.
impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        if !text.get().starts_with('{') {
            return Err(de::Error::custom("metadata must be a JSON object"));
        }
        Ok(Self((text.get() != "{}").then_some(text)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PARAM: &str = "public_metadata";

    fn value(text: &str) -> Value {
        serde_json::from_str(text).expect(text)
    }

    fn object(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).expect(text)
    }

    fn metadata(text: &str) -> Metadata {
        Metadata::from_value(value(text), PARAM).expect(text)
    }

    #[test]
    fn numbers_keep_their_digits_and_keys_their_order() {
        let text =
            r#"{"z":1.10,"a":[1e+400,12345678901234567890123,-0,-1.0e-7],"m":{"y":1,"b":2}}"#;
        let kept = metadata(text);
        assert_eq!(kept.as_str(), text);
        let merged = kept.merge(&object(r#"{"new":0.50,"m":{"y":1.000}}"#), PARAM).expect("merged");
        assert_eq!(
            merged.as_str(),
            r#"{"z":1.10,"a":[1e+400,12345678901234567890123,-0,-1.0e-7],"m":{"y":1.000,"b":2},"new":0.50}"#
        );
        assert_eq!(metadata(r#"{"a":[1E5,1e400]}"#).as_str(), r#"{"a":[1e+5,1e+400]}"#);
    }

    #[test]
    fn the_text_passes_through_a_record_unchanged() {
        #[derive(Serialize, Deserialize)]
        struct Record {
            #[serde(default)]
            empty: Metadata,
            full: Metadata,
        }
        let text = r#"{"empty":{},"full":{"b":1.10,"a":{"c":null}}}"#;
        let record: Record = serde_json::from_str(text).expect("record");
        assert_eq!(record.empty, Metadata::default());
        assert_eq!(record.full.as_str(), r#"{"b":1.10,"a":{"c":null}}"#);
        assert_eq!(serde_json::to_string(&record).expect("text"), text);
        let through_a_value = serde_json::to_value(&record).expect("value");
        let back: Record = serde_json::from_value(through_a_value).expect("record");
        assert_eq!(back.full, record.full);
        assert_eq!(
            (record.empty.to_raw().get(), record.full.to_raw().get()),
            ("{}", record.full.as_str())
        );
        assert!(serde_json::from_str::<Metadata>("[1]").is_err());
    }

    #[test]
    fn a_merge_keeps_places_and_appends_what_is_new() {
        let merged = metadata(r#"{"a":1,"b":{"x":1,"y":2,"z":3},"c":3,"d":4}"#)
            .merge(
                &object(r#"{"e":5,"a":null,"c":"new","b":{"y":null,"x":[1,null],"w":{"n":null}}}"#),
                PARAM,
            )
            .expect("merged");
        assert_eq!(merged.as_str(), r#"{"b":{"x":[1,null],"z":3,"w":{}},"c":"new","d":4,"e":5}"#);
    }

    /// RFC 7396 appendix A, as far as the patch is an object.
    #[test]
    fn the_examples_of_the_rfc_hold() {
        for (original, patch, result) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, r"{}"),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            (r"[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            (r"{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            let mut target = value(original);
            merge_patch(&mut target, &object(patch));
            assert_eq!(target.to_string(), result, "{original} {patch}");
            if original.starts_with('{') {
                let merged = metadata(original).merge(&object(patch), PARAM).expect("merged");
                assert_eq!(merged.as_str(), result);
            }
        }
    }

    #[test]
    fn the_limit_counts_the_compact_text_after_the_merge() {
        let padded =
            |bytes: usize| format!(r#"{{ "a" :  "{}" }}"#, "x".repeat(bytes - r#"{"a":""}"#.len()));
        let full = metadata(&padded(MAX_BYTES));
        assert_eq!(full.as_str().len(), MAX_BYTES);
        let over =
            Metadata::from_value(value(&padded(MAX_BYTES + 1)), PARAM).expect_err("too large");
        assert_eq!(over.code, Code::FormParamExceedsAllowedSize);
        assert_eq!(over.meta["param_name"], PARAM);
        assert!(full.merge(&object(r#"{"b":1}"#), PARAM).is_err());
        assert!(full.merge(&object(r#"{"a":null,"b":1}"#), PARAM).is_ok());
    }

    #[test]
    fn what_cannot_be_stored_is_refused_by_name() {
        let deep = format!("{}1{}", r#"{"a":["#.repeat(51), "]}".repeat(51));
        for text in [
            "[]",
            "null",
            "1",
            "\"{}\"",
            "true",
            r#"{"a":"\u0000"}"#,
            r#"{"a\u0000":1}"#,
            r#"{"a":[{"b":"x\u0000"}]}"#,
            &deep,
        ] {
            let problem = Metadata::from_value(value(text), PARAM).expect_err(text);
            assert_eq!(problem.code, Code::FormParamValueInvalid);
            assert_eq!(problem.meta["param_name"], PARAM);
        }
        let patch = object(r#"{"a":{"b":"\u0000"}}"#);
        assert!(Metadata::default().merge(&patch, PARAM).is_err());
    }

    #[test]
    fn the_deepest_that_is_taken_can_be_read_again() {
        let deepest = format!("{}1{}", r#"{"a":["#.repeat(50), "]}".repeat(50));
        let kept = metadata(&deepest);
        assert_eq!(kept.to_map().len(), 1);
        assert_eq!(kept.merge(&object(r#"{"a":null}"#), PARAM), Ok(Metadata::default()));
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-c\"\\\\é]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                members(inner).prop_map(Value::Object),
            ]
        })
    }

    fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
        proptest::collection::vec(("[a-d]", value), 0..4).prop_map(|all| all.into_iter().collect())
    }

    /// The pseudocode of RFC 7396 section 2, written as one reads it.
    fn reference(target: &Value, patch: &Value) -> Value {
        let Value::Object(patch) = patch else { return patch.clone() };
        let mut result = target.as_object().cloned().unwrap_or_default();
        for (name, value) in patch {
            if value.is_null() {
                result.shift_remove(name);
            } else {
                let old = result.get(name).cloned().unwrap_or(Value::Null);
                result.insert(name.clone(), reference(&old, value));
            }
        }
        Value::Object(result)
    }

    proptest! {
        #[test]
        fn a_merge_does_what_the_rfc_says(target in members(json()), patch in members(json())) {
            let before = Metadata::from_value(Value::Object(target.clone()), PARAM).expect("small");
            let merged = before.merge(&patch, PARAM).expect("small");
            let expected = reference(&Value::Object(target), &Value::Object(patch.clone()));
            prop_assert_eq!(merged.as_str(), expected.to_string());
            let again = merged.merge(&patch, PARAM).expect("small");
            prop_assert_eq!(again, merged);
        }

        #[test]
        fn a_merge_keeps_the_order_of_the_keys_that_stay(
            target in members(json()), patch in members(json()),
        ) {
            let before = Metadata::from_value(Value::Object(target.clone()), PARAM).expect("small");
            let after = before.merge(&patch, PARAM).expect("small").to_map();
            let stayed = target.keys().filter(|key| after.contains_key(*key));
            let new = patch.keys().filter(|key| after.contains_key(*key) && !target.contains_key(*key));
            prop_assert!(after.keys().eq(stayed.chain(new)));
        }

        #[test]
        fn an_empty_patch_changes_nothing(target in members(json())) {
            let before = Metadata::from_value(Value::Object(target), PARAM).expect("small");
            prop_assert_eq!(before.merge(&Map::new(), PARAM), Ok(before));
        }

        #[test]
        fn any_value_is_taken_or_refused(value in json(), text in any::<String>()) {
            let _ = Metadata::from_value(value, PARAM);
            let _ = serde_json::from_str(&text).map(|v: Value| Metadata::from_value(v, PARAM));
            let strings = serde_json::json!({ text.clone(): text.clone() });
            prop_assert_eq!(Metadata::from_value(strings, PARAM).is_ok(), !text.contains('\0'));
        }
    }
}
