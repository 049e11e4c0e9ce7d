//! The file that Clerk's own migration tool reads: `userId`, `email`, `passwordHasher`, …

use serde_json::{Map, Value};

use super::draft::Draft;
use super::value::Source;

/// Its names, and ours.
const NAMES: &[(&str, &str)] = &[
    ("userId", "external_id"),
    ("firstName", "first_name"),
    ("lastName", "last_name"),
    ("username", "username"),
    ("totpSecret", "totp_secret"),
    ("backupCodes", "backup_codes"),
    ("publicMetadata", "public_metadata"),
    ("privateMetadata", "private_metadata"),
    ("unsafeMetadata", "unsafe_metadata"),
    ("bypassClientTrust", "bypass_client_trust"),
    ("createOrganizationEnabled", "create_organization_enabled"),
    ("createOrganizationsLimit", "create_organizations_limit"),
    ("deleteSelfEnabled", "delete_self_enabled"),
    ("skipLegalChecks", "skip_legal_checks"),
    ("skipPasswordChecks", "skip_password_checks"),
];

pub(super) fn user(source: &Source) -> Map<String, Value> {
    let mut draft = Draft::default();
    for (theirs, ours) in NAMES {
        draft.set(ours, source.get(theirs).cloned());
    }
    draft.set("created_at", source.time(&["createdAt"]));
    draft.set("legal_accepted_at", source.time(&["legalAcceptedAt"]));
    // Its passwords are digests wherever a hasher is named.
    let hasher = source.text(&["passwordHasher"]);
    let name = if hasher.is_some() { "password_digest" } else { "password" };
    draft.set(name, source.text(&["password"]));
    draft.set("password_hasher", hasher.filter(|_| source.has("password")));
    for (name, is_verified) in
        [("email", true), ("emailAddresses", true), ("unverifiedEmailAddresses", false)]
    {
        source.texts(name).into_iter().for_each(|one| draft.email(Some(one), is_verified));
    }
    for (name, is_verified) in
        [("phone", true), ("phoneNumbers", true), ("unverifiedPhoneNumbers", false)]
    {
        source.texts(name).into_iter().for_each(|one| draft.phone(Some(one), is_verified));
    }
    draft.finish()
}
