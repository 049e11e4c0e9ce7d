//! Billing: records as JSON, with the columns that lists and the clock ask for.

pub mod credits;
pub mod features;
pub(crate) mod orphans;
pub mod payment_attempts;
pub mod payment_jobs;
pub mod plans;
pub mod prices;
pub mod statements;
pub mod stripe_accounts;
pub mod stripe_customers;
pub mod stripe_events;
pub mod subscription_items;

use serde::Serialize;
use serde::de::DeserializeOwned;

use rollbook_wire::Id;

use crate::{Conn, Error, Result, Row};

/// The record in a column.
fn read<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T> {
    serde_json::from_str(row.text(column)?)
        .map_err(|source| Error::internal("read a record of billing", source))
}

fn read_all<T: DeserializeOwned>(rows: &[Row]) -> Result<Vec<T>> {
    rows.iter().map(|row| read(row, 0)).collect()
}

fn write<T: Serialize>(record: &T) -> Result<String> {
    serde_json::to_string(record)
        .map_err(|source| Error::internal("write a record of billing", source))
}

/// Deletes everything that belongs to a payer.
pub fn delete_of_owner(tx: &mut Conn<'_>, instance: &Id, owner: &Id) -> Result<()> {
    subscription_items::delete_of_owner(tx, instance, owner)?;
    payment_attempts::delete_of_owner(tx, instance, owner)?;
    payment_jobs::delete_of_owner(tx, instance, owner)?;
    stripe_customers::delete_of_owner(tx, instance, owner)?;
    statements::delete_of_owner(tx, instance, owner)?;
    credits::delete_of_owner(tx, instance, owner)
}
