//! Give a user one more email address or phone number.

use rollbook_domain::{Identified, Identifying, Problem, Proof};
use rollbook_wire::{Code, Id, Prefix};

use super::{Owned, owned, rules};
use crate::users::{Hold, Outcome, Request, change_under, keep, notice, required};
use crate::{Ctx, Error, Result, Tenant};

/// What a caller says of a new identification; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct NewIdentification {
    pub user_id: Option<String>,
    /// The address or number.
    pub value: Option<String>,
    pub verified: bool,
    pub primary: Option<bool>,
    pub reserved_for_second_factor: bool,
    pub notify_primary_email_address_changed: bool,
}

/// Adds an identification, or says everything that is wrong with it.
///
/// The first of its kind becomes primary unless the caller says otherwise.
pub async fn create<T: Identifying>(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<NewIdentification>,
) -> Result<Owned<T>> {
    let Request { params, mut problems } = request;
    let user = required(params.user_id, "user_id", &mut problems);
    let value = required(params.value, T::KIND, &mut problems)
        .filter(|_| rules::enabled::<T>(tenant, &mut problems))
        .and_then(|text| keep(T::read(&text, T::KIND), &mut problems));
    let (Some(user), Some(value), true) = (user, value, problems.is_empty()) else {
        return Err(Error::Refused(problems));
    };
    if params.reserved_for_second_factor && !params.verified {
        return Err(rules::second_factor_unverified(
            Code::IdentificationCreateSecondFactorUnverified,
        ));
    }
    let user: Id = user.parse().map_err(|_| Error::not_found("user", &user))?;

    let now = ctx.clock.now();
    let proof = if params.verified { Proof::Admin } else { Proof::Unverified };
    let new = Identified {
        id: ctx.entropy.id(Prefix::Identification, now),
        value,
        proof,
        reserved_for_second_factor: params.reserved_for_second_factor,
        default_second_factor: false,
        created_at: now,
        updated_at: now,
    };
    let (id, primary, notify) =
        (new.id.clone(), params.primary, params.notify_primary_email_address_changed);
    let (ctx_, instance) = (ctx.clone(), tenant.instance.id.clone());
    let restrictions = tenant.instance.settings.restrictions;
    let hold = Hold::alone_if(restrictions.compares_addresses());
    let stored = change_under(ctx, tenant, &user, hold, move |tx, user| {
        let before = user.clone();
        rules::is_free(tx, &instance, restrictions, user, &new.value)?;
        let (all, primary_id) = T::of_mut(user);
        rules::has_room(all)?;
        let is_first = all.is_empty();
        if primary == Some(true) && !is_first && !new.is_verified() {
            return Err(needs_verification::<T>());
        }
        if primary.unwrap_or(is_first) {
            *primary_id = Some(new.id.clone());
        }
        all.push(new.clone());
        if notify {
            notice::primary_changed(&ctx_, tx, &instance, &before, user)?;
        }
        Ok(Outcome::Changed)
    })
    .await?;
    owned(stored, &id)
}

/// Only what is verified becomes primary, unless there is nothing else.
pub(super) fn needs_verification<T: Identifying>() -> Error {
    Error::refused(Problem::param(
        Code::FormVerificationNeeded,
        "primary",
        format!("The {} must be verified to become primary.", T::NOUN),
    ))
}
