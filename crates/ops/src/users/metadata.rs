//! Change metadata: merged key by key, or replaced field by field.

use rollbook_domain::{Metadata, Problem};
use rollbook_store::users::StoredUser;
use rollbook_wire::Id;
use serde_json::{Map, Value};

use super::Request;
use super::write::{Outcome, change};
use crate::{Ctx, Error, Result, Tenant};

/// The three metadata fields; an absent one stays as it is.
#[derive(Debug, Clone, Default)]
pub struct MetadataPatch {
    /// `public_metadata`
    pub public_metadata: Option<Map<String, Value>>,
    /// `private_metadata`
    pub private_metadata: Option<Map<String, Value>>,
    /// `unsafe_metadata`
    pub unsafe_metadata: Option<Map<String, Value>>,
}

/// Merges each field given into the one there is (RFC 7396).
pub async fn merge_metadata(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<MetadataPatch>,
) -> Result<StoredUser> {
    write(ctx, tenant, id, request, Metadata::merge).await
}

/// Replaces each field given wholly.
pub async fn replace_metadata(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<MetadataPatch>,
) -> Result<StoredUser> {
    write(ctx, tenant, id, request, |_, new, name| {
        Metadata::from_value(Value::Object(new.clone()), name)
    })
    .await
}

/// From the field as it is to the field as it is to be; the text names the parameter.
type Step = fn(&Metadata, &Map<String, Value>, &str) -> Result<Metadata, Problem>;

async fn write(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<MetadataPatch>,
    step: Step,
) -> Result<StoredUser> {
    let Request { params, problems: found } = request;
    change(ctx, tenant, id, move |_, user| {
        let mut problems = found.clone();
        let before = user.clone();
        for (field, patch, name) in [
            (&mut user.public_metadata, &params.public_metadata, "public_metadata"),
            (&mut user.private_metadata, &params.private_metadata, "private_metadata"),
            (&mut user.unsafe_metadata, &params.unsafe_metadata, "unsafe_metadata"),
        ] {
            let Some(patch) = patch else { continue };
            match step(field, patch, name) {
                Ok(new) => *field = new,
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(Error::Refused(problems));
        }
        Ok(if *user == before { Outcome::Unchanged } else { Outcome::Changed })
    })
    .await
}
