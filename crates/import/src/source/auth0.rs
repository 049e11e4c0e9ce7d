//! Auth0: its export of users, its export of digests, and the file of its own bulk import.

use rollbook_domain::Problem;
use rollbook_wire::Code;
use serde_json::{Map, Value};

use super::digest;
use super::draft::Draft;
use super::value::Source;

pub(super) fn user(source: &Source) -> Result<Map<String, Value>, Problem> {
    let mut draft = Draft::default();
    // The export of digests has the id without the name of its store.
    let oid = source.object("_id").and_then(|id| id.text(&["$oid"]));
    let id = source.text(&["user_id", "Id"]).or_else(|| oid.map(|oid| format!("auth0|{oid}")));
    draft.set("external_id", id);
    draft.email(source.text(&["email", "Email"]), source.is_on("email_verified"));
    draft.phone(source.text(&["phone_number"]), source.is_on("phone_verified"));
    draft.set("username", source.text(&["username"]));
    draft.names(
        source.text(&["given_name"]),
        source.text(&["family_name"]),
        source.text(&["name"]),
    );
    draft.set("created_at", source.time(&["created_at"]));
    draft.set("last_sign_in_at", source.time(&["last_login"]));
    draft.switch("banned", source.is_on("blocked"));
    draft.metadata("unsafe_metadata", source.object("user_metadata"));
    draft.metadata("private_metadata", source.object("app_metadata"));
    password(source, &mut draft)?;
    for identity in source.objects("identities") {
        let provider = identity.text(&["provider"]).unwrap_or_default();
        let email = identity.object("profileData").and_then(|data| data.text(&["email"]));
        let email = email.or_else(|| source.text(&["email"]));
        draft.account(&provider, identity.text(&["user_id"]), email);
    }
    Ok(draft.finish())
}

fn password(source: &Source, draft: &mut Draft) -> Result<(), Problem> {
    let refuse = || {
        let text = "The password's digest is in a form that cannot be verified here.";
        Problem::param(Code::FormPasswordDigestInvalidCode, "password_digest", text)
    };
    if let Some(text) = source.text(&["passwordHash", "password_hash"]) {
        draft.password(Some(digest::self_describing(text).ok_or_else(refuse)?));
    } else if let Some(custom) = source.object("custom_password_hash") {
        draft.password(Some(digest::custom(&custom).ok_or_else(refuse)?));
    }
    Ok(())
}
