//! Give an organization a logo, or take it away.

use bytes::Bytes;
use rollbook_store::images;
use rollbook_wire::Id;

use super::body::{Found, Include, get};
use super::write::change;
use crate::images::{Uploaded, discard, upload};
use crate::{Ctx, Result, Tenant};

/// Replaces the logo with what is in `upload`, decoded and encoded anew.
pub async fn set_logo(ctx: &Ctx, tenant: &Tenant, id: &Id, bytes: Bytes) -> Result<Found> {
    get(ctx, tenant, id, Include::default()).await?;
    let image = upload(ctx, bytes).await?;
    let done = replace(ctx, tenant, id, Some(image.clone())).await;
    if done.is_err() {
        discard(ctx, vec![image.into()]).await;
    }
    done
}

/// Brings the generated logo back; an organization without one stays as it is.
pub async fn delete_logo(ctx: &Ctx, tenant: &Tenant, id: &Id) -> Result<Found> {
    replace(ctx, tenant, id, None).await
}

async fn replace(ctx: &Ctx, tenant: &Tenant, id: &Id, image: Option<Uploaded>) -> Result<Found> {
    let (instance, clock) = (tenant.instance.id.clone(), ctx.clock.clone());
    let (gone, old) = tokio::sync::watch::channel(Vec::new());
    let found = change(ctx, tenant, id, move |tx, organization| {
        let pictures = images::delete_of_owner(tx, &instance, &organization.id)?;
        if let Some(image) = &image {
            image.insert(tx, &instance, &organization.id, clock.now())?;
        }
        organization.image_id = image.as_ref().map(|image| image.id.clone());
        gone.send_replace(pictures);
        Ok(())
    })
    .await?;
    let pictures = old.borrow().clone();
    discard(ctx, pictures).await;
    Ok(found)
}
