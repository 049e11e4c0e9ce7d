//! Cells of a table as the values that parameters want.

use serde_json::Value;

/// What the value of a parameter is made of.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Texts,
    Switch,
    Number,
    Object,
}

use Kind::{Number, Object, Switch, Text, Texts};

/// The columns that a table of ours may have.
const COLUMNS: &[(&str, Kind)] = &[
    ("id", Text),
    ("external_id", Text),
    ("first_name", Text),
    ("last_name", Text),
    ("locale", Text),
    ("email_address", Texts),
    ("email_address_identification_status", Texts),
    ("phone_number", Texts),
    ("phone_number_identification_status", Texts),
    ("web3_wallet", Texts),
    ("username", Text),
    ("password", Text),
    ("password_digest", Text),
    ("password_hasher", Text),
    ("skip_password_checks", Switch),
    ("skip_password_requirement", Switch),
    ("skip_user_requirement", Switch),
    ("skip_legal_checks", Switch),
    ("totp_secret", Text),
    ("backup_codes", Texts),
    ("public_metadata", Object),
    ("private_metadata", Object),
    ("unsafe_metadata", Object),
    ("delete_self_enabled", Switch),
    ("create_organization_enabled", Switch),
    ("create_organizations_limit", Number),
    ("legal_accepted_at", Text),
    ("created_at", Text),
    ("last_sign_in_at", Text),
    ("last_active_at", Text),
    ("bypass_client_trust", Switch),
    ("banned", Switch),
    ("locked", Switch),
    ("external_accounts", Object),
];

fn kind(name: &str) -> Option<Kind> {
    COLUMNS.iter().find(|column| column.0 == name).map(|column| column.1)
}

/// Whether a table of ours may have such a column.
pub(crate) fn is_known(name: &str) -> bool {
    kind(name).is_some()
}

/// The value of a cell that is not empty.
///
/// What is not of its kind stays text, so that it is refused by the name of the column.
pub(crate) fn value(name: &str, text: &str) -> Value {
    let of_kind = match kind(name) {
        None | Some(Text) => None,
        Some(Texts) => Some(texts(text)),
        Some(Switch) => switch(text).map(Value::Bool),
        Some(Number) => text.trim().parse::<i64>().ok().map(Value::from),
        Some(Object) => serde_json::from_str(text).ok(),
    };
    of_kind.unwrap_or_else(|| Value::from(text))
}

/// A JSON array, or values between vertical bars, semicolons or commas.
pub(crate) fn texts(text: &str) -> Value {
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    }
    let parts = text.split(['|', ';', ',']).map(str::trim).filter(|part| !part.is_empty());
    parts.map(Value::from).collect()
}

/// What tables write for yes and no.
pub(crate) fn switch(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "t" | "1" | "yes" => Some(true),
        "false" | "f" | "0" | "no" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cell_becomes_what_its_column_wants() {
        for (name, text, expected) in [
            ("first_name", "1", json!("1")),
            (
                "email_address",
                "a@x.example; b@x.example|c@x.example",
                json!(["a@x.example", "b@x.example", "c@x.example"]),
            ),
            ("email_address", "[\"a@x.example\"]", json!(["a@x.example"])),
            ("banned", "TRUE", json!(true)),
            ("banned", "maybe", json!("maybe")),
            ("create_organizations_limit", "3", json!(3)),
            ("public_metadata", "{\"a\":[1]}", json!({ "a": [1] })),
            ("public_metadata", "{", json!("{")),
            ("shoe_size", "44", json!("44")),
        ] {
            assert_eq!(value(name, text), expected, "{name} {text}");
        }
    }
}
