//! A JSON object as named parameters, read with all their problems at once.

use std::collections::HashSet;
use std::fmt;

use rollbook_wire::{Code, Patch};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::Problem;
use crate::tree::Top;

/// Unknown names longer than this are cut when they are quoted back.
const MAX_QUOTED: usize = 128;

/// The members of a JSON object: the body of a request, or a row of an import.
///
/// Ask for each parameter, then [`finish`](Self::finish) for the problems, in
/// the order of asking. A parameter with a problem reads as absent, so what was
/// read counts for nothing until `finish` returned no problem.
pub struct Fields {
    members: Map<String, Value>,
    repeated: HashSet<String>,
    asked: HashSet<String>,
    problems: Vec<Problem>,
}

impl Fields {
    /// Reads an object; `null` and nothing at all are an empty one.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidJson> {
        // The parser's own message may quote the text, so it is not passed on.
        Top::parse(json).map(Self::from).map_err(|_| InvalidJson)
    }

    /// Reads an array of objects.
    pub fn parse_each(json: &[u8]) -> Result<Vec<Self>, InvalidJson> {
        let tops = Top::parse_each(json).map_err(|_| InvalidJson)?;
        Ok(tops.into_iter().map(Self::from).collect())
    }

    /// Whether the body names the parameter, be it with `null`.
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// A string without NUL.
    pub fn string(&mut self, name: &str) -> Patch<String> {
        self.read(name, "a string", |value| match value {
            Value::String(text) if !text.contains('\0') => Some(text),
            _ => None,
        })
    }

    /// A string that is wiped from memory after use.
    ///
    /// What the parser copied while reading the body is not wiped.
    pub fn secret(&mut self, name: &str) -> Patch<Zeroizing<String>> {
        self.string(name).map(Zeroizing::new)
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, name: &str) -> Patch<bool> {
        self.read(name, "a boolean", |value| value.as_bool())
    }

    /// An integer without a fraction or exponent, within 64 bits.
    pub fn integer(&mut self, name: &str) -> Patch<i64> {
        self.read(name, "an integer", |value| value.as_i64())
    }

    /// At most `max` strings without NUL.
    pub fn strings(&mut self, name: &str, max: usize) -> Patch<Vec<String>> {
        let array = self.read(name, "an array of strings", |value| match value {
            Value::Array(values) => Some(values),
            _ => None,
        });
        let Patch::Set(values) = array else { return array.map(|_| Vec::new()) };
        if values.len() > max {
            let message = format!("{name} must not have more than {max} values.");
            self.deny(name, Code::FormParamArraySizeExceeded, message);
            return Patch::Keep;
        }
        let strings = values.into_iter().map(|value| match value {
            Value::String(text) if !text.contains('\0') => Some(text),
            _ => None,
        });
        let Some(strings) = strings.collect::<Option<Vec<_>>>() else {
            self.wrong_type(name, "an array of strings");
            return Patch::Keep;
        };
        Patch::Set(strings)
    }

    /// An object, such as metadata.
    pub fn object(&mut self, name: &str) -> Patch<Map<String, Value>> {
        self.read(name, "an object", |value| match value {
            Value::Object(members) => Some(members),
            _ => None,
        })
    }

    /// At most `max` objects.
    pub fn objects(&mut self, name: &str, max: usize) -> Patch<Vec<Map<String, Value>>> {
        let array = self.read(name, "an array of objects", |value| match value {
            Value::Array(values) => Some(values),
            _ => None,
        });
        let Patch::Set(values) = array else { return array.map(|_| Vec::new()) };
        if values.len() > max {
            let message = format!("{name} must not have more than {max} values.");
            self.deny(name, Code::FormParamArraySizeExceeded, message);
            return Patch::Keep;
        }
        let objects = values.into_iter().map(|value| match value {
            Value::Object(members) => Some(members),
            _ => None,
        });
        let Some(objects) = objects.collect::<Option<Vec<_>>>() else {
            self.wrong_type(name, "an array of objects");
            return Patch::Keep;
        };
        Patch::Set(objects)
    }

    /// The value of a parameter that cannot be `null`: a clearing patch is a
    /// problem.
    pub fn not_null<T>(&mut self, name: &str, patch: Patch<T>) -> Option<T> {
        if matches!(patch, Patch::Clear) {
            self.deny(name, Code::FormParamNil, format!("{name} cannot be null."));
        }
        patch.set()
    }

    /// The value of a parameter that must be there and not `null`.
    pub fn required<T>(&mut self, name: &str, patch: Patch<T>) -> Option<T> {
        if patch.is_keep() && !self.has_problem(name) {
            self.deny(name, Code::FormParamMissing, format!("{name} must be included."));
        }
        self.not_null(name, patch)
    }

    /// Adds a problem with the parameter, which then counts as asked for.
    pub fn deny(&mut self, name: &str, code: Code, message: impl Into<String>) {
        self.ask(name);
        self.problems.push(Problem::param(code, name, message));
    }

    /// All members as they came, for a body without fixed parameters.
    pub fn into_members(self) -> Result<Map<String, Value>, Vec<Problem>> {
        if self.repeated.is_empty() {
            return Ok(self.members);
        }
        let repeated = self.repeated.iter().map(|name| {
            let message = format!("{name} must be given only once.");
            Problem::param(Code::FormParamDuplicate, name, message)
        });
        Err(repeated.collect())
    }

    /// Every problem so far, then every parameter that nobody asked for.
    pub fn finish(self) -> Vec<Problem> {
        let Self { members, asked, mut problems, .. } = self;
        let unknown = members.keys().filter(|name| !asked.contains(*name));
        problems.extend(unknown.map(|name| {
            let name: String = name.chars().take(MAX_QUOTED).collect();
            let message = format!("{name} is not a parameter of this request.");
            Problem::param(Code::FormParamUnknown, &name, message)
        }));
        problems
    }

    fn read<T>(
        &mut self,
        name: &str,
        what: &str,
        convert: impl FnOnce(Value) -> Option<T>,
    ) -> Patch<T> {
        self.ask(name);
        if self.repeated.contains(name) {
            let message = format!("{name} must be given only once.");
            self.deny(name, Code::FormParamDuplicate, message);
            return Patch::Keep;
        }
        let value = match self.members.get_mut(name).map(Value::take) {
            None => return Patch::Keep,
            Some(Value::Null) => return Patch::Clear,
            Some(value) => value,
        };
        let Some(value) = convert(value) else {
            self.wrong_type(name, what);
            return Patch::Keep;
        };
        Patch::Set(value)
    }

    /// Only what is there need be remembered.
    fn ask(&mut self, name: &str) {
        if self.members.contains_key(name) {
            self.asked.insert(name.to_owned());
        }
    }

    fn wrong_type(&mut self, name: &str, what: &str) {
        self.deny(name, Code::FormParamValueInvalid, format!("{name} must be {what}."));
    }

    fn has_problem(&self, name: &str) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.meta.get("param_name").and_then(Value::as_str) == Some(name))
    }
}

