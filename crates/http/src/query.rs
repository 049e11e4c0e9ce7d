//! The query string as named parameters, read with all their problems at once.

use std::ops::RangeInclusive;

use axum::extract::FromRequestParts;
use hyper::http::request::Parts;
use percent_encoding::percent_decode_str;
use rollbook_domain::Problem;
use rollbook_wire::Code;

use crate::Refusal;

/// What a value of a filter says about its matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// `+` or nothing: include, or ascending.
    Plus,
    /// `-`: exclude, or descending.
    Minus,
}

/// The decoded pairs of a query string.
///
/// Ask for each parameter, then [`finish`](Self::finish) for the problems, in
/// the order of asking. A parameter with a problem reads as absent. Parameters
/// nobody asks for are ignored.
#[derive(Debug)]
pub struct Query {
    pairs: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl Query {
    /// Decodes a query string as browsers encode forms.
    ///
    /// Arrays are repeated keys, with or without `[]`. Text that is not UTF-8
    /// is `malformed_request_parameters`.
    pub fn parse(query: Option<&str>) -> Result<Self, Refusal> {
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let mut name = decode(name)?;
            if let Some(stem) = name.strip_suffix("[]") {
                name.truncate(stem.len());
            }
            Some((name, decode(value)?))
        });
        let pairs = pairs.collect::<Option<_>>().ok_or_else(|| {
            let message = "The query string must be percent-encoded UTF-8.";
            Refusal::new(Code::MalformedRequestParameters, message)
        })?;
        Ok(Self { pairs, problems: Vec::new() })
    }

    /// Up to `max` values.
    pub fn strings(&mut self, name: &str, max: usize) -> Vec<String> {
        let found = self.pairs.iter().filter(|(key, _)| key == name).count();
        if found > max {
            let message = format!("{name} must not be given more than {max} times.");
            self.deny(name, Code::FormParamArraySizeExceeded, message);
            return Vec::new();
        }
        let values = self.pairs.iter().filter(|(key, _)| key == name);
        let values: Vec<_> = values.map(|(_, value)| value.clone()).collect();
        if values.iter().any(|value| value.contains('\0')) {
            self.has_nul(name);
            return Vec::new();
        }
        values
    }

    /// Up to `max` values that may begin with `+`, as phone numbers do.
    pub fn strings_with_plus(&mut self, name: &str, max: usize) -> Vec<String> {
        self.strings(name, max).into_iter().map(with_plus).collect()
    }

    /// Up to `max` values, each with an optional sign.
    pub fn signed_strings(&mut self, name: &str, max: usize) -> Vec<(Sign, String)> {
        self.strings(name, max).into_iter().map(signed).collect()
    }

    /// A value given at most once.
    pub fn string(&mut self, name: &str) -> Option<String> {
        let mut values = self.pairs.iter().filter(|(key, _)| key == name);
        let value = values.next().map(|(_, value)| value.clone())?;
        if values.next().is_some() {
            let message = format!("{name} must be given only once.");
            self.deny(name, Code::FormParamDuplicate, message);
            return None;
        }
        if value.contains('\0') {
            self.has_nul(name);
            return None;
        }
        Some(value)
    }

    /// A text to search for; an empty one is the same as none.
    pub fn search(&mut self, name: &str) -> Option<String> {
        self.string(name).filter(|value| !value.is_empty())
    }

    /// The first of any number of values, with an optional sign.
    pub fn first_signed(&mut self, name: &str) -> Option<(Sign, String)> {
        let (_, value) = self.pairs.iter().find(|(key, _)| key == name)?;
        if value.contains('\0') {
            self.has_nul(name);
            return None;
        }
        Some(signed(value.clone()))
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        match self.string(name)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                let message = format!("{name} must be true or false.");
                self.deny(name, Code::FormParamTypeInvalid, message);
                None
            }
        }
    }

    /// A decimal integer within `range`.
    pub fn integer(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let text = self.string(name)?;
        if !is_integer(&text) {
            let message = format!("{name} must be an integer.");
            self.deny(name, Code::FormParamTypeInvalid, message);
            return None;
        }
        // Digits that fit no 64 bits are out of any range.
        let value = text.parse().ok().filter(|value| range.contains(value));
        if value.is_none() {
            let message = match (*range.start(), *range.end()) {
                (start, i64::MAX) => format!("{name} must be at least {start}."),
                (start, end) => format!("{name} must be between {start} and {end}."),
            };
            self.deny(name, Code::FormParamValueInvalid, message);
        }
        value
    }

    /// Milliseconds since 1970.
    pub fn millis(&mut self, name: &str) -> Option<i64> {
        let text = self.string(name)?;
        let value = if is_integer(&text) { text.parse().ok() } else { None };
        if value.is_none() {
            let message = format!("{name} must be a Unix timestamp in milliseconds.");
            self.deny(name, Code::FormParamInvalidDate, message);
        }
        value
    }

    /// Adds a problem with the parameter.
    pub fn deny(&mut self, name: &str, code: Code, message: impl Into<String>) {
        self.problems.push(Problem::param(code, name, message));
    }

    /// All pairs as they came, decoded.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.pairs
    }

    /// Every problem so far.
    pub fn finish(self) -> Vec<Problem> {
        self.problems
    }

    fn has_nul(&mut self, name: &str) {
        let message = format!("{name} must not contain NUL characters.");
        self.deny(name, Code::FormParamValueInvalid, message);
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Self::parse(parts.uri.query())
    }
}

fn decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// A `+` typed by hand arrives as a space, since the clients encode theirs.
fn with_plus(value: String) -> String {
    match value.strip_prefix(' ') {
        Some(rest) => format!("+{rest}"),
        None => value,
    }
}

