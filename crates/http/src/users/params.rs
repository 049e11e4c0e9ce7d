//! Request bodies as the parameters of operations.

use rollbook_domain::Problem;
use rollbook_ops::users::{CreateUser, MetadataPatch, Nulls, Request, SecretParams, UpdateUser};
use rollbook_wire::{Code, Id};

use crate::metadata::deprecated;
use crate::{ApiVersion, Form, Refusal};

/// The body of a creation; `null` is the same as absent where it is allowed.
pub(super) fn create(mut form: Form) -> Request<CreateUser> {
    let params = CreateUser::read(&mut form);
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
        secrets: SecretParams::read(f, Nulls::AreRefused),
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

/// A switch: `null`, `false` and nothing are the same.
fn on(f: &mut Form, name: &str) -> bool {
    f.boolean(name).set().unwrap_or(false)
}
