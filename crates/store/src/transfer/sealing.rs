//! Secrets of a row: opened on the way out, sealed on the way in.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::line::{Cell, Line};
use super::tables::Kind;
use crate::{Error, Result, Vault};

/// What a secret of this instance's row is sealed for; `None` if it is not sealed.
pub(super) type Context = fn(&str, &Line) -> Option<Vec<u8>>;

/// Opens the secrets of a row.
pub(super) fn open(vault: &Vault, instance: &str, line: &mut Line) -> Result<()> {
    exchange(instance, line, |context, sealed| vault.open(context, sealed))
}

/// Seals the secrets of a row with this store's key.
pub(super) fn seal(vault: &Vault, instance: &str, line: &mut Line) -> Result<()> {
    exchange(instance, line, |context, plain| vault.seal(context, plain))
}

fn exchange(
    instance: &str,
    line: &mut Line,
    turned: impl Fn(&[u8], &[u8]) -> Result<Vec<u8>>,
) -> Result<()> {
    for (place, (_, kind)) in line.table.columns.iter().enumerate() {
        let (context, member) = match kind {
            Kind::Sealed(context) => (context(instance, line), None),
            Kind::SealedMember(member, context) => (context(instance, line), Some(*member)),
            Kind::Text | Kind::Int | Kind::Json | Kind::Bytes => continue,
        };
        let (Some(context), Some(Some(cell))) = (context, line.cells.get_mut(place)) else {
            continue;
        };
        match (cell, member) {
            (Cell::Bytes(bytes), None) => *bytes = Zeroizing::new(turned(&context, bytes)?),
            (Cell::Json(json), Some(member)) => {
                *json = with_member(json, member, |bytes| turned(&context, bytes))?;
            }
            (_, _) => {}
        }
    }
    Ok(())
}

/// The JSON with a member of base64 exchanged.
fn with_member(
    json: &RawValue,
    member: &str,
    turned: impl Fn(&[u8]) -> Result<Vec<u8>>,
) -> Result<Box<RawValue>> {
    let damaged = || Error::Corrupt(Arc::new(NoSecret));
    let mut members: Map<String, Value> =
        serde_json::from_str(json.get()).map_err(|_| damaged())?;
    let Some(Value::String(text)) = members.get_mut(member) else { return Err(damaged()) };
    let bytes = STANDARD.decode(&*text).map(Zeroizing::new).map_err(|_| damaged())?;
    *text = STANDARD.encode(Zeroizing::new(turned(&bytes)?));
    serde_json::value::to_raw_value(&members)
        .map_err(|source| Error::internal("write a record", source))
}

#[derive(Debug, thiserror::Error)]
#[error("a record lacks its secret")]
struct NoSecret;
