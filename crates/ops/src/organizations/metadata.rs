//! Write the metadata of an organization.

use rollbook_wire::Id;

use super::body::Found;
use super::write::change;
use crate::metadata::{self, GivenMetadata, Writing};
use crate::users::Request;
use crate::{Ctx, Result, Tenant};

/// Merges or replaces each field given.
pub async fn write_metadata(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    writing: Writing,
    request: Request<GivenMetadata>,
) -> Result<Found> {
    let Request { params, problems } = request;
    change(ctx, tenant, id, move |_, organization| {
        let mut fields = [
            (&mut organization.public_metadata, &params.public, "public_metadata"),
            (&mut organization.private_metadata, &params.private, "private_metadata"),
        ];
        metadata::write(writing, &mut fields, problems.clone())
    })
    .await
}
