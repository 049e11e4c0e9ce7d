//! Passkeys: made in a ceremony with a browser or imported, used, removed.
//!
//! A ceremony is begun for an instance, belongs to a user where one was named,
//! counts for five minutes by the server's clock, and is used up by the first
//! answer, be it good or not.

mod authenticate;
mod delete;
mod import;
mod register;

pub use self::authenticate::{Authenticated, finish_authentication, start_authentication};
pub use self::delete::delete;
pub use self::import::{ImportPasskey, import};
pub use self::register::{finish_registration, start_registration};

use rollbook_domain::{MAX_PASSKEYS, Passkey, Problem, too_many_passkeys};
use rollbook_passkeys::{self as webauthn, Credential, RelyingParty, Start, TIMEOUT_MS};
use rollbook_store::ceremonies::{self, Ceremony, CeremonyKind};
use rollbook_store::passkeys::{self, StoredPasskey};
use rollbook_store::users::StoredUser;
use rollbook_wire::{Code, Id, Prefix};
use serde_json::Value;

use crate::users::{Outcome, change};
use crate::{Ctx, Error, Result, Tenant};

/// A ceremony that has begun: what to hand to the browser, and until when.
#[derive(Debug, Clone)]
pub struct Started {
    /// `cer_…`
    pub id: Id,
    /// Milliseconds.
    pub expires_at: i64,
    /// What `PublicKeyCredential.parseCreationOptionsFromJSON()` or
    /// `parseRequestOptionsFromJSON()` reads.
    pub options: Value,
}

/// The parameter that holds what the browser answered.
const CREDENTIAL: &str = "credential";

fn check_enabled(tenant: &Tenant) -> Result<()> {
    if tenant.instance.settings.attributes.passkey.enabled {
        return Ok(());
    }
    let text = "Passkeys are not enabled for the instance.";
    Err(Error::refused(Problem::new(Code::FeatureNotEnabled, text)))
}

fn relying_party(ctx: &Ctx, tenant: &Tenant) -> Result<RelyingParty> {
    let instance = &tenant.instance;
    let found = instance.settings.passkeys.relying_party(&ctx.public_url);
    let (id, origins) = found.ok_or_else(|| {
        let text = "Passkeys need a domain: set passkeys.rp_id or passkeys.origins of the \
                    instance, or reach the server by a name over https or on localhost.";
        Error::refused(Problem::new(Code::RequestInvalidForInstance, text))
    })?;
    let name = if instance.name.is_empty() { &id } else { &instance.name };
    RelyingParty::new(&id, name, &origins).map_err(refused)
}

async fn credentials_of(ctx: &Ctx, tenant: &Tenant, user: &Id) -> Result<Vec<Credential>> {
    let (instance, user) = (tenant.instance.id.clone(), user.clone());
    let records = ctx.db.read(move |conn| passkeys::of_user(conn, &instance, &user)).await?;
    records.iter().map(|record| Credential::from_record(record).map_err(refused)).collect()
}

async fn begin(
    ctx: &Ctx,
    tenant: &Tenant,
    kind: CeremonyKind,
    user: Option<&Id>,
    start: Start,
) -> Result<Started> {
    let now = ctx.clock.now();
    let ceremony = Ceremony {
        id: ctx.entropy.id(Prefix::Ceremony, now),
        user_id: user.cloned(),
        kind,
        state: start.state,
        expires_at: now + TIMEOUT_MS,
    };
    let (id, expires_at) = (ceremony.id.clone(), ceremony.expires_at);
    let instance = tenant.instance.id.clone();
    ctx.db.write(move |tx| ceremonies::insert(tx, &instance, &ceremony, now)).await?;
    Ok(Started { id, expires_at, options: start.options })
}

/// Uses the ceremony up; one of another instance, kind or user stays untouched.
async fn take(
    ctx: &Ctx,
    tenant: &Tenant,
    kind: CeremonyKind,
    id: &Id,
    user: Option<&Id>,
) -> Result<Ceremony> {
    let (instance, wanted, user) = (tenant.instance.id.clone(), id.clone(), user.cloned());
    let taken = ctx.db.write(move |tx| {
        let found = ceremonies::take(tx, &instance, kind, &wanted)?;
        let found = found.filter(|found| user.is_none() || found.user_id == user);
        found.ok_or_else(|| no_ceremony(&wanted))
    });
    let ceremony = taken.await?;
    if ceremony.expires_at <= ctx.clock.now() { Err(no_ceremony(id)) } else { Ok(ceremony) }
}

fn no_ceremony(id: &Id) -> Error {
    Error::not_found("open ceremony", id.as_str())
}

fn not_registered() -> Error {
    let text = "The passkey is not registered.";
    Error::refused(Problem::new(Code::PasskeyNotRegistered, text))
}

/// Gives the user a passkey; `param` is what brought the credential.
async fn add(
    ctx: &Ctx,
    tenant: &Tenant,
    user: &Id,
    name: String,
    credential: &Credential,
    param: &'static str,
) -> Result<StoredUser> {
    let now = ctx.clock.now();
    let id = ctx.entropy.id(Prefix::Identification, now);
    let record = credential.to_record().map_err(refused)?;
    let row = StoredPasskey { id: id.clone(), user_id: user.clone(), record };
    let passkey = Passkey { id, name, last_used_at: None, created_at: now };
    let (instance, credential_id) = (tenant.instance.id.clone(), credential.id().to_vec());
    change(ctx, tenant, user, move |tx, user| {
        if user.passkeys.len() >= MAX_PASSKEYS {
            return Err(Error::refused(too_many_passkeys()));
        }
        if !passkeys::insert(tx, &instance, &row, &credential_id)? {
            let text = format!("That {param} is taken: it is a passkey of the instance already.");
            return Err(Error::refused(Problem::param(Code::FormIdentifierExists, param, text)));
        }
        user.passkeys.push(passkey.clone());
        Ok(Outcome::Changed)
    })
    .await
}

fn refused(error: webauthn::Error) -> Error {
    match error {
        webauthn::Error::RelyingParty(_) => {
            let text = format!("The passkeys of the instance are not set up well: {error}.");
            Error::refused(Problem::new(Code::RequestInvalidForInstance, text))
        }
        webauthn::Error::Malformed(_)
        | webauthn::Error::Refused(_)
        | webauthn::Error::OtherUser => {
            let text = format!("{CREDENTIAL} was refused: {error}.");
            Error::refused(Problem::param(Code::FormParamValueInvalid, CREDENTIAL, text))
        }
        webauthn::Error::Kept(_) | webauthn::Error::Begin(_) => {
            Error::internal("conduct a ceremony", error)
        }
    }
}
