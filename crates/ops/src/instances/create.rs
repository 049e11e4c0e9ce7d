//! Create an instance with its first key.

use rollbook_domain::{Environment, Instance, Problem, Profile, Settings};
use rollbook_store::instances;
use rollbook_wire::{Code, Prefix};

use super::keys::{NewKey, insert, make};
use crate::{Ctx, Error, Result};

/// What an operator says of a new instance.
#[derive(Debug, Default)]
pub struct CreateInstance {
    /// For people; may be empty.
    pub name: String,
    /// Development unless said otherwise.
    pub environment: Environment,
    /// Where the settings start.
    pub profile: Profile,
    /// The first key, if it is not to be random.
    pub secret_key: Option<String>,
}

/// A new instance and its first key.
pub struct Created {
    /// As it is kept.
    pub instance: Instance,
    /// The one time that its secret is known.
    pub key: NewKey,
}

/// Creates an instance; its key is good when this returns.
pub async fn create(ctx: &Ctx, params: CreateInstance) -> Result<Created> {
    let name = check_name(&params.name)?;
    let settings = Settings::of(params.profile, params.environment);
    let created = new(ctx, name, params.environment, settings, params.secret_key)?;
    let (instance, key) = (created.instance.clone(), created.key.key.clone());
    ctx.db
        .write(move |tx| {
            instances::insert(tx, &instance)?;
            insert(tx, &key)
        })
        .await?;
    ctx.reload_catalog().await?;
    Ok(created)
}

/// Creates the first instance of an empty store; `None` if there is one already.
///
/// Two servers that start at once on an empty store make one between them.
pub async fn ensure_first(ctx: &Ctx, secret_key: Option<String>) -> Result<Option<Created>> {
    if !ctx.catalog.all().is_empty() {
        return Ok(None);
    }
    let created = first(ctx, secret_key)?;
    let (instance, key) = (created.instance.clone(), created.key.key.clone());
    let mine = ctx
        .db
        .write(move |tx| {
            if !instances::claim_first(tx)? {
                return Ok(false);
            }
            instances::insert(tx, &instance)?;
            insert(tx, &key)?;
            Ok::<_, Error>(true)
        })
        .await?;
    ctx.reload_catalog().await?;
    Ok(mine.then_some(created))
}

/// The instance that [`ensure_first`] would create; nothing is written.
pub fn first(ctx: &Ctx, secret_key: Option<String>) -> Result<Created> {
    let environment = match &secret_key {
        Some(key) if key.starts_with(Environment::Production.key_prefix()) => {
            Environment::Production
        }
        _ => Environment::Development,
    };
    let settings = Settings::of(Profile::Permissive, environment);
    new(ctx, "First instance".to_owned(), environment, settings, secret_key)
}

pub(super) fn new(
    ctx: &Ctx,
    name: String,
    environment: Environment,
    settings: Settings,
    secret_key: Option<String>,
) -> Result<Created> {
    let now = ctx.clock.now();
    let id = ctx.entropy.id(Prefix::Instance, now);
    let key = make(ctx, &id, environment, secret_key)?;
    let instance = Instance { id, name, environment, settings, created_at: now, updated_at: now };
    Ok(Created { instance, key })
}

pub(super) fn check_name(name: &str) -> Result<String> {
    if name.chars().count() > 256 || name.chars().any(char::is_control) {
        return Err(Error::refused(Problem::param(
            Code::FormParamValueInvalid,
            "name",
            "name must have at most 256 characters and no control characters.",
        )));
    }
    Ok(name.to_owned())
}
