//! Put one email address or phone number in the place of all that a user has.

use rollbook_domain::{Identified, Identifying, Problem, Proof, Restrictions, User};
use rollbook_store::Conn;
use rollbook_wire::{Code, Id, Prefix};

use super::{Owned, owned, rules};
use crate::users::{
    Hold, Outcome, Request, change_under, forget_orphaned_codes, keep, notice, required,
};
use crate::{Ctx, Error, Result, Tenant};

/// What comes in the place of the others; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct ReplaceIdentification {
    /// The address or number.
    pub value: Option<String>,
    pub identification_status: Option<String>,
    pub notify_primary_email_address_changed: bool,
}

/// Replaces all of a kind by one, which is primary; one that the user has already keeps its id.
pub async fn replace<T: Identifying>(
    ctx: &Ctx,
    tenant: &Tenant,
    user: &Id,
    request: Request<ReplaceIdentification>,
) -> Result<Owned<T>> {
    let Request { params, mut problems } = request;
    let value = required(params.value, T::KIND, &mut problems)
        .filter(|_| rules::enabled::<T>(tenant, &mut problems))
        .and_then(|text| keep(T::read(&text, T::KIND), &mut problems));
    let proof = keep(proof(params.identification_status.as_deref()), &mut problems);
    let (Some(value), Some(proof), true) = (value, proof, problems.is_empty()) else {
        return Err(Error::Refused(problems));
    };
    let now = ctx.clock.now();
    let new = Identified {
        id: ctx.entropy.id(Prefix::Identification, now),
        value,
        proof,
        reserved_for_second_factor: false,
        default_second_factor: false,
        created_at: now,
        updated_at: now,
    };
    let step = Step {
        ctx: ctx.clone(),
        instance: tenant.instance.id.clone(),
        restrictions: tenant.instance.settings.restrictions,
        new,
        notify: params.notify_primary_email_address_changed,
    };
    let hold = Hold::alone_if(step.restrictions.compares_addresses());
    let stored = change_under(ctx, tenant, user, hold, move |tx, user| step.run(tx, user)).await?;
    let primary = T::of(&stored.user).1.cloned();
    let primary = primary.ok_or_else(|| Error::internal("replace an address", "there is none"))?;
    owned(stored, &primary)
}

fn proof(status: Option<&str>) -> Result<Proof, Problem> {
    match status {
        None | Some("verified") => Ok(Proof::Admin),
        Some("reserved") => Ok(Proof::Reserved),
        Some("unverified") => Ok(Proof::Unverified),
        Some(_) => Err(Problem::param(
            Code::FormParamValueInvalid,
            "identification_status",
            "identification_status must be verified, reserved or unverified.",
        )),
    }
}

struct Step<T> {
    ctx: Ctx,
    instance: Id,
    restrictions: Restrictions,
    new: Identified<T>,
    notify: bool,
}

impl<T: Identifying> Step<T> {
    fn run(&self, tx: &mut Conn<'_>, user: &mut User) -> Result<Outcome> {
        let before = user.clone();
        let wanted = self.new.value.identifier();
        let (old, _) = T::of(&before);
        let is_wanted = |one: &&Identified<T>| one.value.identifier() == wanted;
        if old.iter().any(|one| !is_wanted(&one) && one.value.is_linked(&before)) {
            let text = format!(
                "A {} of the user is linked to a connected account: remove that first.",
                T::NOUN
            );
            let code = Code::DeleteLinkedIdentificationDisallowed;
            return Err(Error::refused(Problem::new(code, text)));
        }
        let own = old.iter().find(is_wanted);
        if own.is_none() {
            rules::is_free(tx, &self.instance, self.restrictions, &before, &self.new.value)?;
        }
        let mut one = own.unwrap_or(&self.new).clone();
        if one.is_verified() != self.new.is_verified() || !one.is_verified() {
            one.proof = self.new.proof.clone();
        }
        one.reserved_for_second_factor = false;
        one.default_second_factor = false;
        if own != Some(&one) {
            one.updated_at = self.new.updated_at;
        }
        let (all, primary) = T::of_mut(user);
        *primary = Some(one.id.clone());
        *all = vec![one];
        if *user == before {
            return Ok(Outcome::Unchanged);
        }
        forget_orphaned_codes(&self.ctx, tx, &self.instance, &before, user)?;
        if self.notify {
            notice::primary_changed(&self.ctx, tx, &self.instance, &before, user)?;
        }
        Ok(Outcome::Changed)
    }
}
