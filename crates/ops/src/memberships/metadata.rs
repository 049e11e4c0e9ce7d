//! Write the metadata of a membership.

use rollbook_wire::Id;

use super::body::Member;
use super::write::{Of, change};
use crate::metadata::{self, GivenMetadata, Writing};
use crate::users::Request;
use crate::{Ctx, Result, Tenant};

/// Merges or replaces each field given.
pub async fn write_metadata(
    ctx: &Ctx,
    tenant: &Tenant,
    (organization, user): (&Id, &Id),
    writing: Writing,
    request: Request<GivenMetadata>,
) -> Result<Member> {
    let Request { params, problems } = request;
    let of = Of { organization: organization.clone(), user: user.clone() };
    change(ctx, tenant, of, move |_, _, membership| {
        let mut fields = [
            (&mut membership.public_metadata, &params.public, "public_metadata"),
            (&mut membership.private_metadata, &params.private, "private_metadata"),
        ];
        metadata::write(writing, &mut fields, problems.clone())
    })
    .await
}
