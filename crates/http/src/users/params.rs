//! Request bodies as the parameters of operations.

use rollbook_domain::Problem;
use rollbook_ops::users::{CreateUser, MetadataPatch, Request, SecretParams, UpdateUser};
use rollbook_wire::{Code, Id};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::metadata::deprecated;
use crate::{ApiVersion, Form, Refusal};

/// More values than any operation admits; each operation has its own, lower limit.
const MAX_VALUES: usize = 1000;

/// The body of a creation; `null` is the same as absent where it is allowed.
pub(super) fn create(mut form: Form) -> Request<CreateUser> {
    let f = &mut form;
    let params = CreateUser {
        external_id: f.string("external_id").set(),
        first_name: f.string("first_name").set(),
        last_name: f.string("last_name").set(),
        locale: f.string("locale").set(),
        email_address: strings(f, "email_address"),
        email_address_identification_status: strings(f, "email_address_identification_status"),
        phone_number: strings(f, "phone_number"),
        phone_number_identification_status: strings(f, "phone_number_identification_status"),
        web3_wallet: strings(f, "web3_wallet"),
        username: f.string("username").set(),
        secrets: secrets(f, Nulls::AreAbsent),
        skip_password_requirement: on(f, "skip_password_requirement"),
        skip_user_requirement: on(f, "skip_user_requirement"),
        public_metadata: object(f, "public_metadata"),
        private_metadata: object(f, "private_metadata"),
        unsafe_metadata: object(f, "unsafe_metadata"),
        delete_self_enabled: f.boolean("delete_self_enabled").set(),
        create_organization_enabled: f.boolean("create_organization_enabled").set(),
        create_organizations_limit: f.integer("create_organizations_limit").set(),
        legal_accepted_at: f.string("legal_accepted_at").set(),
        skip_legal_checks: on(f, "skip_legal_checks"),
        created_at: f.string("created_at").set(),
        bypass_client_trust: f.boolean("bypass_client_trust").set(),
        banned: on(f, "banned"),
        locked: on(f, "locked"),
    };
    Request { params, problems: form.finish() }
}

/// The body of an update; `null` clears where there is something to clear.
pub(super) fn update(mut form: Form, version: ApiVersion) -> Request<UpdateUser> {
    let f = &mut form;
    let params = UpdateUser {
        external_id: f.string("external_id"),
        first_name: f.string("first_name"),
        last_name: f.string("last_name"),
        locale: f.string("locale"),
        // Null for a primary id is taken as "no change".
        primary_email_address_id: f.string("primary_email_address_id").set(),
        primary_phone_number_id: f.string("primary_phone_number_id").set(),
        primary_web3_wallet_id: f.string("primary_web3_wallet_id").set(),
        notify_primary_email_address_changed: on(f, "notify_primary_email_address_changed"),
        username: f.string("username"),
        profile_image_id: f.string("profile_image_id"),
        secrets: secrets(f, Nulls::AreRefused),
        sign_out_of_other_sessions: on(f, "sign_out_of_other_sessions"),
        public_metadata: deprecated(f, "public_metadata", version),
        private_metadata: deprecated(f, "private_metadata", version),
        unsafe_metadata: deprecated(f, "unsafe_metadata", version),
        delete_self_enabled: f.boolean("delete_self_enabled").set(),
        create_organization_enabled: f.boolean("create_organization_enabled").set(),
        create_organizations_limit: f.integer("create_organizations_limit"),
        legal_accepted_at: f.string("legal_accepted_at"),
        created_at: f.string("created_at").set(),
        bypass_client_trust: f.boolean("bypass_client_trust").set(),
    };
    // Legal checks concern new users only; clients may say so all the same.
    let _ = f.boolean("skip_legal_checks");
    Request { params, problems: form.finish() }
}

/// The body of a metadata write; a field that is `null` is left alone.
pub(super) fn metadata(mut form: Form) -> Request<MetadataPatch> {
    let params = MetadataPatch {
        public_metadata: form.object("public_metadata").set(),
        private_metadata: form.object("private_metadata").set(),
        unsafe_metadata: form.object("unsafe_metadata").set(),
    };
    Request { params, problems: form.finish() }
}

/// The ids of a bulk request, in the order given.
pub(super) fn user_ids(mut form: Form) -> Result<Vec<Id>, Refusal> {
    // However many there are, the operation says how many there may be.
    let texts = form.strings("user_ids", usize::MAX);
    let texts = form.required("user_ids", texts).unwrap_or_default();
    let mut problems = form.finish();
    let mut ids: Vec<Id> = Vec::new();
    for text in texts {
        match text.parse() {
            Ok(id) => ids.push(id),
            Err(_) => problems.push(Problem::new(
                Code::ResourceNotFound,
                "user_ids holds a text that is no user's id.",
            )),
        }
    }
    Refusal::unless_empty(problems)?;
    Ok(ids)
}

/// What `null` means for a digest: a creation takes it for nothing, an update for a mistake.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nulls {
    AreAbsent,
    AreRefused,
}

fn secrets(f: &mut Form, nulls: Nulls) -> SecretParams {
    let hasher = f.string("password_hasher");
    let digest = f.secret("password_digest");
    let password_digest = match nulls {
        Nulls::AreAbsent => digest.set(),
        Nulls::AreRefused => f.not_null("password_digest", digest),
    };
    let codes = strings(f, "backup_codes");
    SecretParams {
        password: f.secret("password").set(),
        password_digest,
        password_hasher: f.not_null("password_hasher", hasher),
        skip_password_checks: on(f, "skip_password_checks"),
        totp_secret: f.secret("totp_secret").set(),
        backup_codes: codes.map(|codes| codes.into_iter().map(Zeroizing::new).collect()),
    }
}

/// An array that cannot be null.
fn strings(f: &mut Form, name: &str) -> Option<Vec<String>> {
    let values = f.strings(name, MAX_VALUES);
    f.not_null(name, values)
}

/// An object that cannot be null.
fn object(f: &mut Form, name: &str) -> Option<Map<String, Value>> {
    let value = f.object(name);
    f.not_null(name, value)
}

/// A switch: `null`, `false` and nothing are the same.
fn on(f: &mut Form, name: &str) -> bool {
    f.boolean(name).set().unwrap_or(false)
}
