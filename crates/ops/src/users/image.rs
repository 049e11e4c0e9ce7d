//! Give a user a picture, or take it away.

use bytes::Bytes;
use rollbook_domain::Problem;
use rollbook_images::{Picture, PoolError, Refused, sanitize};
use rollbook_store::images;
use rollbook_store::users::StoredUser;
use rollbook_wire::{Code, Id, Prefix};

use super::get;
use super::write::{Outcome, change};
use crate::images::{discard, key};
use crate::{Ctx, Error, Result, Tenant};

/// Replaces the user's picture with what is in `upload`, decoded and encoded anew.
pub async fn set_profile_image(
    ctx: &Ctx,
    tenant: &Tenant,
    id: &Id,
    upload: Bytes,
) -> Result<StoredUser> {
    get(ctx, tenant, id).await?;
    let picture = ctx.upload_pool.run(move || sanitize(&upload)).await?.map_err(refusal)?;
    let image = ctx.entropy.id(Prefix::Image, ctx.clock.now());
    let Picture { bytes, format, .. } = picture;
    // The bytes first: a row never names a picture that is not there yet.
    ctx.images.put(&key(&image, format)?, bytes).await.map_err(|source| {
        tracing::error!(error = &source as &dyn std::error::Error, "failed to store a picture");
        Error::Unavailable("pictures cannot be stored at the moment".to_owned())
    })?;
    let done = replace(ctx, tenant, id, Some((image.clone(), format.extension()))).await;
    if done.is_err() {
        discard(ctx, vec![(image.to_string(), format.extension().to_owned())]).await;
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
    image: Option<(Id, &'static str)>,
) -> Result<StoredUser> {
    let (instance, clock) = (tenant.instance.id.clone(), ctx.clock.clone());
    let (gone, old) = tokio::sync::watch::channel(Vec::new());
    let stored = change(ctx, tenant, id, move |tx, user| {
        let pictures = images::delete_of_user(tx, &instance, &user.id)?;
        let had = user.image_id.take().is_some() || !pictures.is_empty();
        if let Some((image, format)) = &image {
            let new =
                images::NewImage { id: image, user_id: &user.id, format, created_at: clock.now() };
            images::insert(tx, &instance, &new)?;
            user.image_id = Some(image.clone());
        }
        gone.send_replace(pictures);
        Ok(if had || image.is_some() { Outcome::Changed } else { Outcome::Unchanged })
    })
    .await?;
    let pictures = old.borrow().clone();
    discard(ctx, pictures).await;
    Ok(stored)
}

fn refusal(refused: Refused) -> Error {
    let (code, text) = match refused {
        Refused::TooLarge => (Code::ImageTooLarge, "The picture has more than 10 MB."),
        Refused::UnsupportedType => {
            (Code::RequestBodyInvalid, "The picture is not a JPEG, PNG, GIF or WebP.")
        }
        Refused::Undecodable => (Code::RequestBodyInvalid, "The picture cannot be decoded."),
        Refused::TooManyPixels => (Code::RequestBodyInvalid, "The picture has too many pixels."),
    };
    Error::refused(Problem::param(code, "file", text))
}

impl From<PoolError> for Error {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Busy => Self::Busy { retry_after_s: 2 },
            PoolError::Panicked => Self::internal("work on a picture", error),
        }
    }
}
