//! Our own contract: one document, written as one file per resource in `openapi/`.

use std::sync::LazyLock;

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::Json;

/// Each file adds its tags, paths and components to the first.
const FILES: &[(&str, &str)] = &[
    ("openapi.json", include_str!("../../../openapi/openapi.json")),
    ("access_identifiers.json", include_str!("../../../openapi/access_identifiers.json")),
    ("billing.json", include_str!("../../../openapi/billing.json")),
    ("clients.json", include_str!("../../../openapi/clients.json")),
    ("domains.json", include_str!("../../../openapi/domains.json")),
    ("email_addresses.json", include_str!("../../../openapi/email_addresses.json")),
    ("exports.json", include_str!("../../../openapi/exports.json")),
    ("external_accounts.json", include_str!("../../../openapi/external_accounts.json")),
    ("imports.json", include_str!("../../../openapi/imports.json")),
    ("instance.json", include_str!("../../../openapi/instance.json")),
    ("invitations.json", include_str!("../../../openapi/invitations.json")),
    ("jwt_templates.json", include_str!("../../../openapi/jwt_templates.json")),
    ("oauth_access_tokens.json", include_str!("../../../openapi/oauth_access_tokens.json")),
    ("oauth_providers.json", include_str!("../../../openapi/oauth_providers.json")),
    (
        "organization_invitations.json",
        include_str!("../../../openapi/organization_invitations.json"),
    ),
    (
        "organization_memberships.json",
        include_str!("../../../openapi/organization_memberships.json"),
    ),
    (
        "organization_permissions.json",
        include_str!("../../../openapi/organization_permissions.json"),
    ),
    ("organization_roles.json", include_str!("../../../openapi/organization_roles.json")),
    ("organizations.json", include_str!("../../../openapi/organizations.json")),
    ("phone_numbers.json", include_str!("../../../openapi/phone_numbers.json")),
    ("redirect_urls.json", include_str!("../../../openapi/redirect_urls.json")),
    ("sessions.json", include_str!("../../../openapi/sessions.json")),
    ("settings.json", include_str!("../../../openapi/settings.json")),
    ("signing_keys.json", include_str!("../../../openapi/signing_keys.json")),
    ("testing_tokens.json", include_str!("../../../openapi/testing_tokens.json")),
    ("tickets.json", include_str!("../../../openapi/tickets.json")),
    ("waitlist_entries.json", include_str!("../../../openapi/waitlist_entries.json")),
    ("web3_wallets.json", include_str!("../../../openapi/web3_wallets.json")),
    ("webhooks.json", include_str!("../../../openapi/webhooks.json")),
];

static DOCUMENT: LazyLock<Result<Bytes, String>> = LazyLock::new(|| {
    let document = merged(FILES)?;
    serde_json::to_vec_pretty(&document).map(Bytes::from).map_err(|error| error.to_string())
});

/// The document that `/openapi.json` answers; an error names the file that does not fit.
pub fn openapi() -> Result<&'static str, String> {
    let bytes = DOCUMENT.as_ref().map_err(Clone::clone)?;
    std::str::from_utf8(bytes).map_err(|error| error.to_string())
}

pub(crate) async fn answer() -> Result<Json, crate::Refusal> {
    match &*DOCUMENT {
        Ok(bytes) => Ok(Json(bytes.clone())),
        Err(error) => Err(crate::Refusal::internal_because(error.clone())),
    }
}

fn merged(files: &[(&str, &str)]) -> Result<Value, String> {
    let mut document = Value::Object(Map::new());
    for (name, text) in files {
        let part = serde_json::from_str(text).map_err(|error| format!("{name}: {error}"))?;
        add(&mut document, part, "")
            .map_err(|place| format!("{name}: {place} is there already"))?;
    }
    Ok(document)
}

/// Objects gain members, arrays items; anything else must not be there yet.
fn add(into: &mut Value, part: Value, place: &str) -> Result<(), String> {
    match (into, part) {
        (Value::Object(into), Value::Object(part)) => {
            for (name, value) in part {
                let place = format!("{place}/{name}");
                match into.get_mut(&name) {
                    // A path or a component is written in one file.
                    Some(_) if place.split('/').count() > 3 => return Err(place),
                    Some(_) if place.starts_with("/paths/") => return Err(place),
                    Some(there) => add(there, value, &place)?,
                    None => {
                        into.insert(name, value);
                    }
                }
            }
            Ok(())
        }
        (Value::Array(into), Value::Array(part)) => {
            into.extend(part);
            Ok(())
        }
        _ => Err(place.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_file_fits_into_the_document() {
        openapi().expect("one document");
    }

    #[test]
    fn files_add_tags_paths_and_components_and_never_replace_one() {
        let one = r#"{"tags":[1],"paths":{"/a":{}},"components":{"schemas":{"A":{}}}}"#;
        let two = r#"{"tags":[2],"paths":{"/b":{}},"components":{"schemas":{"B":{}}}}"#;
        let both = merged(&[("one", one), ("two", two)]).expect("they fit");
        let components = json!({ "schemas": { "A": {}, "B": {} } });
        let paths = json!({ "/a": {}, "/b": {} });
        assert_eq!(both, json!({ "tags": [1, 2], "paths": paths, "components": components }));
        for again in [r#"{"paths":{"/a":{}}}"#, r#"{"components":{"schemas":{"A":{}}}}"#] {
            let error = merged(&[("one", one), ("again", again)]).expect_err("twice");
            assert!(error.starts_with("again: /"), "{error}");
        }
    }
}
