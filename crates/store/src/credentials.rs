//! Secrets of users: digests as they are, seeds and codes sealed.

use rollbook_wire::Id;

use crate::many::Many;
use crate::{Conn, Db, Error, Result, Vault, params, statements};

statements! {
    OF_KIND = "SELECT secret FROM credentials
        WHERE instance_id = $1 AND user_id = $2 AND kind = $3 ORDER BY ordinal";

    DELETE_KIND = "DELETE FROM credentials
        WHERE instance_id = $1 AND user_id = $2 AND kind = $3";

    DELETE_ALL = "DELETE FROM credentials WHERE instance_id = $1 AND user_id = $2";

    ROWS_OF_KIND = "SELECT ordinal, secret FROM credentials
        WHERE instance_id = $1 AND user_id = $2 AND kind = $3 ORDER BY ordinal";

    EXCHANGE_PASSWORD = "UPDATE credentials SET secret = $4
        WHERE instance_id = $1 AND user_id = $2 AND kind = 'password' AND secret = $3";

    DELETE_ONE = "DELETE FROM credentials
        WHERE instance_id = $1 AND user_id = $2 AND kind = $3 AND ordinal = $4 AND secret = $5";

    /// No row is written when the step was used before.
    USE_STEP = "INSERT INTO credentials (instance_id, user_id, kind, ordinal, secret)
        VALUES ($1, $2, 'totp_step', $3, $4) ON CONFLICT DO NOTHING";

    FORGET_STEPS = "DELETE FROM credentials
        WHERE instance_id = $1 AND user_id = $2 AND kind = 'totp_step' AND ordinal < $3";

    INSERT = "INSERT INTO credentials (instance_id, user_id, kind, ordinal, secret)
        VALUES ($1, $2, $3, $4, $5)";
}

/// What a user may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One digest with the name of its hasher.
    Password,
    /// One TOTP seed, sealed.
    Totp,
    /// Any number of digests of backup codes, sealed.
    BackupCode,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Totp => "totp",
            Self::BackupCode => "backup_code",
        }
    }

    const fn is_sealed(self) -> bool {
        match self {
            Self::Password => false,
            Self::Totp | Self::BackupCode => true,
        }
    }
}

/// The user whose secrets these are; a sealed one opens for no other.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// `ins_…`
    pub instance: &'a Id,
    /// `user_…`
    pub user: &'a Id,
}

