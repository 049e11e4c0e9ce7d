//! Which picture belongs to whom; the bytes lie in the image store.

use rollbook_wire::Id;

use crate::{Conn, Db, Result, params, statements};

statements! {
    INSERT = "INSERT INTO images (instance_id, image_id, owner_id, format, created_at)
        VALUES ($1, $2, $3, $4, $5)";

    FORMAT_OF = "SELECT format FROM images WHERE image_id = $1 LIMIT 1";

    DELETE_OF_OWNER = "DELETE FROM images WHERE instance_id = $1 AND owner_id = $2
        RETURNING image_id, format";

    OF_OWNER = "SELECT image_id FROM images
        WHERE instance_id = $1 AND image_id = $2 AND owner_id = $3";

    OF_INSTANCE = "SELECT image_id, format FROM images WHERE instance_id = $1";

    /// For `doctor`: pictures of nobody.
    ORPHANED_IMAGES = "SELECT p.image_id FROM images AS p WHERE p.instance_id = $1
        AND NOT EXISTS (SELECT 1 FROM users AS u
            WHERE u.instance_id = p.instance_id AND u.user_id = p.owner_id)
        AND NOT EXISTS (SELECT 1 FROM organizations AS o
            WHERE o.instance_id = p.instance_id AND o.organization_id = p.owner_id) LIMIT $2";
}

/// A picture that a user or an organization has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImage<'a> {
    /// `img_…`
    pub id: &'a Id,
    /// `user_…` or `org_…`
    pub owner_id: &'a Id,
    /// The file's ending, such as `png`.
    pub format: &'a str,
    /// Milliseconds.
    pub created_at: i64,
}

/// Notes that a picture belongs to its owner.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, image: &NewImage<'_>) -> Result<()> {
    tx.execute(
        &INSERT,
        &params![
            instance.as_str(),
            image.id.as_str(),
            image.owner_id.as_str(),
            image.format,
            image.created_at,
        ],
    )?;
    Ok(())
}

/// The format of a picture of any instance, if it exists.
pub async fn format_of(db: &Db, id: &Id) -> Result<Option<String>> {
    let row = db.one(&FORMAT_OF, &params![id.as_str()]).await?;
    row.map(|row| Ok(row.text(0)?.to_owned())).transpose()
}

/// Whether the user has this picture.
pub fn is_of_user(conn: &mut Conn<'_>, instance: &Id, id: &str, user: &Id) -> Result<bool> {
    Ok(conn.query_one(&OF_OWNER, &params![instance.as_str(), id, user.as_str()])?.is_some())
}

/// Forgets the owner's pictures; answers id and format of each.
pub fn delete_of_owner(
    tx: &mut Conn<'_>,
    instance: &Id,
    owner: &Id,
) -> Result<Vec<(String, String)>> {
    let rows = tx.query(&DELETE_OF_OWNER, &params![instance.as_str(), owner.as_str()])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
}

/// Id and format of every picture of an instance.
pub fn of_instance(conn: &mut Conn<'_>, instance: &Id) -> Result<Vec<(String, String)>> {
    let rows = conn.query(&OF_INSTANCE, &params![instance.as_str()])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
}

/// Pictures whose owner does not exist; for `doctor`.
pub fn orphans(conn: &mut Conn<'_>, instance: &Id, limit: i64) -> Result<Vec<String>> {
    let rows = conn.query(&ORPHANED_IMAGES, &params![instance.as_str(), limit])?;
    rows.iter().map(|row| Ok(format!("{}: its owner is missing", row.text(0)?))).collect()
}
