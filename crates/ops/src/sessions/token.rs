//! Make a token of a session: its own, or one after a template.

use rollbook_domain::{JwtTemplate, Membership, Organization, Problem, Session};
use rollbook_store::users::StoredUser;
use rollbook_store::{jwt_templates, memberships, organizations, sessions, users as store};
use rollbook_tokens::{
    Algorithm, Category, Claims, OrganizationClaim, RESERVED_SESSION_CLAIMS, SessionClaims, Signer,
    StandardClaims,
};
use rollbook_wire::{Code, Id};

use super::{get_active, template_context};
use crate::signing_keys::key_set;
use crate::users::{Request, forget_on_commit};
use crate::{Ctx, Error, Result, Tenant, roles};

/// How far before its issue a session token is valid, in seconds, for clocks that are slow.
const CLOCK_SKEW_S: i64 = 10;

/// What may be asked for, in seconds: up to ten years.
const LIFETIMES_S: std::ops::RangeInclusive<i64> = 30..=315_360_000;

/// Activity is noted this often at most, so that tokens cost no write each.
const NOTED_EVERY_MS: i64 = 60_000;

/// What a caller says of a new token.
#[derive(Debug, Clone, Default)]
pub struct CreateToken {
    /// The name of a JWT template; none for the session's own token.
    pub template: Option<String>,
    /// In place of what the instance, or the template, says.
    pub expires_in_seconds: Option<i64>,
    /// The page that asks, which becomes `azp`; none is the one the session began on.
    pub origin: Option<String>,
}

/// Makes a token of an active session, which counts as its use.
pub async fn create_token(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    request: Request<CreateToken>,
) -> Result<String> {
    let Request { params, mut problems } = request;
    if params.expires_in_seconds.is_some_and(|seconds| !LIFETIMES_S.contains(&seconds)) {
        let text = "expires_in_seconds must lie between 30 and 315360000.";
        let param = "expires_in_seconds";
        problems.push(Problem::param(Code::FormParamValueInvalid, param, text));
    }
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let session = get_active(ctx, tenant, id).await?;
    let user = store::by_id(&ctx.db, &tenant.instance.id, &session.user_id).await?;
    // Deleted since: the session is, too.
    let user = user.ok_or_else(|| super::not_found(id))?;
    note_use(ctx, tenant, &session).await?;
    let of = Of { ctx, tenant, session: &session, user: &user, params: &params };
    match params.template.as_deref() {
        None => of.session_token().await,
        Some(name) => of.template_token(name).await,
    }
}

/// The organization that is active in a session.
pub(super) struct Active {
    pub(super) organization: Organization,
    pub(super) membership: Membership,
    /// Keys of what the role permits.
    permissions: Vec<String>,
}

impl Active {
    /// The claims `o` and `fea`.
    fn claim(&self) -> (OrganizationClaim, Option<String>) {
        let permissions = self.permissions.iter().map(String::as_str);
        let Organization { id, slug, .. } = &self.organization;
        OrganizationClaim::new(id.as_str(), Some(slug), &self.membership.role, permissions)
    }
}

struct Of<'a> {
    ctx: &'a Ctx,
    tenant: &'a Tenant,
    session: &'a Session,
    user: &'a StoredUser,
    params: &'a CreateToken,
}

