//! Firebase: what `auth:export` writes, as JSON or as a table without a header.
//!
//! The parameters of its scrypt are in neither; the console shows them beside "Users".

use rollbook_domain::Problem;
use rollbook_wire::Code;
use serde_json::{Map, Value};

use super::draft::Draft;
use super::value::Source;

/// The columns of the table, in order.
pub(crate) const COLUMNS: &[&str] = &[
    "localId",
    "email",
    "emailVerified",
    "passwordHash",
    "salt",
    "displayName",
    "photoUrl",
    "google.id",
    "google.email",
    "google.displayName",
    "google.photoUrl",
    "facebook.id",
    "facebook.email",
    "facebook.displayName",
    "facebook.photoUrl",
    "twitter.id",
    "twitter.email",
    "twitter.displayName",
    "twitter.photoUrl",
    "github.id",
    "github.email",
    "github.displayName",
    "github.photoUrl",
    "createdAt",
    "lastSignedInAt",
    "phoneNumber",
    "disabled",
    "customAttributes",
    "providerUserInfo",
];

/// The project's parameters of scrypt; the signer key is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct HashConfig {
    signer_key: String,
    salt_separator: String,
    rounds: u32,
    mem_cost: u32,
}

impl HashConfig {
    /// Reads the text that the console shows: `base64_signer_key`, `base64_salt_separator`,
    /// `rounds` and `mem_cost`, a name and a value a line, or the same as JSON.
    pub fn parse(text: &str) -> Option<Self> {
        let word = |name: &str| {
            let rest = text.split(name).nth(1)?;
            let rest = rest.trim_start_matches(['"', ':', '=', ' ', '\t', '\'']);
            let end = rest.find(['"', '\'', ',', '\n', '\r', ' ', '}']).unwrap_or(rest.len());
            rest.get(..end).filter(|word| !word.is_empty())
        };
        Some(Self {
            signer_key: word("base64_signer_key")?.to_owned(),
            salt_separator: word("base64_salt_separator")?.to_owned(),
            rounds: word("rounds")?.parse().ok()?,
            mem_cost: word("mem_cost")?.parse().ok()?,
        })
    }

    pub(super) fn digest(&self, hash: &str, salt: &str) -> String {
        let Self { signer_key, salt_separator, rounds, mem_cost } = self;
        let plain = |text: &str| text.replace('-', "+").replace('_', "/");
        let (hash, salt) = (plain(hash), plain(salt));
        format!("{hash}${salt}${signer_key}${salt_separator}${rounds}${mem_cost}")
    }
}

impl std::fmt::Debug for HashConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HashConfig(…)")
    }
}

pub(super) fn user(
    source: &Source,
    hash_config: Option<&HashConfig>,
) -> Result<Map<String, Value>, Problem> {
    let mut draft = Draft::default();
    draft.set("external_id", source.text(&["localId"]));
    draft.email(source.text(&["email"]), source.is_on("emailVerified"));
    // Firebase has no number that was not proved by a code.
    draft.phone(source.text(&["phoneNumber"]), true);
    draft.names(None, None, source.text(&["displayName"]));
    draft.set("created_at", source.time(&["createdAt"]));
    draft.set("last_sign_in_at", source.time(&["lastSignedInAt"]));
    draft.switch("banned", source.is_on("disabled"));
    let claims = source.object("customAttributes").or_else(|| source.object("customClaims"));
    draft.metadata("public_metadata", claims);
    if let Some(hash) = source.text(&["passwordHash"]) {
        let Some(config) = hash_config else {
            return Err(Problem::param(
                Code::FormConditionalParamMissing,
                "password_digest",
                "The digest needs the project's hash parameters.",
            ));
        };
        let salt = source.text(&["salt", "passwordSalt"]).unwrap_or_default();
        draft.password(Some((config.digest(&hash, &salt), "scrypt_firebase")));
    }
    for info in source.objects("providerUserInfo") {
        let provider = info.text(&["providerId"]).unwrap_or_default();
        draft.account(&provider, info.text(&["rawId"]), info.text(&["email"]));
    }
    for provider in ["google", "facebook", "twitter", "github"] {
        let cell = |name: &str| source.text(&[&format!("{provider}.{name}")]);
        draft.account(provider, cell("id"), cell("email"));
    }
    Ok(draft.finish())
}
