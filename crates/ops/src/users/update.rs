//! Update a user: check, hash, then one transaction that locks, changes and tells.

use rollbook_domain::{Problem, User, UserIndex};
use rollbook_store::credentials::Owner;
use rollbook_store::users::{self, StoredUser};
use rollbook_store::{Conn, images};
use rollbook_wire::{Code, Id};

use super::change::{Change, UpdateUser, no_such};
use super::checks::secrets_enabled;
use super::secrets::{Secrets, Stored};
use super::write::{Outcome, change, taken};
use super::{Request, get, notice};
use crate::sessions::{self, Ending};
use crate::{Ctx, Error, Result, Tenant};

/// Updates a user, or says everything that is wrong with the request.
///
/// A request that changes nothing answers the user as it is, with no event.
pub async fn update(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<UpdateUser>,
) -> Result<StoredUser> {
    let Request { mut params, mut problems } = request;
    let before = get(ctx, tenant, id).await?.user;
    let sign_out = params.sign_out_of_other_sessions;
    let notify = params.notify_primary_email_address_changed;
    let mut secrets = std::mem::take(&mut params.secrets);
    secrets_enabled(tenant, &mut secrets, &mut problems);
    only_with_password(
        secrets.password.is_some(),
        sign_out,
        "sign_out_of_other_sessions",
        &mut problems,
    );
    let skip = secrets.skip_password_checks;
    only_with_password(secrets.password.is_some(), skip, "skip_password_checks", &mut problems);

    let wanted = Change::check(tenant, params, ctx.clock.now(), &mut problems);
    // Tried on the user as it is, so that all problems show at once; what may
    // change meanwhile is checked again under the lock.
    let mut after = before.clone();
    if let Err(found) = wanted.apply(&mut after) {
        problems.extend(found);
    }
    let identifiers = UserIndex::of(&after).identifiers;
    let texts: Vec<&str> = identifiers.iter().map(|i| i.value.as_str()).collect();
    let secrets = Secrets::check(ctx, tenant, secrets, &texts, &mut problems).await?;
    if !problems.is_empty() {
        return Err(Error::Refused(with_taken(ctx, tenant, &before, &after, problems).await?));
    }

    let stored = secrets.hash(ctx, tenant).await?;
    let step = Step {
        ctx: ctx.clone(),
        instance: tenant.instance.id.clone(),
        change: wanted,
        stored,
        sign_out,
        notify,
    };
    change(ctx, tenant, id, move |tx, user| step.run(tx, user)).await
}

fn only_with_password(has: bool, given: bool, name: &str, problems: &mut Vec<Problem>) {
    // An explicit false asks for nothing, and clients send it.
    if given && !has {
        problems.push(Problem::param(
            Code::FormConditionalParamDisallowed,
            name,
            format!("{name} can only be given together with password."),
        ));
    }
}

/// Adds the identifiers that are taken by others to the problems found already.
async fn with_taken(
    ctx: &Ctx,
    tenant: &Tenant,
    before: &User,
    after: &User,
    mut problems: Vec<Problem>,
) -> Result<Vec<Problem>> {
    let old = UserIndex::of(before).identifiers;
    let mut new = UserIndex::of(after).identifiers;
    new.retain(|identifier| !old.contains(identifier));
    let instance = tenant.instance.id.clone();
    let found =
        ctx.db.read(move |conn| Ok::<_, Error>(users::taken(conn, &instance, &new)?)).await?;
    problems.extend(found.iter().map(taken));
    Ok(problems)
}

/// What happens under the lock.
struct Step {
    ctx: Ctx,
    instance: Id,
    change: Change,
    stored: Stored,
    sign_out: bool,
    notify: bool,
}

impl Step {
    fn run(&self, tx: &mut Conn<'_>, user: &mut User) -> Result<Outcome> {
        let before = user.clone();
        self.change.apply(user).map_err(Error::Refused)?;
        if let Some(image) = self.change.new_image()
            && !images::is_of_user(tx, &self.instance, image.as_str(), &user.id)?
        {
            return Err(Error::refused(no_such("profile_image_id", "image")));
        }
        self.note_secrets(user);
        self.stored.write(
            tx,
            &self.ctx.vault,
            Owner { instance: &self.instance, user: &user.id },
        )?;
        if self.sign_out {
            sessions::end_all(&self.ctx, tx, &self.instance, user, Ending::Revoke)?;
        }
        if self.notify {
            notice::primary_changed(&self.ctx, tx, &self.instance, &before, user)?;
        }
        let changed = *user != before || !self.stored.is_empty();
        Ok(if changed { Outcome::Changed } else { Outcome::Unchanged })
    }

    fn note_secrets(&self, user: &mut User) {
        if self.stored.password.is_some() {
            user.password_enabled = true;
            user.password_last_updated_at = Some(self.ctx.clock.now());
        }
        if self.stored.totp.is_some() {
            user.totp_enabled = true;
        }
        if let Some(codes) = &self.stored.backup_codes {
            user.backup_code_enabled = !codes.is_empty();
        }
    }
}
