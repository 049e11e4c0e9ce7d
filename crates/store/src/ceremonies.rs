//! Ceremonies of passkeys that a browser has yet to answer, each once and in time.

use rollbook_wire::Id;

use crate::{Conn, Result, params, statements};

statements! {
    INSERT = "INSERT INTO ceremonies (instance_id, ceremony_id, user_id, kind, state, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6)";

    TAKE = "DELETE FROM ceremonies WHERE instance_id = $1 AND ceremony_id = $2 AND kind = $3
        RETURNING user_id, state, expires_at";

    DELETE_OF_USER = "DELETE FROM ceremonies WHERE instance_id = $1 AND user_id = $2";

    DELETE_EXPIRED = "DELETE FROM ceremonies WHERE instance_id = $1 AND expires_at <= $2";
}

/// What a browser is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CeremonyKind {
    /// A new passkey.
    Registration,
    /// A proof by one that there is.
    Authentication,
}

impl CeremonyKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Authentication => "authentication",
        }
    }
}

/// A ceremony that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceremony {
    /// Its id.
    pub id: Id,
    /// Who may answer; anyone if none.
    pub user_id: Option<Id>,
    /// What is asked for.
    pub kind: CeremonyKind,
    /// What the answer is held against.
    pub state: String,
    /// Milliseconds; from then on no answer counts.
    pub expires_at: i64,
}

/// Writes a new ceremony, and forgets those of the instance that ran out by `now`.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, ceremony: &Ceremony, now: i64) -> Result<()> {
    tx.execute(&DELETE_EXPIRED, &params![instance.as_str(), now])?;
    tx.execute(
        &INSERT,
        &params![
            instance.as_str(),
            ceremony.id.as_str(),
            ceremony.user_id.as_ref().map_or("", Id::as_str),
            ceremony.kind.as_str(),
            &ceremony.state,
            ceremony.expires_at,
        ],
    )?;
    Ok(())
}

/// Takes the ceremony away and answers it, if it is of this kind: it is used up.
pub fn take(
    tx: &mut Conn<'_>,
    instance: &Id,
    kind: CeremonyKind,
    id: &Id,
) -> Result<Option<Ceremony>> {
    let row = tx.query_one(&TAKE, &params![instance.as_str(), id.as_str(), kind.as_str()])?;
    let Some(row) = row else { return Ok(None) };
    // The empty text is no id.
    let user_id = row.text(0)?.parse().ok();
    let (state, expires_at) = (row.text(1)?.to_owned(), row.int(2)?);
    Ok(Some(Ceremony { id: id.clone(), user_id, kind, state, expires_at }))
}

/// Forgets all ceremonies of a user.
pub fn delete_of_user(tx: &mut Conn<'_>, instance: &Id, user: &Id) -> Result<()> {
    tx.execute(&DELETE_OF_USER, &params![instance.as_str(), user.as_str()])?;
    Ok(())
}