fn signed(value: String) -> (Sign, String) {
    if let Some(rest) = value.strip_prefix('-') {
        return (Sign::Minus, rest.to_owned());
    }
    match value.strip_prefix(['+', ' ']) {
        Some(rest) => (Sign::Plus, rest.to_owned()),
        None => (Sign::Plus, value),
    }
}

/// Digits with an optional minus: `parse` alone would take a plus as well.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn query(text: &str) -> Query {
        Query::parse(Some(text)).unwrap()
    }

    fn codes(query: Query) -> Vec<Code> {
        query.finish().into_iter().map(|problem| problem.code).collect()
    }

    #[test]
    fn repeated_keys_and_brackets_are_arrays() {
        let mut query = query("a=1&b=x&a[]=2&a%5B%5D=3&a");
        assert_eq!(query.strings("a", 4), ["1", "2", "3", ""]);
        assert_eq!(query.strings("c", 4), Vec::<String>::new());
        assert_eq!(codes(query), []);
    }

    #[test]
    fn values_are_decoded_once() {
        let mut query = query("q=a%2Bb+c%2525&q2=%zz%");
        assert_eq!(query.string("q").unwrap(), "a+b c%25");
        assert_eq!(query.string("q2").unwrap(), "%zz%");
    }

    #[test]
    fn text_that_is_not_utf8_is_malformed() {
        let refusal = Query::parse(Some("a=%ff")).unwrap_err();
        assert_eq!(refusal.code(), Code::MalformedRequestParameters);
        assert_eq!(refusal.status(), 400);
        assert!(Query::parse(Some("%ff=a")).is_err());
    }

    #[test]
    fn a_hundred_values_pass_and_one_more_does_not() {
        let text = "user_id=x&".repeat(100);
        let mut fits = query(&text);
        assert_eq!(fits.strings("user_id", 100).len(), 100);
        assert_eq!(codes(fits), []);
        let mut more = query(&format!("{text}user_id=x"));
        assert_eq!(more.strings("user_id", 100).len(), 0);
        assert_eq!(codes(more), [Code::FormParamArraySizeExceeded]);
    }

    #[test]
    fn signs_are_read_and_a_leading_space_is_a_plus() {
        let mut query = query("id=%2Ba&id=+b&id=-c&id=d&phone=+1555&phone=%2B1666");
        let ids = query.signed_strings("id", 9);
        let ids: Vec<_> = ids.iter().map(|(sign, id)| (*sign, id.as_str())).collect();
        assert_eq!(
            ids,
            [(Sign::Plus, "a"), (Sign::Plus, "b"), (Sign::Minus, "c"), (Sign::Plus, "d")]
        );
        assert_eq!(query.strings_with_plus("phone", 9), ["+1555", "+1666"]);
    }

    #[test]
    fn of_several_orders_only_the_first_counts() {
        let mut query = query("order_by=-created_at&order_by=nonsense");
        let (sign, field) = query.first_signed("order_by").unwrap();
        assert_eq!((sign, field.as_str()), (Sign::Minus, "created_at"));
        assert_eq!(codes(query), []);
    }

    #[test]
    fn numbers_have_a_type_and_a_range() {
        let mut query = query("a=10&b=ten&c=501&d=99999999999999999999&e=-1&f=&g=%2B1&h=1.0");
        assert_eq!(query.integer("a", 1..=500), Some(10));
        for name in ["b", "c", "d", "e", "f", "g", "h"] {
            assert_eq!(query.integer(name, 1..=500), None);
        }
        let (bad_type, bad_value) = (Code::FormParamTypeInvalid, Code::FormParamValueInvalid);
        let expected = [bad_type, bad_value, bad_value, bad_value, bad_type, bad_type, bad_type];
        assert_eq!(codes(query), expected);
    }

    #[test]
    fn dates_are_integer_milliseconds() {
        let mut query = query("a=1700000000000&b=2024-01-01&c=99999999999999999999");
        assert_eq!(query.millis("a"), Some(1_700_000_000_000));
        assert_eq!(query.millis("b"), None);
        assert_eq!(query.millis("c"), None);
        assert_eq!(codes(query), [Code::FormParamInvalidDate, Code::FormParamInvalidDate]);
    }

    #[test]
    fn booleans_are_spelled_out_and_given_once() {
        let mut query = query("a=true&b=false&c=1&d=true&d=true");
        assert_eq!(query.boolean("a"), Some(true));
        assert_eq!(query.boolean("b"), Some(false));
        assert_eq!(query.boolean("c"), None);
        assert_eq!(query.boolean("d"), None);
        assert_eq!(codes(query), [Code::FormParamTypeInvalid, Code::FormParamDuplicate]);
    }

    #[test]
    fn nul_is_refused_and_an_empty_search_is_none() {
        let mut query = query("a=%00&b=x%00&c=%00&query=");
        assert_eq!(query.string("a"), None);
        assert_eq!(query.strings("b", 9), Vec::<String>::new());
        assert_eq!(query.first_signed("c"), None);
        assert_eq!(query.search("query"), None);
        assert_eq!(codes(query), [Code::FormParamValueInvalid; 3]);
    }

    proptest! {
        #[test]
        fn any_encoded_value_comes_back_as_it_was(value in "\\PC*") {
            let encoded: String =
                percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC)
                    .collect();
            let mut query = query(&format!("x=1&v={encoded}"));
            prop_assert_eq!(query.string("v"), Some(value));
        }

        #[test]
        fn no_query_string_panics(text in "[ -~]*") {
            if let Ok(mut query) = Query::parse(Some(&text)) {
                query.strings("a", 1);
                query.integer("a", 0..=9);
                query.first_signed("a");
            }
        }
    }
}