/// The digest and the name of its hasher, if the user has a password.
pub async fn password(db: &Db, owner: Owner<'_>) -> Result<Option<(String, String)>> {
    let row = db
        .one(
            &OF_KIND,
            &params![owner.instance.as_str(), owner.user.as_str(), Kind::Password.as_str()],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let text = std::str::from_utf8(row.bytes(0)?)
        .map_err(|source| Error::internal("read a password digest", source))?;
    Ok(text.split_once(':').map(|(hasher, digest)| (hasher.to_owned(), digest.to_owned())))
}

/// The form in which a password digest is kept.
pub fn password_secret(hasher: &str, digest: &str) -> Vec<u8> {
    format!("{hasher}:{digest}").into_bytes()
}

/// Puts one password digest in place of another; false if that is not the user's any more.
pub fn exchange_password(
    tx: &mut Conn<'_>,
    owner: Owner<'_>,
    old: &[u8],
    new: &[u8],
) -> Result<bool> {
    let (instance, user) = (owner.instance.as_str(), owner.user.as_str());
    Ok(tx.execute(&EXCHANGE_PASSWORD, &params![instance, user, old, new])? == 1)
}

/// Replaces all the user's secrets of one kind; an empty list removes them.
pub fn replace(
    tx: &mut Conn<'_>,
    vault: &Vault,
    owner: Owner<'_>,
    kind: Kind,
    secrets: &[Vec<u8>],
) -> Result<()> {
    let (instance, user) = (owner.instance.as_str(), owner.user.as_str());
    tx.execute(&DELETE_KIND, &params![instance, user, kind.as_str()])?;
    if kind == Kind::Totp {
        // The steps used were those of the old seed.
        tx.execute(&FORGET_STEPS, &params![instance, user, i64::MAX])?;
    }
    for (ordinal, secret) in (0_i64..).zip(secrets) {
        let stored = stored(vault, owner, kind, secret)?;
        tx.execute(&INSERT, &params![instance, user, kind.as_str(), ordinal, stored])?;
    }
    Ok(())
}

/// A secret on its way into the store, sealed if its kind is.
pub struct NewCredential {
    user: Id,
    kind: Kind,
    ordinal: i64,
    stored: Vec<u8>,
}

impl NewCredential {
    /// The `ordinal`th secret of this kind of a user that has none yet.
    pub fn new(
        vault: &Vault,
        owner: Owner<'_>,
        kind: Kind,
        (ordinal, secret): (i64, &[u8]),
    ) -> Result<Self> {
        Ok(Self {
            user: owner.user.clone(),
            kind,
            ordinal,
            stored: stored(vault, owner, kind, secret)?,
        })
    }
}

const CREDENTIALS: Many<'_> =
    Many { table: "credentials", columns: &["user_id", "kind", "ordinal", "secret"], end: "" };

/// Writes the secrets of new users.
pub fn insert_many(tx: &mut Conn<'_>, instance: &Id, secrets: &[&NewCredential]) -> Result<()> {
    CREDENTIALS.insert(
        tx,
        instance,
        secrets,
        |new, row| {
            let kind = new.kind.as_str();
            row.extend(params![new.user.as_str(), kind, new.ordinal, new.stored.as_slice()]);
        },
        |_, _| Ok(()),
    )
}

/// The form in which a secret is kept.
fn stored(vault: &Vault, owner: Owner<'_>, kind: Kind, secret: &[u8]) -> Result<Vec<u8>> {
    if kind.is_sealed() { vault.seal(&context(owner, kind), secret) } else { Ok(secret.to_vec()) }
}

/// The user's secrets of one kind, opened.
pub fn open(
    conn: &mut Conn<'_>,
    vault: &Vault,
    owner: Owner<'_>,
    kind: Kind,
) -> Result<Vec<Vec<u8>>> {
    let rows = conn
        .query(&OF_KIND, &params![owner.instance.as_str(), owner.user.as_str(), kind.as_str()])?;
    rows.iter()
        .map(|row| {
            let stored = row.bytes(0)?;
            if kind.is_sealed() {
                vault.open(&context(owner, kind), stored)
            } else {
                Ok(stored.to_vec())
            }
        })
        .collect()
}

/// A backup code as it lies in the store: the digest, and the row that holds it.
pub struct BackupCode {
    ordinal: i64,
    sealed: Vec<u8>,
    /// What codes are held against.
    pub digest: Vec<u8>,
}

/// The user's backup codes.
pub fn backup_codes(
    conn: &mut Conn<'_>,
    vault: &Vault,
    owner: Owner<'_>,
) -> Result<Vec<BackupCode>> {
    let kind = Kind::BackupCode;
    let (instance, user) = (owner.instance.as_str(), owner.user.as_str());
    conn.query(&ROWS_OF_KIND, &params![instance, user, kind.as_str()])?
        .iter()
        .map(|row| {
            let sealed = row.bytes(1)?.to_vec();
            let digest = vault.open(&context(owner, kind), &sealed)?;
            Ok(BackupCode { ordinal: row.int(0)?, sealed, digest })
        })
        .collect()
}

/// Deletes a backup code; false if another request was faster.
pub fn consume(tx: &mut Conn<'_>, owner: Owner<'_>, code: &BackupCode) -> Result<bool> {
    let (instance, user) = (owner.instance.as_str(), owner.user.as_str());
    let kind = Kind::BackupCode.as_str();
    let sealed = code.sealed.as_slice();
    Ok(tx.execute(&DELETE_ONE, &params![instance, user, kind, code.ordinal, sealed])? == 1)
}

/// Notes that the code of a TOTP step was used; false if it was before.
///
/// Steps before `oldest` are forgotten: their codes are no longer good.
pub fn use_totp_step(tx: &mut Conn<'_>, owner: Owner<'_>, step: i64, oldest: i64) -> Result<bool> {
    let (instance, user) = (owner.instance.as_str(), owner.user.as_str());
    tx.execute(&FORGET_STEPS, &params![instance, user, oldest])?;
    Ok(tx.execute(&USE_STEP, &params![instance, user, step, &[][..]])? == 1)
}

/// Deletes all secrets of a user.
pub fn delete_all(tx: &mut Conn<'_>, owner: Owner<'_>) -> Result<()> {
    tx.execute(&DELETE_ALL, &params![owner.instance.as_str(), owner.user.as_str()])?;
    Ok(())
}

fn context(owner: Owner<'_>, kind: Kind) -> Vec<u8> {
    place(owner.user.as_str(), kind.as_str())
}

/// Binds a sealed secret to its user and kind, so that a swapped row does not
/// open. Not to the instance: a fork copies rows as they are.
fn place(user: &str, kind: &str) -> Vec<u8> {
    format!("{user}/{kind}").into_bytes()
}

/// What a row of this kind is sealed for; `None` if its secret lies there as it is.
pub(crate) fn context_of(user: &str, kind: &str) -> Option<Vec<u8>> {
    let kinds = [Kind::Password, Kind::Totp, Kind::BackupCode];
    let is_sealed = kinds.iter().any(|one| one.is_sealed() && one.as_str() == kind);
    is_sealed.then(|| place(user, kind))
}
