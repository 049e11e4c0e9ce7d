//! What payers are called at Stripe.

use rollbook_wire::Id;

use crate::{Conn, Error, Result, params, statements};

statements! {
    /// No row is written when either has a counterpart already.
    INSERT_CUSTOMER = "INSERT INTO stripe_customers (instance_id, owner_id, customer_id, created_at)
        VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";

    CUSTOMER_OF_OWNER = "SELECT customer_id FROM stripe_customers
        WHERE instance_id = $1 AND owner_id = $2";

    OWNER_OF_CUSTOMER = "SELECT owner_id FROM stripe_customers
        WHERE instance_id = $1 AND customer_id = $2";

    DELETE_CUSTOMER_OF_OWNER = "DELETE FROM stripe_customers
        WHERE instance_id = $1 AND owner_id = $2";

    DELETE_CUSTOMER = "DELETE FROM stripe_customers WHERE instance_id = $1 AND customer_id = $2";
}

/// Notes what a payer is called; false if the payer has a name there, or the name a payer.
pub fn insert(
    tx: &mut Conn<'_>,
    instance: &Id,
    owner: &Id,
    customer: &str,
    now: i64,
) -> Result<bool> {
    let values = params![instance.as_str(), owner.as_str(), customer, now];
    Ok(tx.execute(&INSERT_CUSTOMER, &values)? == 1)
}

/// `cus_…` of a payer.
pub fn of_owner(conn: &mut Conn<'_>, instance: &Id, owner: &Id) -> Result<Option<String>> {
    let row = conn.query_one(&CUSTOMER_OF_OWNER, &params![instance.as_str(), owner.as_str()])?;
    row.map(|row| row.text(0).map(ToOwned::to_owned)).transpose()
}

/// The payer who is called so.
pub fn owner(conn: &mut Conn<'_>, instance: &Id, customer: &str) -> Result<Option<Id>> {
    let row = conn.query_one(&OWNER_OF_CUSTOMER, &params![instance.as_str(), customer])?;
    let parse = |text: &str| text.parse().map_err(|source| Error::internal("read an id", source));
    row.map(|row| row.text(0).and_then(parse)).transpose()
}

/// Forgets what a payer is called.
pub fn delete_of_owner(tx: &mut Conn<'_>, instance: &Id, owner: &Id) -> Result<()> {
    tx.execute(&DELETE_CUSTOMER_OF_OWNER, &params![instance.as_str(), owner.as_str()])?;
    Ok(())
}

/// Forgets who is called so.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, customer: &str) -> Result<()> {
    tx.execute(&DELETE_CUSTOMER, &params![instance.as_str(), customer])?;
    Ok(())
}
