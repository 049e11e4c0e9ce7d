//! Give a user a picture, or take it away.

use bytes::Bytes;
use rollbook_store::images;
use rollbook_store::users::StoredUser;
use rollbook_wire::Id;

use super::get;
use super::write::{Outcome, change};
use crate::images::{Uploaded, discard};
use crate::{Ctx, Result, Tenant};

/// Replaces the user's picture with what is in `upload`, decoded and encoded anew.
pub async fn set_profile_image(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    upload: Bytes,
) -> Result<StoredUser> {
    get(ctx, tenant, id).await?;
    let image = crate::images::upload(ctx, upload).await?;
    let done = replace(ctx, tenant, id, Some(image.clone())).await;
    if done.is_err() {
        discard(ctx, vec![image.into()]).await;
    }
    done
}

/// Brings the default avatar back; a user without a picture stays as it is.
pub async fn delete_profile_image(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<StoredUser> {
    replace(ctx, tenant, id, None).await
}

async fn replace(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    image: Option<Uploaded>,
) -> Result<StoredUser> {
    let (instance, clock) = (tenant.instance.id.clone(), ctx.clock.clone());
    let (gone, old) = tokio::sync::watch::channel(Vec::new());
    let stored = change(ctx, tenant, id, move |tx, user| {
        let pictures = images::delete_of_owner(tx, &instance, &user.id)?;
        let had = user.image_id.take().is_some() || !pictures.is_empty();
        if let Some(image) = &image {
            image.insert(tx, &instance, &user.id, clock.now())?;
            user.image_id = Some(image.id.clone());
        }
        gone.send_replace(pictures);
        Ok(if had || image.is_some() { Outcome::Changed } else { Outcome::Unchanged })
    })
    .await?;
    let pictures = old.borrow().clone();
    discard(ctx, pictures).await;
    Ok(stored)
}
