//! Create an organization; who made it becomes its first member.

use rollbook_domain::{
    Organization, Problem, not_in_future, parse_organization_name, parse_rfc3339, parse_slug,
    slug_of,
};
use rollbook_store::organizations::{self, StoredOrganization};
use rollbook_store::{Conn, users};
use rollbook_wire::{Code, Id, Prefix};

use super::body::{Found, full, hidden, render};
use super::write::slug_taken;
use crate::memberships::{self, NewMember};
use crate::metadata::GivenMetadata;
use crate::users::{Request, hold};
use crate::{Ctx, Error, Result, Tenant, events, roles};

/// How many slugs are made from one name before giving up; each has 31 random bits.
const MAX_SLUGS: usize = 8;

/// What a caller says of a new organization; the names are those of the API.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "the API's parameters, documented in its contract")]
pub struct CreateOrganization {
    pub name: Option<String>,
    pub slug: Option<String>,
    pub created_by: Option<String>,
    pub max_allowed_memberships: Option<i64>,
    pub metadata: GivenMetadata,
    pub created_at: Option<String>,
    pub role_set_key: Option<String>,
}

/// Creates an organization, or says everything that is wrong with it.
pub async fn create(
    ctx: &Ctx,
    tenant: &Tenant,
    request: Request<CreateOrganization>,
) -> Result<Found> {
    let Request { params, mut problems } = request;
    let settings = &tenant.instance.settings.organizations;
    let now = ctx.clock.now();

    let name = params.name.as_deref().map(parse_organization_name);
    let name = name.transpose().unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let slug = chosen_slug(tenant, params.slug.as_deref(), &mut problems);
    let max_allowed_memberships = params
        .max_allowed_memberships
        .and_then(|limit| memberships_limit(limit, &mut problems))
        .unwrap_or(settings.max_allowed_memberships);
    let created_at = params.created_at.and_then(|text| created_at(&text, now, &mut problems));
    no_role_set(params.role_set_key.as_deref(), &mut problems);
    let created_by = params.created_by.map(|text| creator_id(&text)).transpose();
    let created_by = created_by.unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let (public_metadata, private_metadata) = params.metadata.read(&mut problems);
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }

    let name = name.unwrap_or_default();
    let organization = Organization {
        id: ctx.entropy.id(Prefix::Organization, now),
        slug: slug.clone().unwrap_or_else(|| slug_of(&name)),
        name,
        image_id: None,
        max_allowed_memberships,
        admin_delete_enabled: settings.admin_delete_enabled,
        public_metadata,
        private_metadata,
        created_at: created_at.unwrap_or(now),
        updated_at: now,
    };
    let creator_role = settings.creator_role.clone();
    let (ctx_, instance, chosen) = (ctx.clone(), tenant.instance.id.clone(), slug.is_some());
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            let creator = match &created_by {
                Some(id) => Some(users::lock(tx, &instance, id)?.ok_or_else(no_creator)?.user),
                None => None,
            };
            if let Some(user) = &creator {
                may_create(tx, &instance, user)?;
            }
            let mut organization = organization.clone();
            insert(&ctx_, tx, &instance, &mut organization, created_by.as_ref(), chosen)?;
            let mut stored = StoredOrganization {
                organization,
                created_by: created_by.clone(),
                members_count: 0,
                last_active_at: None,
            };
            // The event of the organization comes before that of its first member.
            tell(&ctx_, tx, &instance, &stored)?;
            if let Some(user) = creator {
                let role = roles::required(tx, &instance, &creator_role)?;
                let member = NewMember { user, role, metadata: Default::default() };
                stored = memberships::add(&ctx_, tx, &instance, stored, member)?.organization;
            }
            Ok(hidden(stored))
        })
        .await
}

fn tell(ctx: &Ctx, tx: &mut Conn<'_>, instance: &Id, stored: &StoredOrganization) -> Result<()> {
    let told = full(ctx, tx, instance, stored.clone())?;
    let (id, data) = (&stored.organization.id, render(ctx, &told));
    events::happened(ctx, tx, instance, "organization.created", id, id, &data)
}

