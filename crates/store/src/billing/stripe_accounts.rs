//! Whose Stripe account collects an instance's payments; both secrets sealed.

use rollbook_wire::Id;
use zeroize::Zeroizing;

use crate::{Conn, Error, Result, Vault, params, statements};

statements! {
    PUT_ACCOUNT = "INSERT INTO stripe_accounts (instance_id, api_url, secret_key, webhook_secret,
            created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (instance_id) DO UPDATE SET api_url = excluded.api_url,
            secret_key = excluded.secret_key, webhook_secret = excluded.webhook_secret,
            updated_at = excluded.updated_at";

    ACCOUNT = "SELECT api_url, secret_key, webhook_secret, created_at, updated_at
        FROM stripe_accounts WHERE instance_id = $1";

    LOCK_ACCOUNT = "SELECT api_url, secret_key, webhook_secret, created_at, updated_at
        FROM stripe_accounts WHERE instance_id = $1 {for_update}";

    DELETE_ACCOUNT = "DELETE FROM stripe_accounts WHERE instance_id = $1";
}

/// An account with its secrets opened.
#[derive(Clone)]
pub struct StripeAccount {
    /// Where it is.
    pub api_url: String,
    /// `sk_…` or `rk_…`
    pub secret_key: Zeroizing<String>,
    /// `whsec_…`; without it no event is believed.
    pub webhook_secret: Option<Zeroizing<String>>,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

/// Writes the account anew.
pub fn put(tx: &mut Conn<'_>, vault: &Vault, instance: &Id, account: &StripeAccount) -> Result<()> {
    let seal = |kind, secret: &Zeroizing<String>| {
        vault.seal(&context(instance.as_str(), kind), secret.as_bytes())
    };
    let secret_key = seal("secret_key", &account.secret_key)?;
    let webhook_secret = account.webhook_secret.as_ref();
    let webhook_secret = webhook_secret.map(|secret| seal("webhook_secret", secret)).transpose()?;
    let values = params![
        instance.as_str(),
        account.api_url.as_str(),
        secret_key,
        webhook_secret,
        account.created_at,
        account.updated_at,
    ];
    tx.execute(&PUT_ACCOUNT, &values)?;
    Ok(())
}

/// The account, if one is set up.
pub fn find(conn: &mut Conn<'_>, vault: &Vault, instance: &Id) -> Result<Option<StripeAccount>> {
    let row = conn.query_one(&ACCOUNT, &params![instance.as_str()])?;
    row.map(|row| read(vault, instance, &row)).transpose()
}

/// The same, held against other writers until the transaction ends.
pub fn lock(tx: &mut Conn<'_>, vault: &Vault, instance: &Id) -> Result<Option<StripeAccount>> {
    let row = tx.query_one(&LOCK_ACCOUNT, &params![instance.as_str()])?;
    row.map(|row| read(vault, instance, &row)).transpose()
}

/// Whether one is set up; nothing is opened.
pub fn exists(conn: &mut Conn<'_>, instance: &Id) -> Result<bool> {
    Ok(conn.query_one(&ACCOUNT, &params![instance.as_str()])?.is_some())
}

/// Forgets the account; false if there is none.
pub fn delete(tx: &mut Conn<'_>, instance: &Id) -> Result<bool> {
    Ok(tx.execute(&DELETE_ACCOUNT, &params![instance.as_str()])? == 1)
}

fn read(vault: &Vault, instance: &Id, row: &crate::Row) -> Result<StripeAccount> {
    let open = |kind, sealed: &[u8]| {
        let plain = Zeroizing::new(vault.open(&context(instance.as_str(), kind), sealed)?);
        let text = std::str::from_utf8(&plain);
        let text = text.map_err(|source| Error::internal("read a secret of Stripe", source))?;
        Ok::<_, Error>(Zeroizing::new(text.to_owned()))
    };
    Ok(StripeAccount {
        api_url: row.text(0)?.to_owned(),
        secret_key: open("secret_key", row.bytes(1)?)?,
        webhook_secret: row
            .opt_bytes(2)?
            .map(|sealed| open("webhook_secret", sealed))
            .transpose()?,
        created_at: row.int(3)?,
        updated_at: row.int(4)?,
    })
}

/// Binds a sealed secret to its instance and to what it is for.
pub(crate) fn context(instance: &str, kind: &str) -> Vec<u8> {
    format!("{instance}/stripe/{kind}").into_bytes()
}
