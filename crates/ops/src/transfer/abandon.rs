//! Remove what an import has left that was cut short.

use rollbook_store::images;
use rollbook_store::transfer::{self, Claim};
use rollbook_wire::Id;

use super::import::{DISCARD, token};
use crate::{Ctx, Error, Result};

/// Removes what there is of an instance that never was whole; false if there is nothing of it.
///
/// An import of it that goes on meanwhile ends as if another had begun.
pub(crate) async fn abandon(ctx: &Ctx, id: &Id) -> Result<bool> {
    let claim = Claim { instance: id.clone(), token: token(ctx) };
    let claim_ = claim.clone();
    let taken = ctx.db.write(move |tx| {
        if !transfer::take_over(tx, &claim_)? {
            return Ok(None);
        }
        Ok::<_, Error>(Some(images::of_instance(tx, &claim_.instance)?))
    });
    let Some(pictures) = taken.await? else { return Ok(false) };
    loop {
        let claim = claim.clone();
        let n = ctx.db.write(move |tx| transfer::discard(tx, &claim, DISCARD)).await?;
        match n {
            Some(0) => break,
            Some(_) => {}
            // What is there now is another's.
            None => return Ok(true),
        }
    }
    crate::images::discard(ctx, pictures).await;
    ctx.db.write(move |tx| transfer::release(tx, &claim)).await?;
    Ok(true)
}
