//! Keys that sign tokens; the private halves sealed.

use rollbook_wire::Id;

use crate::{Conn, Error, Result, Vault, instances, params, statements};

statements! {
    OF_INSTANCE = "SELECT key_id, public, private, created_at, retired_at FROM signing_keys
        WHERE instance_id = $1 ORDER BY key_id";

    ANY = "SELECT 1 FROM signing_keys WHERE instance_id = $1 AND retired_at IS NULL LIMIT 1";

    INSERT = "INSERT INTO signing_keys (instance_id, key_id, public, private, created_at)
        VALUES ($1, $2, $3, $4, $5)";

    RETIRE = "UPDATE signing_keys SET retired_at = $3
        WHERE instance_id = $1 AND key_id = $2 AND retired_at IS NULL";
}

/// A signing key as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// `sgk_…`, the `kid` of tokens.
    pub id: Id,
    /// JSON of the public half.
    pub public: String,
    /// PKCS#8, sealed.
    pub private: Vec<u8>,
    /// Milliseconds.
    pub created_at: i64,
    /// Milliseconds; from then on it neither signs nor verifies.
    pub retired_at: Option<i64>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A new key whose private half is sealed for its id alone.
    pub fn seal(
        vault: &Vault,
        id: Id,
        public: String,
        private: &[u8],
        created_at: i64,
    ) -> Result<Self> {
        let private = vault.seal(&context(id.as_str()), private)?;
        Ok(Self { id, public, private, created_at, retired_at: None })
    }

    /// The private half, opened.
    pub fn open(&self, vault: &Vault) -> Result<Vec<u8>> {
        vault.open(&context(self.id.as_str()), &self.private)
    }
}

/// Binds a sealed key to its id. Not to the instance: a fork copies rows as they are.
pub(crate) fn context(id: &str) -> Vec<u8> {
    format!("{id}/signing_key").into_bytes()
}

/// All keys of an instance, retired ones too, oldest first.
pub fn of_instance(conn: &mut Conn<'_>, instance: &Id) -> Result<Vec<SigningKey>> {
    let rows = conn.query(&OF_INSTANCE, &params![instance.as_str()])?;
    let mut keys = rows
        .iter()
        .map(|row| {
            let id = row.text(0)?.parse();
            Ok(SigningKey {
                id: id.map_err(|source| Error::internal("read an id", source))?,
                public: row.text(1)?.to_owned(),
                private: row.bytes(2)?.to_vec(),
                created_at: row.int(3)?,
                retired_at: row.opt_int(4)?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    keys.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(keys)
}

/// Whether the instance has a key in force.
pub fn any(conn: &mut Conn<'_>, instance: &Id) -> Result<bool> {
    Ok(conn.query_one(&ANY, &params![instance.as_str()])?.is_some())
}

/// Writes a new key.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, key: &SigningKey) -> Result<()> {
    instances::bump_catalog(tx)?;
    tx.execute(
        &INSERT,
        &params![instance.as_str(), key.id.as_str(), &key.public, &key.private, key.created_at,],
    )?;
    Ok(())
}

/// Retires a key; false if it is unknown or retired already.
pub fn retire(tx: &mut Conn<'_>, instance: &Id, key: &Id, now: i64) -> Result<bool> {
    instances::bump_catalog(tx)?;
    Ok(tx.execute(&RETIRE, &params![instance.as_str(), key.as_str(), now])? == 1)
}
