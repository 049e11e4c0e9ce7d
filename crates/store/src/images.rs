//! Which picture belongs to whom; the bytes lie in the image store.

use rollbook_wire::Id;

use crate::{Conn, Db, Result, params, statements};

statements! {
    INSERT = "INSERT INTO images (instance_id, image_id, user_id, format, created_at)
        VALUES ($1, $2, $3, $4, $5)";

    FORMAT_OF = "SELECT format FROM images WHERE image_id = $1 LIMIT 1";

    DELETE_OF_USER = "DELETE FROM images WHERE instance_id = $1 AND user_id = $2
        RETURNING image_id, format";

    OF_USER = "SELECT image_id FROM images
        WHERE instance_id = $1 AND image_id = $2 AND user_id = $3";

    OF_INSTANCE = "SELECT image_id, format FROM images WHERE instance_id = $1";
}

/// A picture that a user has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImage<'a> {
    /// `img_…`
    pub id: &'a Id,
    /// `user_…`
    pub user_id: &'a Id,
    /// The file's ending, such as `png`.
    pub format: &'a str,
    /// Milliseconds.
    pub created_at: i64,
}

/// Notes that a picture belongs to a user.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, image: &NewImage<'_>) -> Result<()> {
    tx.execute(
        &INSERT,
        &params![
            instance.as_str(),
            image.id.as_str(),
            image.user_id.as_str(),
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
    Ok(conn.query_one(&OF_USER, &params![instance.as_str(), id, user.as_str()])?.is_some())
}

/// Forgets the user's pictures; answers id and format of each.
pub fn delete_of_user(
    tx: &mut Conn<'_>,
    instance: &Id,
    user: &Id,
) -> Result<Vec<(String, String)>> {
    let rows = tx.query(&DELETE_OF_USER, &params![instance.as_str(), user.as_str()])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
}

/// Id and format of every picture of an instance.
pub fn of_instance(conn: &mut Conn<'_>, instance: &Id) -> Result<Vec<(String, String)>> {
    let rows = conn.query(&OF_INSTANCE, &params![instance.as_str()])?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
}
