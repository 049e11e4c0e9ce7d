//! Supabase: rows of its table `auth.users`, as a table or as JSON.

use rollbook_domain::Problem;
use rollbook_wire::Code;
use serde_json::{Map, Value};

use super::digest;
use super::draft::Draft;
use super::value::Source;

pub(super) fn user(source: &Source) -> Result<Map<String, Value>, Problem> {
    if source.has("deleted_at") {
        let text = "The user was deleted there.";
        return Err(Problem::param(Code::FormParamValueInvalid, "deleted_at", text));
    }
    let mut draft = Draft::default();
    draft.set("external_id", source.text(&["id"]));
    for address in source.texts("email") {
        draft.email(Some(address), source.has("email_confirmed_at"));
    }
    let phone = source.text(&["phone"]);
    let phone = phone.map(|text| if text.starts_with('+') { text } else { format!("+{text}") });
    draft.phone(phone, source.has("phone_confirmed_at"));
    let of_user = source.object("raw_user_meta_data");
    let name = |names: &[&str]| of_user.as_ref().and_then(|data| data.text(names));
    draft.names(
        source.text(&["first_name"]).or_else(|| name(&["first_name", "given_name"])),
        source.text(&["last_name"]).or_else(|| name(&["last_name", "family_name"])),
        name(&["full_name", "name", "display_name"]),
    );
    draft.set("created_at", source.time(&["created_at"]));
    draft.set("last_sign_in_at", source.time(&["last_sign_in_at"]));
    // A ban that lasts longer than anybody is the way to ban for good there.
    draft.switch(
        "banned",
        source.text(&["banned_until"]).is_some_and(|until| until.as_str() >= "2100"),
    );
    draft.metadata("unsafe_metadata", of_user);
    draft.metadata("public_metadata", source.object("raw_app_meta_data"));
    if let Some(text) = source.text(&["encrypted_password"]) {
        let digest = digest::self_describing(text).ok_or_else(|| {
            let text = "encrypted_password is neither bcrypt nor Argon2.";
            Problem::param(Code::FormPasswordDigestInvalidCode, "password_digest", text)
        })?;
        draft.password(Some(digest));
    }
    for identity in source.objects("identities") {
        let data = identity.object("identity_data");
        let of_data = |names: &[&str]| data.as_ref().and_then(|data| data.text(names));
        let id = identity.text(&["provider_id"]).or_else(|| of_data(&["provider_id", "sub"]));
        let provider = identity.text(&["provider"]).unwrap_or_default();
        draft.account(&provider, id, of_data(&["email"]));
    }
    Ok(draft.finish())
}
