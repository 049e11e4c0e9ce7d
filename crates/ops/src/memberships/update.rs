//! Give a member another role.

use rollbook_domain::Problem;
use rollbook_wire::Id;

use super::body::Member;
use super::write::{Of, change, keep_someone_elevated};
use crate::users::Request;
use crate::{Ctx, Error, Result, Tenant, roles};

/// Gives a member another role, unless nobody would be left to run the organization.
pub async fn update(
    ctx: &Ctx,
    tenant: &Tenant,
    organization: &Id,
    user: &Id,
    request: Request<String>,
) -> Result<Member> {
    let Request { params: key, problems } = request;
    refuse(problems)?;
    let of = Of { organization: organization.clone(), user: user.clone() };
    let instance = tenant.instance.id.clone();
    change(ctx, tenant, of, move |tx, roles, membership| {
        let role = roles::required(tx, &instance, &key)?;
        if !role.is_elevated() {
            keep_someone_elevated(tx, &instance, roles, membership)?;
        }
        membership.role = role.key;
        Ok(())
    })
    .await
}

fn refuse(problems: Vec<Problem>) -> Result<()> {
    if problems.is_empty() { Ok(()) } else { Err(Error::Refused(problems)) }
}