impl Of<'_> {
    async fn session_token(&self) -> Result<String> {
        let settings = &self.tenant.instance.settings.sessions;
        let active = self.active().await?;
        let mut custom = Claims::new();
        if let Some(name) = &settings.token_template
            && let Some(stored) = self.template(name).await?
        {
            custom = self.filled(&stored.template, active.as_ref());
            custom.retain(|name, _| !RESERVED_SESSION_CLAIMS.contains(&name.as_str()));
        }
        let (organization, fea) = active.as_ref().map(Active::claim).unzip();
        let fea = fea.flatten();
        let now = self.ctx.clock.now();
        let own = SessionClaims {
            act: self.session.actor.as_ref(),
            fea,
            fva: self.session.factor_ages(now),
            o: organization,
            sid: self.session.id.as_str(),
            sts: self.session.status_at(now).as_str(),
            v: 2,
        };
        let lifetime = i64::from(settings.token_lifetime_in_seconds);
        let claims =
            rollbook_tokens::merged(&[&custom, &own, &self.standard(lifetime, CLOCK_SKEW_S)]);
        self.sign(Category::Session, &claims.map_err(failed)?).await
    }

    /// The active organization, if the user is still a member of it.
    async fn active(&self) -> Result<Option<Active>> {
        let Some(id) = self.session.last_active_organization_id.clone() else { return Ok(None) };
        let instance = self.tenant.instance.id.clone();
        let Some(found) = organizations::by_id(&self.ctx.db, &instance, &id).await? else {
            return Ok(None);
        };
        let user = self.session.user_id.clone();
        let read = self.ctx.db.read(move |conn| {
            let membership = memberships::of(conn, &instance, &id, &user)?;
            let Some(membership) = membership else { return Ok(None) };
            let role = roles::find(conn, &instance, &membership.role)?;
            let permissions = role.map_or_else(Vec::new, |role| role.permissions);
            Ok::<_, Error>(Some((membership, permissions)))
        });
        let organization = found.organization;
        let active = |(membership, permissions)| Active { organization, membership, permissions };
        Ok(read.await?.map(active))
    }

    async fn template_token(&self, name: &str) -> Result<String> {
        let stored = self.template(name).await?;
        let stored = stored.ok_or_else(|| Error::not_found("JWT template", name))?;
        let template = &stored.template;
        let standard = self.standard(template.lifetime, template.allowed_clock_skew);
        let filled = self.filled(template, self.active().await?.as_ref());
        let claims = rollbook_tokens::merged(&[&filled, &standard]).map_err(failed)?;
        let Some(algorithm) = template.signing_algorithm.as_deref().and_then(Algorithm::parse)
        else {
            return self.sign(Category::Template, &claims).await;
        };
        let key = zeroize::Zeroizing::new(stored.open_key(&self.ctx.vault)?.unwrap_or_default());
        let key = std::str::from_utf8(&key).map_err(failed)?;
        let signer = Signer::custom(algorithm, key).map_err(failed)?;
        rollbook_tokens::sign(&signer, None, Category::Template, &claims).map_err(failed)
    }

    async fn template(&self, name: &str) -> Result<Option<jwt_templates::StoredTemplate>> {
        let (instance, name) = (self.tenant.instance.id.clone(), name.to_owned());
        Ok(self.ctx.db.read(move |conn| jwt_templates::by_name(conn, &instance, &name)).await?)
    }

    fn filled(&self, template: &JwtTemplate, active: Option<&Active>) -> Claims {
        let context = template_context::of(self.ctx, self.tenant, self.session, self.user, active);
        rollbook_tokens::render(&template.claims, &context)
    }

    fn standard(&self, lifetime: i64, clock_skew: i64) -> StandardClaims<'_> {
        let iat = self.ctx.clock.now().div_euclid(1000);
        StandardClaims {
            azp: self.params.origin.as_deref().or(self.session.origin.as_deref()),
            exp: iat + self.params.expires_in_seconds.unwrap_or(lifetime),
            iat,
            iss: self.tenant.instance.issuer(&self.ctx.public_url),
            jti: hex::encode(self.ctx.entropy.bytes::<10>()),
            nbf: iat - clock_skew,
            sub: self.session.user_id.as_str(),
        }
    }

    async fn sign(&self, category: Category, claims: &Claims) -> Result<String> {
        let keys = key_set(self.ctx, self.tenant).await?;
        let (kid, key) = keys.signing();
        rollbook_tokens::sign(&Signer::own(key), kid, category, claims).map_err(failed)
    }
}

/// Moves the activity of session and user, unless it was moved within the last minute.
async fn note_use(ctx: &Ctx, tenant: &Tenant, session: &Session) -> Result<()> {
    let now = ctx.clock.now();
    if now - session.last_active_at < NOTED_EVERY_MS {
        return Ok(());
    }
    let (ctx_, instance, session) = (ctx.clone(), tenant.instance.id.clone(), session.clone());
    let settings = &tenant.instance.settings.sessions;
    let abandon_at = settings.abandon_at(session.created_at, now, session.expire_at);
    ctx.db
        .write(move |tx| {
            let own = session.actor.is_none();
            if own && sessions::note_activity(tx, &instance, &session.user_id, now)? {
                forget_on_commit(&ctx_, tx, &instance, &session.user_id);
                if let Some(organization) = &session.last_active_organization_id {
                    organizations::note_activity(tx, &instance, organization, now)?;
                }
            }
            sessions::note_use(tx, &instance, &session, abandon_at, now)?;
            Ok::<_, Error>(())
        })
        .await
}

fn failed(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal("make a token", source)
}
