//! A change of settings: a JSON merge patch (RFC 7396), checked as a whole.

use rollbook_wire::Code;
use serde_json::Value;

use super::Settings;
use crate::{Problem, metadata};

impl Settings {
    /// These settings with a JSON merge patch (RFC 7396) applied; `null` brings a default back,
    /// save for `duration_in_minutes`, where it means without end.
    ///
    /// Unknown names, wrong types and impossible combinations are refused by name.
    pub fn patched(&self, patch: &serde_json::Map<String, Value>) -> Result<Self, Vec<Problem>> {
        let patched = self.merged(patch).map_err(|error| {
            // serde says what is wrong but not where: each member alone tells.
            let alone = |(name, change): (&String, &Value)| {
                let patch = serde_json::Map::from_iter([(name.clone(), change.clone())]);
                self.merged(&patch).err().map(|error| malformed(name, &error))
            };
            let problems: Vec<_> = patch.iter().filter_map(alone).collect();
            if problems.is_empty() { vec![malformed("settings", &error)] } else { problems }
        })?;
        let mut problems = patched.problems();
        for (name, change) in patch {
            unprintable(name, change, &mut problems);
        }
        if problems.is_empty() { Ok(patched) } else { Err(problems) }
    }

    fn merged(&self, patch: &serde_json::Map<String, Value>) -> Result<Self, serde_json::Error> {
        let mut value = serde_json::to_value(self)?;
        // serde would take an array for the members of a struct in their order.
        if patch.iter().any(|(name, change)| has_stray_array(value.get(name), change)) {
            return Err(serde::de::Error::custom("invalid type: array"));
        }
        metadata::merge_patch(&mut value, patch);
        keep_nulls(&mut value, patch);
        serde_json::from_value(value)
    }

    /// What cannot be; every group says it of itself.
    fn problems(&self) -> Vec<Problem> {
        let (passwords, usernames) = (&self.password_settings, &self.username_settings);
        let refuse = |(name, why): (&str, &str)| {
            Problem::param(Code::FormParamValueInvalid, name, format!("{name} {why}."))
        };
        let mut problems: Vec<Problem> = [
            self.attributes.problems(),
            passwords.problems(),
            usernames.problems(),
            self.passkeys.problems(),
            self.user_lockout.problems(),
            self.sessions.problems(),
        ]
        .into_iter()
        .flatten()
        .map(refuse)
        .collect();
        problems.extend(self.organizations.problems());
        problems
    }
}

/// Texts with control characters, which PostgreSQL cannot keep or mail cannot carry.
fn unprintable(name: &str, change: &Value, problems: &mut Vec<Problem>) {
    match change {
        Value::String(text) if text.contains(char::is_control) => {
            let why = format!("{name} must not contain control characters.");
            problems.push(Problem::param(Code::FormParamValueInvalid, name, why));
        }
        Value::Array(changes) => {
            for change in changes {
                unprintable(name, change, problems);
            }
        }
        Value::Object(members) => {
            for (name, change) in members {
                unprintable(name, change, problems);
            }
        }
        _ => {}
    }
}

/// A lock without end is written as null, which a merge patch takes for "remove".
fn keep_nulls(value: &mut Value, patch: &serde_json::Map<String, Value>) {
    const GROUP: &str = "user_lockout";
    const FIELD: &str = "duration_in_minutes";
    let asked = patch.get(GROUP).and_then(|group| group.get(FIELD));
    if let (Some(Value::Null), Some(Value::Object(group))) = (asked, value.get_mut(GROUP)) {
        group.insert(FIELD.to_owned(), Value::Null);
    }
}

/// Whether `change` has an array where the settings have none.
fn has_stray_array(now: Option<&Value>, change: &Value) -> bool {
    match (now, change) {
        (Some(Value::Array(_)), Value::Array(_)) => false,
        (_, Value::Array(_)) => true,
        (Some(Value::Object(now)), Value::Object(change)) => {
            change.iter().any(|(name, change)| has_stray_array(now.get(name), change))
        }
        _ => false,
    }
}

/// What serde has against the member `name`; it quotes the name of an unknown field.
fn malformed(name: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let unknown = text.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
    let (code, name) = match unknown {
        Some(unknown) => (Code::FormParamUnknown, unknown),
        None => (Code::FormParamValueInvalid, name),
    };
    Problem::param(code, name, format!("The settings are not valid: {text}."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Attributes, CustomLimits, Environment, RateLimits};

    fn patch(value: Value) -> Result<Settings, Vec<Problem>> {
        let Value::Object(map) = value else { panic!("a patch is an object") };
        Settings::default().patched(&map)
    }

    #[test]
    fn a_patch_changes_what_it_names_and_null_brings_the_default_back() {
        let changed =
            patch(json!({ "user_lockout": { "max_attempts": 7, "duration_in_minutes": null } }))
                .expect("valid");
        assert_eq!(changed.user_lockout.max_attempts, 7);
        assert_eq!(changed.user_lockout.duration_in_minutes, None);
        assert!(changed.user_lockout.enabled);
        assert_eq!(changed.attributes, Attributes::default());
    }

    #[test]
    fn rate_limits_are_a_word_or_numbers() {
        assert_eq!(
            patch(json!({ "rate_limits": "clerk" })).expect("valid").rate_limits,
            RateLimits::Clerk
        );
        let own = patch(json!({ "rate_limits": { "instance_per_10_s": 5 } })).expect("valid");
        assert_eq!(
            own.rate_limits.numbers(Environment::Production),
            CustomLimits { instance_per_10_s: Some(5), ..CustomLimits::default() }
        );
        assert!(patch(json!({ "rate_limits": "sometimes" })).is_err());
    }

    #[test]
    fn unknown_names_and_impossible_values_are_refused_by_name() {
        let problems = patch(json!({ "colour": 1 })).expect_err("unknown");
        assert_eq!(problems[0].code, Code::FormParamUnknown);
        assert_eq!(problems[0].meta["param_name"], "colour");
        let both = patch(json!({ "attributes": true, "user_limit": "many", "billing": {} }));
        let both = both.expect_err("two wrong types");
        let names: Vec<_> = both.iter().map(|problem| &problem.meta["param_name"]).collect();
        assert_eq!(names, ["attributes", "user_limit"]);
        for (name, array) in [
            ("billing", json!([true])),
            ("user_lockout", json!([true, 9, null])),
            ("rate_limits", json!([5, 5])),
            ("attributes", json!({ "username": [true, false] })),
        ] {
            let problems = patch(json!({ name: array })).expect_err("an array");
            assert_eq!(problems[0].meta["param_name"], name);
        }
        assert!(patch(json!({ "user_lockout": { "max_attempts": 1 } })).is_err());
        assert!(
            patch(json!({ "attributes": { "username": { "enabled": false, "required": true } } }))
                .is_err()
        );
    }
}
