//! Pictures: show them, and throw away what nobody refers to any more.

use std::fmt::Write as _;

use bytes::Bytes;
use rollbook_domain::Problem;
use rollbook_images::{
    self as pictures, BadTransform, Format, ImageKey, Picture, PoolError, Refused, Transform,
    sanitize,
};
use rollbook_store::{Conn, images};
use rollbook_wire::{Code, Id, Prefix};
use sha2::{Digest, Sha256};

use crate::{Ctx, Error, Result};

/// A picture ready to be sent.
#[derive(Debug, Clone)]
pub struct Served {
    /// The encoded picture.
    pub bytes: Bytes,
    /// Never a type that can hold a script.
    pub content_type: &'static str,
    /// A strong validator, with its quotes.
    pub etag: String,
}

/// An uploaded picture at the size that `query` asks for, if it exists.
pub async fn picture(ctx: &Ctx, id: &Id, query: &[(String, String)]) -> Result<Option<Served>> {
    let transform = transform(query)?;
    let Some((stored, format)) = read(ctx, id).await? else { return Ok(None) };
    if transform.is_identity() {
        return Ok(Some(served(stored, format)));
    }
    let rendered = ctx.image_pool.run(move || pictures::render(&stored, &transform)).await?;
    let (bytes, format) = rendered.map_err(|e| Error::internal("scale a picture", e))?;
    Ok(Some(served(bytes, format)))
}

/// The avatar of a user without a picture; the same arguments give the same bytes.
pub async fn avatar(
    ctx: &Ctx,
    seed: &str,
    initials: &str,
    query: &[(String, String)],
) -> Result<Served> {
    let transform = transform(query)?;
    let (seed, initials) = (seed.to_owned(), initials.to_owned());
    let drawn = ctx.image_pool.run(move || pictures::avatar(&seed, &initials, &transform)).await?;
    let bytes = drawn.map_err(|e| Error::internal("draw an avatar", e))?;
    Ok(served(bytes, Format::Png))
}

fn transform(query: &[(String, String)]) -> Result<Transform> {
    let pairs = query.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    Transform::parse(pairs).map_err(|BadTransform { param }| {
        Error::refused(Problem::param(
            Code::FormParamValueInvalid,
            param,
            format!("{param} must be given once, with a value it can have."),
        ))
    })
}

fn served(bytes: Bytes, format: Format) -> Served {
    let hash = Sha256::digest(&bytes);
    let mut etag = "\"".to_owned();
    for byte in hash.iter().take(16) {
        // Writing to a string cannot fail.
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    Served { bytes, content_type: format.content_type(), etag }
}

async fn read(ctx: &Ctx, id: &Id) -> Result<Option<(Bytes, Format)>> {
    let Some(format) = images::format_of(&ctx.db, id).await? else { return Ok(None) };
    let Some(format) = Format::from_extension(&format) else { return Ok(None) };
    let bytes = ctx
        .images
        .get(&key(id, format)?)
        .await
        .map_err(|source| Error::internal("read a picture", source))?;
    Ok(bytes.map(|bytes| (bytes, format)))
}

fn key(id: &Id, format: Format) -> Result<ImageKey> {
    ImageKey::new(id.as_str(), format).map_err(|source| Error::internal("name a picture", source))
}

/// A picture whose bytes are stored, but which nobody has yet.
#[derive(Debug, Clone)]
pub(crate) struct Uploaded {
    pub(crate) id: Id,
    format: &'static str,
}

impl Uploaded {
    /// Notes whose it is.
    pub(crate) fn insert(
        &self,
        tx: &mut Conn<'_>,
        instance: &Id,
        owner: &Id,
        now: i64,
    ) -> Result<()> {
        let Self { id, format } = self;
        let new = images::NewImage { id, owner_id: owner, format, created_at: now };
        Ok(images::insert(tx, instance, &new)?)
    }
}

/// As [`discard`] takes it.
impl From<Uploaded> for (String, String) {
    fn from(uploaded: Uploaded) -> Self {
        (uploaded.id.to_string(), uploaded.format.to_owned())
    }
}

/// Decodes a picture, encodes it anew and stores its bytes.
pub(crate) async fn upload(ctx: &Ctx, bytes: Bytes) -> Result<Uploaded> {
    let picture = ctx.upload_pool.run(move || sanitize(&bytes)).await?.map_err(refusal)?;
    let id = ctx.entropy.id(Prefix::Image, ctx.clock.now());
    let Picture { bytes, format, .. } = picture;
    // The bytes first: a row never names a picture that is not there yet.
    ctx.images.put(&key(&id, format)?, bytes).await.map_err(|source| {
        tracing::error!(error = &source as &dyn std::error::Error, "failed to store a picture");
        Error::Unavailable("pictures cannot be stored at the moment".to_owned())
    })?;
    Ok(Uploaded { id, format: format.extension() })
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

/// Deletes the bytes of pictures that no instance refers to any more.
///
/// A failure leaves bytes behind that nothing leads to, so it is only logged.
pub(crate) async fn discard(ctx: &Ctx, pictures: Vec<(String, String)>) {
    for (id, format) in pictures {
        if let Err(error) = discard_one(ctx, &id, &format).await {
            tracing::warn!(%error, "failed to delete a picture that nothing leads to");
        }
    }
}

async fn discard_one(ctx: &Ctx, id: &str, format: &str) -> Result<()> {
    let (Ok(id), Some(format)) = (id.parse::<Id>(), Format::from_extension(format)) else {
        return Ok(());
    };
    // A fork of the instance may still refer to it.
    if images::format_of(&ctx.db, &id).await?.is_some() {
        return Ok(());
    }
    ctx.images
        .delete(&key(&id, format)?)
        .await
        .map_err(|source| Error::internal("delete a picture", source))
}
