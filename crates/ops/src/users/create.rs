//! Create a user: check everything, hash, then one transaction.

use rollbook_domain::{Identifying, Problem, Restrictions, User, UserIndex};
use rollbook_store::Conn;
use rollbook_store::credentials::Owner;
use rollbook_store::users::{self, StoredUser, Taken};
use rollbook_wire::{Code, Id};
use serde_json::{Map, Value};

use super::assemble::{Checked, check, with_secrets};
use super::write::{Hold, taken};
use super::{Request, SecretParams};
use crate::access_identifiers::refused;
use crate::{Ctx, Error, Result, Tenant, events, invitations};

/// What a caller says of a new user; the names are those of the API.
#[derive(Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct CreateUser {
    pub external_id: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub locale: Option<String>,
    pub email_address: Option<Vec<String>>,
    pub email_address_identification_status: Option<Vec<String>>,
    pub phone_number: Option<Vec<String>>,
    pub phone_number_identification_status: Option<Vec<String>>,
    pub web3_wallet: Option<Vec<String>>,
    pub username: Option<String>,
    pub secrets: SecretParams,
    pub skip_password_requirement: bool,
    pub skip_user_requirement: bool,
    pub public_metadata: Option<Map<String, Value>>,
    pub private_metadata: Option<Map<String, Value>>,
    pub unsafe_metadata: Option<Map<String, Value>>,
    pub delete_self_enabled: Option<bool>,
    pub create_organization_enabled: Option<bool>,
    pub create_organizations_limit: Option<i64>,
    pub legal_accepted_at: Option<String>,
    pub skip_legal_checks: bool,
    pub created_at: Option<String>,
    pub bypass_client_trust: Option<bool>,
    pub banned: bool,
    pub locked: bool,
}

/// Creates a user, or says everything that is wrong with it.
pub async fn create(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<CreateUser>,
) -> Result<StoredUser> {
    let now = ctx.clock.now();
    let Checked { user, secrets, mut problems } = check(ctx, tenant, request, now).await?;

    let identifiers = UserIndex::of(&user).identifiers;
    let (instance, restrictions) =
        (tenant.instance.id.clone(), tenant.instance.settings.restrictions);
    if !problems.is_empty() {
        // Nothing will be written, but the caller hears of taken identifiers too.
        let found = ctx
            .db
            .read(move |conn| {
                let mut found: Vec<_> =
                    users::taken(conn, &instance, &identifiers)?.iter().map(taken).collect();
                found.extend(not_admitted(conn, &instance, restrictions, &user)?);
                Ok::<_, Error>(found)
            })
            .await?;
        problems.extend(found);
        return Err(Error::Refused(problems));
    }

    let stored = secrets.hash(ctx, tenant).await?;
    let user = with_secrets(user, &stored, now);
    let (ctx_, limit) = (ctx.clone(), tenant.instance.settings.user_limit);
    ctx.db
        .write(move |tx| {
            Hold::alone_if(limit.is_some() || restrictions.compares_addresses())
                .take(tx, &instance)?;
            if let Some(limit) = limit
                && users::count_up_to(tx, &instance, limit)? >= i64::from(limit)
            {
                return Err(Error::refused(quota_exceeded(limit)));
            }
            let mut user = user.clone();
            invitations::accept(&ctx_, tx, &instance, &mut user)?;
            if let Err(Taken(identifiers)) = users::insert(tx, &instance, &user)? {
                return Err(Error::Refused(identifiers.iter().map(taken).collect()));
            }
            let refused = not_admitted(tx, &instance, restrictions, &user)?;
            if !refused.is_empty() {
                return Err(Error::Refused(refused));
            }
            let owner = Owner { instance: &instance, user: &user.id };
            stored.write(tx, &ctx_.vault, owner)?;
            let created = StoredUser::new(user);
            events::user(&ctx_, tx, &instance, "user.created", &created)?;
            Ok(created)
        })
        .await
}

/// Which identifiers of the user the restrictions of the instance keep out.
pub(crate) fn not_admitted(
    conn: &mut Conn<'_>,
    instance: &Id,
    restrictions: Restrictions,
    user: &User,
) -> Result<Vec<Problem>> {
    let emails = user.email_addresses.iter().map(|one| one.value.newcomer());
    let phones = user.phone_numbers.iter().map(|one| one.value.newcomer());
    let wallets = user.web3_wallets.iter().map(|one| one.value.newcomer());
    let newcomers: Vec<_> = emails.chain(phones).chain(wallets).collect();
    refused(conn, instance, restrictions, &user.id, &newcomers)
}

pub(crate) fn quota_exceeded(limit: u32) -> Problem {
    let text = format!("The instance has reached its limit of {limit} users.");
    Problem::new(Code::UserQuotaExceeded, text)
}
