//! A mapping: which of a file's names are which parameters, for systems that are not known.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::draft::Draft;
use super::value::{self, Source};
use crate::cells;

/// Where parameters come from, as a TOML file says:
///
/// ```toml
/// [fields]
/// external_id = "uid"
/// first_name = "profile.given"        # a member of a member
/// email_address = ["mail", "other"]   # several, the first one first
///
/// [verified]
/// email_address = "mail_ok"           # of each address, whether it was verified
///
/// [constants]
/// password_hasher = "bcrypt"
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    fields: BTreeMap<String, Paths>,
    #[serde(default)]
    verified: BTreeMap<String, String>,
    #[serde(default)]
    constants: BTreeMap<String, toml::Value>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
enum Paths {
    One(String),
    Several(Vec<String>),
}

/// What is wrong with a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidMapping(String);

impl std::fmt::Display for InvalidMapping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidMapping {}

impl Mapping {
    /// Reads a mapping; names that no parameter has are refused.
    pub fn parse(text: &str) -> Result<Self, InvalidMapping> {
        let mapping: Self =
            toml::from_str(text).map_err(|error| InvalidMapping(error.message().to_owned()))?;
        let targets = mapping.fields.keys().chain(mapping.constants.keys());
        for name in targets.chain(mapping.verified.keys()) {
            if !cells::is_known(name) {
                return Err(InvalidMapping(format!("{name} is no parameter of a user")));
            }
        }
        Ok(mapping)
    }
}

pub(super) fn user(source: &Source, mapping: &Mapping) -> Map<String, Value> {
    let mut draft = Draft::default();
    for (name, constant) in &mapping.constants {
        draft.set(name, serde_json::to_value(constant).ok());
    }
    for (name, paths) in &mapping.fields {
        let paths = match paths {
            Paths::One(path) => std::slice::from_ref(path),
            Paths::Several(paths) => paths.as_slice(),
        };
        let found: Vec<&Value> = paths.iter().filter_map(|path| at(source, path)).collect();
        let is_verified = mapping
            .verified
            .get(name)
            .is_none_or(|path| at(source, path).and_then(value::switch).unwrap_or(false));
        match name.as_str() {
            "email_address" => texts(&found).for_each(|one| draft.email(Some(one), is_verified)),
            "phone_number" => texts(&found).for_each(|one| draft.phone(Some(one), is_verified)),
            _ if name.ends_with("_at") => {
                draft.set(name, found.first().and_then(|one| value::time(one)));
            }
            _ => draft.set(name, found.first().map(|one| converted(name, one))),
        }
    }
    draft.finish()
}

/// A member, or with dots between their names a member of a member.
fn at<'a>(source: &'a Source, path: &str) -> Option<&'a Value> {
    if let Some(value) = source.get(path) {
        return Some(value);
    }
    let mut names = path.split('.');
    let first = source.get(names.next()?)?;
    names.try_fold(first, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        value => value.get(name),
    })
}

/// All texts of all values, in order.
fn texts(found: &[&Value]) -> impl Iterator<Item = String> {
    let mut all = Vec::new();
    for one in found {
        match one {
            Value::Array(items) => all.extend(items.iter().filter_map(value::text)),
            Value::String(text) => match cells::texts(text) {
                Value::Array(items) => all.extend(items.iter().filter_map(value::text)),
                _ => all.push(text.clone()),
            },
            other => all.extend(value::text(other)),
        }
    }
    all.into_iter()
}

/// What the parameter wants; numbers are texts where texts are wanted.
fn converted(name: &str, found: &Value) -> Value {
    match found {
        Value::String(text) => cells::value(name, text),
        Value::Number(number) => cells::value(name, &number.to_string()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MAPPING: &str = r#"
        [fields]
        external_id = "uid"
        first_name = "profile.given"
        email_address = ["mail", "others"]
        phone_number = "profile.phones.0"
        created_at = "since"
        banned = "off"
        password_digest = "hash"
        [verified]
        email_address = "mail_ok"
        [constants]
        password_hasher = "bcrypt"
        skip_password_requirement = true
    "#;

    #[test]
    fn parameters_are_found_under_the_names_of_the_file() {
        let Value::Object(row) = json!({
            "uid": 41, "profile": { "given": "Ada", "phones": ["+15555550100"] },
            "mail": "a@x.example", "others": "b@x.example;c@x.example", "mail_ok": "yes",
            "since": 1_704_067_200, "off": "1", "hash": "$2b$…", "rest": 7,
        }) else {
            panic!("an object")
        };
        let mapping = Mapping::parse(MAPPING).unwrap();
        assert_eq!(
            Value::Object(user(&Source::new(row), &mapping)),
            json!({
                "external_id": "41", "first_name": "Ada", "created_at": "2024-01-01T00:00:00Z",
                "banned": true, "password_digest": "$2b$…", "password_hasher": "bcrypt",
                "skip_password_requirement": true,
                "email_address_identification_status": ["verified", "verified", "verified"],
                "email_address": ["a@x.example", "b@x.example", "c@x.example"],
                "phone_number_identification_status": ["verified"],
                "phone_number": ["+15555550100"],
            })
        );
        let Value::Object(empty) = json!({ "mail": "a@x.example" }) else { panic!("an object") };
        let row = user(&Source::new(empty), &mapping);
        assert_eq!(row["email_address_identification_status"], json!(["reserved"]));
    }

    #[test]
    fn a_mapping_that_cannot_be_meant_is_refused_by_name() {
        for (text, word) in [
            ("[fields]\nshoe_size = \"x\"", "shoe_size"),
            ("[fields]\n[constants]\nfoo = 1", "foo"),
            ("[felds]", "felds"),
            ("fields = 1", "fields"),
        ] {
            let error = Mapping::parse(text).unwrap_err().to_string();
            assert!(error.contains(word) || word == "fields", "{text}: {error}");
        }
    }
}