/// The text is not what it should be: JSON, an object, of bounded depth and size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidJson;

impl From<Top> for Fields {
    fn from(top: Top) -> Self {
        Self { repeated: top.repeated.into_iter().collect(), ..Self::from(top.members) }
    }
}

impl From<Map<String, Value>> for Fields {
    fn from(members: Map<String, Value>) -> Self {
        Self { members, repeated: HashSet::new(), asked: HashSet::new(), problems: Vec::new() }
    }
}

impl fmt::Debug for Fields {
    /// Names only: the values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.members.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &str) -> Fields {
        Fields::parse(body.as_bytes()).unwrap()
    }

    fn codes(fields: Fields) -> Vec<(Code, String)> {
        let name = |problem: &Problem| problem.meta["param_name"].as_str().unwrap().to_owned();
        fields.finish().iter().map(|problem| (problem.code, name(problem))).collect()
    }

    #[test]
    fn a_parameter_is_absent_null_or_a_value() {
        let mut fields = fields(r#"{"b":null,"c":"x","d":true,"e":-7,"f":["p","q"],"g":{"k":1}}"#);
        assert_eq!(fields.string("a"), Patch::Keep);
        assert_eq!(fields.string("b"), Patch::Clear);
        assert_eq!(fields.string("c"), Patch::Set("x".to_owned()));
        assert_eq!(fields.boolean("d"), Patch::Set(true));
        assert_eq!(fields.integer("e"), Patch::Set(-7));
        assert_eq!(fields.strings("f", 2), Patch::Set(vec!["p".to_owned(), "q".to_owned()]));
        assert_eq!(fields.object("g").set().unwrap()["k"], 1);
        assert_eq!(codes(fields), []);
    }

    #[test]
    fn every_wrong_type_is_a_problem_in_the_order_of_asking() {
        let mut fields = fields(r#"{"a":1,"b":"x","c":1.5,"d":[1],"e":[],"f":"x\u0000","g":"x"}"#);
        assert_eq!(fields.strings("g", 9), Patch::Keep);
        assert_eq!(fields.string("a"), Patch::Keep);
        assert_eq!(fields.boolean("b"), Patch::Keep);
        assert_eq!(fields.integer("c"), Patch::Keep);
        assert_eq!(fields.strings("d", 9), Patch::Keep);
        assert_eq!(fields.object("e"), Patch::Keep);
        assert_eq!(fields.string("f"), Patch::Keep);
        let names: String = codes(fields)
            .into_iter()
            .map(|(code, name)| {
                assert_eq!(code, Code::FormParamValueInvalid);
                name
            })
            .collect();
        assert_eq!(names, "gabcdef");
    }

    #[test]
    fn integers_beyond_64_bits_are_refused() {
        let mut fields = fields(r#"{"a":9223372036854775808,"b":9223372036854775807,"c":1e3}"#);
        assert_eq!(fields.integer("a"), Patch::Keep);
        assert_eq!(fields.integer("b"), Patch::Set(i64::MAX));
        assert_eq!(fields.integer("c"), Patch::Keep);
        assert_eq!(fields.finish().len(), 2);
    }

    #[test]
    fn a_repeated_key_is_a_duplicate_and_reads_as_absent() {
        let mut fields = fields(r#"{"a":1,"a":2,"b":1,"b":2}"#);
        assert_eq!(fields.integer("a"), Patch::Keep);
        let expected = [(Code::FormParamDuplicate, "a"), (Code::FormParamUnknown, "b")];
        assert_eq!(codes(fields), expected.map(|(code, name)| (code, name.to_owned())));
    }

    #[test]
    fn unknown_parameters_are_refused_by_name() {
        let fields = fields(&format!(r#"{{"{}":1}}"#, "é".repeat(1000)));
        let problems = fields.finish();
        assert_eq!(problems[0].code, Code::FormParamUnknown);
        assert_eq!(problems[0].meta["param_name"].as_str().unwrap().chars().count(), MAX_QUOTED);
    }

    #[test]
    fn null_where_a_value_is_needed_is_a_problem() {
        let mut fields = fields(r#"{"a":null,"b":1,"d":"x"}"#);
        let a = fields.string("a");
        assert_eq!(fields.not_null("a", a), None);
        let b = fields.string("b");
        assert_eq!(fields.required("b", b), None);
        let c = fields.string("c");
        assert_eq!(fields.required("c", c), None);
        let d = fields.string("d");
        assert_eq!(fields.required("d", d).as_deref(), Some("x"));
        let expected = [
            (Code::FormParamNil, "a"),
            (Code::FormParamValueInvalid, "b"),
            (Code::FormParamMissing, "c"),
        ];
        assert_eq!(codes(fields), expected.map(|(code, name)| (code, name.to_owned())));
    }

    #[test]
    fn too_long_an_array_is_refused_whatever_it_holds() {
        let body = format!(r#"{{"a":[{}1]}}"#, "1,".repeat(9_999));
        let mut fields = fields(&body);
        assert_eq!(fields.strings("a", 100), Patch::Keep);
        assert_eq!(codes(fields), [(Code::FormParamArraySizeExceeded, "a".to_owned())]);
    }

    #[test]
    fn a_denied_parameter_is_not_unknown_as_well() {
        let mut fields = fields(r#"{"phone_number":["+1"]}"#);
        assert!(fields.has("phone_number"));
        fields.deny("phone_number", Code::FormParamUnknown, "phone_number is disabled.");
        assert_eq!(codes(fields).len(), 1);
    }

    #[test]
    fn secrets_appear_in_no_message_and_no_debug_output() {
        let mut fields = fields(r#"{"password":"hunter2\u0000","other":"hunter2"}"#);
        assert_eq!(format!("{fields:?}"), r#"{"password", "other"}"#);
        assert!(fields.secret("password").is_keep());
        assert!(!format!("{:?}", fields.finish()).contains("hunter2"));
        assert_eq!(Fields::parse(br#"{"password":hunter2}"#).unwrap_err(), InvalidJson);
    }
}
