//! Amazon Cognito: the table of a user pool. It has no digests: Cognito gives none away.

use serde_json::{Map, Value};

use super::draft::Draft;
use super::value::Source;

pub(super) fn user(source: &Source) -> Map<String, Value> {
    let mut draft = Draft::default();
    draft.set("external_id", source.text(&["sub", "cognito:username"]));
    draft.set("username", source.text(&["preferred_username"]));
    draft.email(source.text(&["email"]), source.is_on("email_verified"));
    draft.phone(source.text(&["phone_number"]), source.is_on("phone_number_verified"));
    draft.names(
        source.text(&["given_name"]),
        source.text(&["family_name"]),
        source.text(&["name"]),
    );
    draft.set("locale", source.text(&["locale"]).map(|locale| locale.replace('_', "-")));
    let custom = source.members().filter_map(|(name, value)| {
        let name = name.strip_prefix("custom:")?;
        Some((name.to_owned(), value.clone()))
    });
    draft.metadata("private_metadata", Some(Source::new(custom.collect())));
    draft.finish()
}
