//! Templates of claims: JSON with shortcodes such as `{{user.first_name}}`.
//!
//! A text that is one shortcode becomes the value, of whatever type; a shortcode
//! within a text becomes text. `{{a || b || 'c'}}` is the first that is neither
//! null nor false, else the last. What is unknown is null.

use serde_json::{Number, Value};

use crate::Claims;

/// Claims that no template may make.
pub const RESERVED_CLAIMS: [&str; 7] = ["azp", "exp", "iat", "iss", "jti", "nbf", "sub"];

/// Claims that a customized session token cannot make either.
pub const RESERVED_SESSION_CLAIMS: [&str; 8] = ["act", "fea", "fva", "o", "pla", "sid", "sts", "v"];

/// The claims that a template makes of `context`, where paths begin.
pub fn render(template: &Claims, context: &Value) -> Claims {
    template.iter().map(|(name, value)| (name.clone(), fill(value, context))).collect()
}

fn fill(value: &Value, context: &Value) -> Value {
    match value {
        Value::String(text) => fill_text(text, context),
        Value::Array(values) => values.iter().map(|value| fill(value, context)).collect(),
        Value::Object(members) => Value::Object(render(members, context)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn fill_text(text: &str, context: &Value) -> Value {
    let whole = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    if let Some(expression) = whole.filter(|inside| !inside.contains("{{")) {
        return evaluate(expression, context);
    }
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((expression, after)) = after.split_once("}}") else { break };
        filled.push_str(before);
        match evaluate(expression, context) {
            Value::String(text) => filled.push_str(&text),
            other => filled.push_str(&other.to_string()),
        }
        rest = after;
    }
    filled.push_str(rest);
    Value::String(filled)
}

fn evaluate(expression: &str, context: &Value) -> Value {
    let mut last = Value::Null;
    for operand in operands(expression) {
        last = operand_value(operand.trim(), context);
        if !matches!(last, Value::Null | Value::Bool(false)) {
            break;
        }
    }
    last
}

/// The parts between `||`, save where that stands in quotes.
fn operands(expression: &str) -> Vec<&str> {
    let (mut operands, mut quoted, mut from) = (Vec::new(), false, 0);
    for (at, found) in expression.char_indices() {
        match found {
            '\'' => quoted = !quoted,
            '|' if !quoted && at >= from => {
                let rest = expression.get(at..).unwrap_or_default();
                if rest.starts_with("||") {
                    operands.push(expression.get(from..at).unwrap_or_default());
                    from = at + 2;
                }
            }
            _ => {}
        }
    }
    operands.push(expression.get(from..).unwrap_or_default());
    operands
}

fn operand_value(operand: &str, context: &Value) -> Value {
    let quoted = operand.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    if let Some(text) = quoted {
        return Value::String(text.to_owned());
    }
    match operand {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(number) = operand.parse::<Number>() {
        return Value::Number(number);
    }
    let mut found = context;
    for name in operand.split('.') {
        let next = match found {
            Value::Object(members) => members.get(name),
            Value::Array(values) => name.parse().ok().and_then(|index: usize| values.get(index)),
            _ => None,
        };
        let Some(next) = next else { return Value::Null };
        found = next;
    }
    found.clone()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn filled(template: Value) -> Value {
        let context = json!({
            "user": {
                "id": "user_1", "first_name": "Maria", "last_name": null, "email_verified": false,
                "phone_number_verified": true,
                "public_metadata": { "interests": ["hiking"], "addresses": { "Home": "here" } },
            },
        });
        let Value::Object(template) = template else { panic!("a template is an object") };
        Value::Object(render(&template, &context))
    }

    #[test]
    fn a_shortcode_keeps_the_type_of_its_value() {
        let template = json!({
            "id": "{{user.id}}", "spaced": "{{ user.id }}", "meta": "{{user.public_metadata}}",
            "likes": "{{user.public_metadata.interests}}", "first": "{{user.public_metadata.interests.0}}",
            "home": "{{user.public_metadata.addresses.Home}}", "surname": "{{user.last_name}}",
            "unknown": "{{user.i_do_not_exist}}", "nothing": "{{}}", "deep": { "in": ["{{user.id}}"] },
            "static": [1, true, null, "x"],
        });
        let expected = json!({
            "id": "user_1", "spaced": "user_1",
            "meta": { "interests": ["hiking"], "addresses": { "Home": "here" } },
            "likes": ["hiking"], "first": "hiking", "home": "here", "surname": null,
            "unknown": null, "nothing": null, "deep": { "in": ["user_1"] },
            "static": [1, true, null, "x"],
        });
        assert_eq!(filled(template), expected);
    }

    #[test]
    fn within_a_text_a_shortcode_is_text() {
        let template = json!({
            "name": "{{user.last_name}} {{user.first_name}}", "flag": "is {{user.email_verified}}",
            "open": "{{user.id", "odd": "}} {{user.id}} {{",
        });
        let expected = json!({
            "name": "null Maria", "flag": "is false", "open": "{{user.id", "odd": "}} user_1 {{",
        });
        assert_eq!(filled(template), expected);
    }

    #[test]
    fn the_first_operand_that_is_neither_null_nor_false_counts_else_the_last() {
        let template = json!({
            "verified": "{{user.email_verified || user.phone_number_verified}}",
            "name": "{{user.full_name || 'Awesome || User'}}",
            "age": "{{user.public_metadata.age || user.unsafe_metadata.age || 30 }}",
            "none": "{{user.last_name || user.email_verified}}",
            "in": "Hi {{user.nick || 'you'}}!",
        });
        let expected = json!({
            "verified": true, "name": "Awesome || User", "age": 30, "none": false, "in": "Hi you!",
        });
        assert_eq!(filled(template), expected);
    }

    proptest! {
        #[test]
        fn no_template_panics(text in "[{}|' a-z.]{0,40}") {
            filled(json!({ "a": text }));
        }
    }
}