/// A slug that was chosen is taken or not; one that is made avoids those that are.
fn insert(
    ctx: &Ctx,
    tx: &mut Conn<'_>,
    instance: &Id,
    organization: &mut Organization,
    created_by: Option<&Id>,
    chosen: bool,
) -> Result<()> {
    let made = organization.slug.clone();
    for _ in 0..MAX_SLUGS {
        if organizations::insert(tx, instance, organization, created_by)? {
            return Ok(());
        }
        if chosen {
            break;
        }
        let random = u32::from_be_bytes(ctx.entropy.bytes());
        organization.slug = format!("{made}-{:07}", random % 10_000_000);
    }
    Err(slug_taken())
}

/// Whether the user may make one more.
fn may_create(tx: &mut Conn<'_>, instance: &Id, user: &rollbook_domain::User) -> Result<()> {
    if !user.create_organization_enabled {
        return Err(Error::refused(Problem::param(
            Code::AuthorizationInvalid,
            "created_by",
            "The user may not create organizations.",
        )));
    }
    // 0 is unlimited, and so is nothing: the instance has no limit of its own.
    let limit = user.create_organizations_limit.filter(|limit| *limit > 0);
    if let Some(limit) = limit
        && organizations::count_created(tx, instance, &user.id)? >= limit
    {
        return Err(Error::refused(Problem::param(
            Code::OrgCreationLimitExceeded,
            "created_by",
            format!("The user has created {limit} organizations already, and may not create more."),
        )));
    }
    Ok(())
}

/// The creator is a parameter of the body, so an unknown one is the body's fault.
fn no_creator() -> Error {
    Error::refused(creator_problem())
}

fn creator_id(text: &str) -> Result<Id, Problem> {
    text.parse().map_err(|_| creator_problem())
}

fn creator_problem() -> Problem {
    Problem::param(
        Code::FormResourceNotFound,
        "created_by",
        "created_by must be the id of a user; there is no such user.",
    )
}

/// The slug that the caller chose, where one may be chosen; an empty one is none.
pub(super) fn chosen_slug(
    tenant: &Tenant,
    text: Option<&str>,
    problems: &mut Vec<Problem>,
) -> Option<String> {
    let text = text.filter(|text| !text.is_empty())?;
    if tenant.instance.settings.organizations.slug_disabled {
        problems.push(Problem::param(
            Code::OrganizationSlugsDisabled,
            "slug",
            "slug cannot be chosen: slugs are disabled for the instance.",
        ));
        return None;
    }
    parse_slug(text).map_err(|problem| problems.push(problem)).ok()
}

/// How many members there may be; 0 is unlimited.
pub(super) fn memberships_limit(limit: i64, problems: &mut Vec<Problem>) -> Option<u32> {
    let name = "max_allowed_memberships";
    if limit < 0 {
        let text = format!("{name} must not be negative.");
        problems.push(Problem::param(Code::FormParamValueInvalid, name, text));
        return None;
    }
    // Clients read it as a signed 32-bit integer.
    let fits = u32::try_from(limit).ok().filter(|limit| i32::try_from(*limit).is_ok());
    if fits.is_none() {
        let text = format!("{name} must not exceed {}.", i32::MAX);
        problems.push(Problem::param(Code::FormParamValueTooLarge, name, text));
    }
    fits
}

/// When the organization was made, by the caller's account.
pub(super) fn created_at(text: &str, now: i64, problems: &mut Vec<Problem>) -> Option<i64> {
    let read = parse_rfc3339(text, "created_at")
        .and_then(|at| not_in_future(at, now, "created_at").map(|()| at));
    read.map_err(|problem| problems.push(problem)).ok()
}

/// There are no role sets so far, so none can be named.
pub(super) fn no_role_set(key: Option<&str>, problems: &mut Vec<Problem>) {
    if let Some(key) = key {
        problems.push(Problem::param(
            Code::FormResourceNotFound,
            "role_set_key",
            format!("role_set_key must name a role set; there is none with key {key}."),
        ));
    }
}
