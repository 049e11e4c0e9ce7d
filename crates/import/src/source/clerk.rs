//! Clerk: the table that its dashboard exports, and users as its API answers them.
//!
//! The table has digests and TOTP seeds, the API everything else. Ids stay.

use serde_json::{Map, Value};

use super::draft::Draft;
use super::value::Source;

/// What the API and a creation call the same.
const SAME: &[&str] = &[
    "id",
    "external_id",
    "first_name",
    "last_name",
    "username",
    "locale",
    "banned",
    "delete_self_enabled",
    "create_organization_enabled",
    "create_organizations_limit",
    "bypass_client_trust",
];

pub(super) fn user(source: &Source) -> Map<String, Value> {
    let mut draft = Draft::default();
    draft.take_over(source, SAME);
    draft.set("totp_secret", source.text(&["totp_secret"]));
    draft.set("backup_codes", source.get("backup_codes").cloned());
    let hasher = source.text(&["password_hasher"]);
    draft.set("password_digest", source.text(&["password_digest"]));
    draft.set("password_hasher", hasher);
    for name in ["public_metadata", "private_metadata", "unsafe_metadata"] {
        draft.metadata(name, source.object(name));
    }
    for name in ["created_at", "last_sign_in_at", "last_active_at", "legal_accepted_at"] {
        draft.set(name, source.time(&[name]));
    }
    emails(source, &mut draft);
    phones(source, &mut draft);
    let wallets = source.objects("web3_wallets");
    let wallets = wallets.iter().filter(|one| is_verified(one));
    let wallets: Vec<_> = wallets.filter_map(|one| one.text(&["web3_wallet"])).collect();
    draft.set("web3_wallet", (!wallets.is_empty()).then_some(wallets));
    for account in source.objects("external_accounts") {
        external_account(&account, &mut draft);
    }
    draft.finish()
}

fn emails(source: &Source, draft: &mut Draft) {
    let primary = source.text(&["primary_email_address"]);
    let verified = source.texts("verified_email_addresses");
    let unverified = source.texts("unverified_email_addresses");
    // Without the lists, as in older exports, the primary one is taken for verified.
    let is_verified = primary.as_ref().is_some_and(|primary| !unverified.contains(primary));
    draft.email(primary, is_verified);
    let of_api = source.objects("email_addresses");
    let (first, others) = primary_first(source, "primary_email_address_id", &of_api);
    for one in first.chain(others) {
        draft.email(one.text(&["email_address"]), is_proved(one));
    }
    for address in verified {
        draft.email(Some(address), true);
    }
    if of_api.is_empty() {
        // Some tools flatten them.
        for address in source.texts("email_addresses") {
            draft.email(Some(address), true);
        }
    }
    for address in unverified {
        draft.email(Some(address), false);
    }
}

fn phones(source: &Source, draft: &mut Draft) {
    let primary = source.text(&["primary_phone_number"]);
    let verified = source.texts("verified_phone_numbers");
    let unverified = source.texts("unverified_phone_numbers");
    let is_verified = primary.as_ref().is_some_and(|primary| !unverified.contains(primary));
    draft.phone(primary, is_verified);
    let of_api = source.objects("phone_numbers");
    let (first, others) = primary_first(source, "primary_phone_number_id", &of_api);
    for one in first.chain(others) {
        draft.phone(one.text(&["phone_number"]), is_proved(one));
    }
    for number in verified {
        draft.phone(Some(number), true);
    }
    for number in unverified {
        draft.phone(Some(number), false);
    }
}

fn primary_first<'a>(
    source: &Source,
    name: &str,
    all: &'a [Source],
) -> (impl Iterator<Item = &'a Source>, impl Iterator<Item = &'a Source>) {
    let id = source.text(&[name]);
    let is_primary = move |one: &Source| id.is_some() && one.text(&["id"]) == id;
    let is_other = is_primary.clone();
    (all.iter().filter(move |one| is_primary(one)), all.iter().filter(move |one| !is_other(one)))
}

/// Whether a code or a provider has proved it; `reserved` ones are held for the user only.
fn is_proved(one: &Source) -> bool {
    is_verified(one) && !one.is_on("reserved")
}

fn is_verified(one: &Source) -> bool {
    let status = one.object("verification").and_then(|found| found.text(&["status"]));
    status.as_deref() == Some("verified")
}

fn external_account(account: &Source, draft: &mut Draft) {
    let provider = account.text(&["provider"]).map(|name| {
        // The object is named like its provider in older versions.
        if name.starts_with("oauth_") { name } else { format!("oauth_{name}") }
    });
    let (Some(provider), Some(id)) = (provider, account.text(&["provider_user_id", "google_id"]))
    else {
        return;
    };
    let mut members = Map::new();
    members.insert("provider".to_owned(), provider.into());
    members.insert("provider_user_id".to_owned(), id.into());
    for name in [
        "approved_scopes",
        "email_address",
        "first_name",
        "last_name",
        "username",
        "image_url",
        "label",
    ] {
        if let Some(text) = account.text(&[name]) {
            members.insert(name.to_owned(), text.into());
        }
    }
    if let Some(metadata) = account.object("public_metadata") {
        members.insert("public_metadata".to_owned(), metadata.into_members().into());
    }
    draft.account_as_it_is(Value::Object(members));
}
