//! What holds for every kind of identification.

use rollbook_domain::{Identified, Identifying, Problem, Restrictions, User};
use rollbook_store::{Conn, users};
use rollbook_wire::{Code, Id};

use crate::access_identifiers::refused;
use crate::users::{MAX_IDENTIFIERS, taken};
use crate::{Error, Result, Tenant};

/// Refuses a kind that the instance has switched off.
pub(super) fn enabled<T: Identifying>(tenant: &Tenant, problems: &mut Vec<Problem>) -> bool {
    let on = T::attribute(&tenant.instance.settings.attributes).enabled;
    crate::users::enabled(true, on, T::KIND, problems)
}

/// Refuses a value that this user or another has already, or that may not come in.
pub(super) fn is_free<T: Identifying>(
    tx: &mut Conn<'_>,
    instance: &Id,
    rules: Restrictions,
    user: &User,
    value: &T,
) -> Result<()> {
    let identifier = value.identifier();
    let own = T::of(user).0.iter().any(|one| one.value.identifier() == identifier);
    if own || !users::taken(tx, instance, std::slice::from_ref(&identifier))?.is_empty() {
        return Err(Error::refused(taken(&identifier)));
    }
    let refused = refused(tx, instance, rules, &user.id, &[value.newcomer()])?;
    if refused.is_empty() { Ok(()) } else { Err(Error::Refused(refused)) }
}

/// Refuses one more than a user may have.
pub(super) fn has_room<T>(all: &[Identified<T>]) -> Result<()> {
    if all.len() < MAX_IDENTIFIERS {
        return Ok(());
    }
    let text = format!("A user cannot have more than {MAX_IDENTIFIERS} of a kind.");
    Err(Error::refused(Problem::new(Code::QuotaExceeded, text)))
}

/// Refuses to take away what the user or the instance cannot do without.
pub(super) fn may_go<T: Identifying>(
    before: &User,
    after: &User,
    gone: &Identified<T>,
    required: bool,
) -> Result<()> {
    let noun = T::NOUN;
    let refuse = |code, text: String| Err(Error::refused(Problem::new(code, text)));
    if gone.value.is_linked(before) {
        let text = format!("The {noun} is linked to a connected account: remove that first.");
        return refuse(Code::DeleteLinkedIdentificationDisallowed, text);
    }
    if required && gone.is_held() && !T::of(after).0.iter().any(Identified::is_held) {
        let text = format!("The instance requires a {noun}, and the user has no other.");
        return refuse(Code::LastRequiredIdentificationDeletionFailed, text);
    }
    if before.is_cut_off_by(after) {
        let text = format!("Nothing but this {noun} leads to the user.");
        return refuse(Code::IdentificationDeletionFailed, text);
    }
    Ok(())
}

/// A second factor that nobody has proved.
pub(super) fn second_factor_unverified(code: Code) -> Error {
    let text = "Only a verified phone number can serve as a second factor.";
    Error::refused(Problem::param(code, "reserved_for_second_factor", text))
}
