//! Features of plans.

use rollbook_domain::billing::Feature;
use rollbook_wire::Id;

use super::{read, read_all, write};
use crate::{Conn, Result, params, statements};

statements! {
    /// No row is written when the slug is taken.
    INSERT_FEATURE = "INSERT INTO features (instance_id, feature_id, slug, record)
        VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

    FEATURE_BY_ID = "SELECT record FROM features WHERE instance_id = $1 AND feature_id = $2
        {for_update}";

    SAVE_FEATURE = "UPDATE features SET record = $3 WHERE instance_id = $1 AND feature_id = $2";

    DELETE_FEATURE = "DELETE FROM features WHERE instance_id = $1 AND feature_id = $2";

    ALL_FEATURES = "SELECT record FROM features WHERE instance_id = $1 ORDER BY slug";
}

/// Writes a new feature; false if its slug is taken.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, feature: &Feature) -> Result<bool> {
    let record = write(feature)?;
    let values = params![instance.as_str(), feature.id.as_str(), &feature.slug, record];
    Ok(tx.execute(&INSERT_FEATURE, &values)? == 1)
}

/// The feature with this id, held until the transaction ends.
pub fn lock(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<Feature>> {
    let row = tx.query_one(&FEATURE_BY_ID, &params![instance.as_str(), id.as_str()])?;
    row.map(|row| read(&row, 0)).transpose()
}

/// Writes a changed feature; the slug never changes.
pub fn save(tx: &mut Conn<'_>, instance: &Id, feature: &Feature) -> Result<()> {
    let record = write(feature)?;
    tx.execute(&SAVE_FEATURE, &params![instance.as_str(), feature.id.as_str(), record])?;
    Ok(())
}

/// Deletes a feature; false if there is none.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<bool> {
    Ok(tx.execute(&DELETE_FEATURE, &params![instance.as_str(), id.as_str()])? == 1)
}

/// Every feature of an instance, by slug.
pub fn all(conn: &mut Conn<'_>, instance: &Id) -> Result<Vec<Feature>> {
    read_all(&conn.query(&ALL_FEATURES, &params![instance.as_str()])?)
}
