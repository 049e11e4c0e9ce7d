//! Mark an email address or phone number as verified, primary, or a second factor.

use rollbook_domain::{Identified, Identifying, Problem, Proof, User};
use rollbook_wire::{Code, Id};

use super::create::needs_verification;
use super::{Owned, change_owner, owned, rules};
use crate::users::{Outcome, Request, forget_orphaned_codes, notice};
use crate::{Ctx, Error, Result, Tenant};

/// What a caller changes; the names are those of the API.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct UpdateIdentification {
    pub verified: Option<bool>,
    /// False asks for nothing.
    pub primary: bool,
    pub reserved_for_second_factor: Option<bool>,
    pub notify_primary_email_address_changed: bool,
}

/// Changes an identification; what is as asked for already stays, with no event.
pub async fn update<T: Identifying>(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<UpdateIdentification>,
) -> Result<Owned<T>> {
    let Request { params, problems } = request;
    if !problems.is_empty() {
        // Of what does not exist, nothing else matters.
        super::get::<T>(ctx, tenant, id).await?;
        return Err(Error::Refused(problems));
    }
    let (ctx_, instance, id_) = (ctx.clone(), tenant.instance.id.clone(), id.clone());
    let changed = change_owner::<T, _>(ctx, tenant, id, move |tx, user| {
        let before = user.clone();
        apply::<T>(params, user, &id_)?;
        if *user == before {
            return Ok(Outcome::Unchanged);
        }
        touch::<T>(user, &id_, ctx_.clock.now());
        forget_orphaned_codes(&ctx_, tx, &instance, &before, user)?;
        if params.notify_primary_email_address_changed {
            notice::primary_changed(&ctx_, tx, &instance, &before, user)?;
        }
        Ok(Outcome::Changed)
    });
    owned(changed.await.map_err(claimed::<T>)?, id)
}

fn apply<T: Identifying>(params: UpdateIdentification, user: &mut User, id: &Id) -> Result<()> {
    let before = user.clone();
    let Some(one) = find::<T>(user, id) else { return Err(super::not_found::<T>(id)) };
    match params.verified {
        Some(true) if !one.is_verified() => one.proof = Proof::Admin,
        Some(false) if one.is_verified() => one.proof = Proof::Unverified,
        _ => {}
    }
    if let Some(reserved) = params.reserved_for_second_factor {
        one.reserved_for_second_factor = reserved;
    }
    if one.reserved_for_second_factor && !one.is_verified() {
        return Err(rules::second_factor_unverified(
            Code::IdentificationUpdateSecondFactorUnverified,
        ));
    }
    if params.primary {
        if !one.is_verified() {
            return Err(needs_verification::<T>());
        }
        *T::of_mut(user).1 = Some(id.clone());
    } else if params.verified == Some(false) {
        user.replace_primary::<T>(id);
    }
    if *user != before && before.is_cut_off_by(user) {
        let text = format!("Nothing but this {} leads to the user.", T::NOUN);
        return Err(Error::refused(Problem::new(Code::IdentificationUpdateFailed, text)));
    }
    Ok(())
}

fn find<'a, T: Identifying>(user: &'a mut User, id: &Id) -> Option<&'a mut Identified<T>> {
    T::of_mut(user).0.iter_mut().find(|one| one.id == *id)
}

/// Its own time of change moves with the user's.
fn touch<T: Identifying>(user: &mut User, id: &Id, now: i64) {
    if let Some(one) = find::<T>(user, id) {
        one.updated_at = now;
    }
}

/// What an unverified address says may have become another user's meanwhile.
pub(super) fn claimed<T: Identifying>(error: Error) -> Error {
    match error {
        Error::Refused(problems)
            if problems.iter().any(|problem| problem.code == Code::FormIdentifierExists) =>
        {
            let text = format!("The {} belongs to another user by now.", T::NOUN);
            Error::refused(Problem::new(Code::IdentificationClaimed, text))
        }
        other => other,
    }
}
