//! Features of plans, written by an operator.

use rollbook_domain::billing::{Feature, parse_slug};
use rollbook_store::billing::{features as store, plans};
use rollbook_wire::billing as wire;
use rollbook_wire::{Id, Patch, Prefix};

use super::plans::MAX_DESCRIPTION;
use super::taken;
use crate::users::Request;
use crate::{Ctx, Error, Result, instances};

/// What an operator says of a feature.
#[derive(Debug, Clone, Default)]
pub struct FeatureParams {
    /// For people.
    pub name: Option<String>,
    /// For programs; of a new feature only.
    pub slug: Option<String>,
    /// For people.
    pub description: Patch<String>,
    /// A picture.
    pub avatar_url: Patch<String>,
}

/// Creates a feature.
pub async fn create_feature(
    ctx: &Ctx,
    instance: &Id,
    request: Request<FeatureParams>,
) -> Result<wire::Feature> {
    instances::get(ctx, instance)?;
    let Request { params, mut problems } = request;
    let now = ctx.clock.now();
    let slug = parse_slug(params.slug.as_deref().unwrap_or_default(), "slug");
    let mut feature = Feature {
        id: ctx.entropy.id(Prefix::Feature, now),
        name: String::new(),
        slug: slug.unwrap_or_else(|problem| {
            problems.push(problem);
            String::new()
        }),
        description: None,
        avatar_url: None,
        created_at: now,
    };
    apply(
        &mut feature,
        FeatureParams { name: Some(params.name.unwrap_or_default()), ..params },
        &mut problems,
    );
    if !problems.is_empty() {
        return Err(Error::Refused(problems));
    }
    let instance = instance.clone();
    ctx.db
        .write(move |tx| {
            crate::users::hold(tx, &instance)?;
            if !store::insert(tx, &instance, &feature)? {
                return Err(Error::refused(taken(&feature.slug)));
            }
            Ok(feature.render(false))
        })
        .await
}

/// Changes a feature but for its slug.
pub async fn update_feature(
    ctx: &Ctx,
    instance: &Id,
    id: &Id,
    request: Request<FeatureParams>,
) -> Result<wire::Feature> {
    instances::get(ctx, instance)?;
    let (instance, id) = (instance.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            crate::users::hold(tx, &instance)?;
            let mut feature = store::lock(tx, &instance, &id)?.ok_or_else(|| not_found(&id))?;
            let mut problems = request.problems.clone();
            apply(&mut feature, request.params.clone(), &mut problems);
            if !problems.is_empty() {
                return Err(Error::Refused(problems));
            }
            store::save(tx, &instance, &feature)?;
            Ok(feature.render(false))
        })
        .await
}

/// Deletes a feature; plans no longer come with it.
pub async fn delete_feature(ctx: &Ctx, instance: &Id, id: &Id) -> Result<()> {
    instances::get(ctx, instance)?;
    let (instance, id) = (instance.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            crate::users::hold(tx, &instance)?;
            if !store::delete(tx, &instance, &id)? {
                return Err(not_found(&id));
            }
            for plan in plans::all(tx, &instance)? {
                if !plan.feature_ids.contains(&id) {
                    continue;
                }
                let Some(mut plan) = plans::lock(tx, &instance, &plan.id)? else { continue };
                plan.feature_ids.retain(|other| *other != id);
                plans::save(tx, &instance, &plan)?;
            }
            Ok(())
        })
        .await
}

/// Every feature of an instance, by slug.
pub async fn list_features(ctx: &Ctx, instance: &Id) -> Result<Vec<wire::Feature>> {
    instances::get(ctx, instance)?;
    let instance = instance.clone();
    let all = ctx.db.read(move |conn| Ok::<_, Error>(store::all(conn, &instance)?)).await?;
    Ok(all.iter().map(|feature| feature.render(false)).collect())
}

fn apply(
    feature: &mut Feature,
    params: FeatureParams,
    problems: &mut Vec<rollbook_domain::Problem>,
) {
    super::plans::set_name(&mut feature.name, params.name, problems);
    super::plans::set_words(
        &mut feature.description,
        params.description,
        ("description", MAX_DESCRIPTION),
        problems,
    );
    super::plans::set_words(
        &mut feature.avatar_url,
        params.avatar_url,
        ("avatar_url", MAX_DESCRIPTION),
        problems,
    );
}

fn not_found(id: &Id) -> Error {
    Error::not_found("feature", id.as_str())
}
