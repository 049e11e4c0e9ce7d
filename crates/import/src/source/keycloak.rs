//! Keycloak: the users of a realm export.

use data_encoding::BASE32_NOPAD;
use rollbook_domain::Problem;
use rollbook_wire::Code;
use serde_json::{Map, Value, json};

use super::draft::Draft;
use super::value::Source;

pub(super) fn user(source: &Source) -> Result<Map<String, Value>, Problem> {
    if source.has("serviceAccountClientId") {
        let text = "The user is the service account of a client.";
        return Err(Problem::param(Code::FormParamValueInvalid, "serviceAccountClientId", text));
    }
    let mut draft = Draft::default();
    draft.set("external_id", source.text(&["id"]));
    let email = source.text(&["email"]);
    // Where realms sign in by address, the username is the address again.
    draft.set("username", source.text(&["username"]).filter(|name| !name.contains('@')));
    draft.email(email, source.is_on("emailVerified"));
    draft.names(source.text(&["firstName"]), source.text(&["lastName"]), None);
    draft.set("created_at", source.time(&["createdTimestamp"]));
    draft.switch("banned", source.get("enabled") == Some(&Value::Bool(false)));
    draft.metadata("private_metadata", source.object("attributes"));
    for credential in source.objects("credentials") {
        match credential.text(&["type"]).as_deref() {
            Some("password") => draft.password(password(&credential)),
            Some("otp") => draft.set_if_missing("totp_secret", totp(&credential)),
            _ => {}
        }
    }
    for identity in source.objects("federatedIdentities") {
        let provider = identity.text(&["identityProvider"]).unwrap_or_default();
        draft.account(&provider, identity.text(&["userId"]), None);
    }
    Ok(draft.finish())
}

fn password(credential: &Source) -> Option<(String, &'static str)> {
    let (secret, data) = (credential.get("secretData")?, credential.get("credentialData")?);
    Some((json!({ "secretData": secret, "credentialData": data }).to_string(), "keycloak"))
}

/// The seed in base32, if codes of it are six digits of SHA-1 each thirty seconds.
///
/// Keycloak takes the bytes of the text as the seed, unless it says that they are base32.
fn totp(credential: &Source) -> Option<String> {
    let data = credential.object("credentialData")?;
    let is = |name: &str, expected: &str| data.text(&[name]).is_none_or(|text| text == expected);
    let is_ours = is("subType", "totp")
        && is("digits", "6")
        && is("period", "30")
        && is("algorithm", "HmacSHA1");
    if !is_ours {
        return None;
    }
    let value = credential.object("secretData")?.text(&["value"])?;
    match data.text(&["secretEncoding"]).as_deref() {
        Some("BASE32") => Some(value),
        Some(_) => None,
        None => Some(BASE32_NOPAD.encode(value.as_bytes())),
    }
}
