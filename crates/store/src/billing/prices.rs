//! Prices of plans; a price never changes but in whether it is its plan's own.

use rollbook_domain::billing::Price;
use rollbook_wire::Id;

use super::{read, read_all, write};
use crate::{Conn, Result, params, statements};

statements! {
    INSERT_PRICE = "INSERT INTO prices (instance_id, price_id, plan_id, is_default, amount, record,
            created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";

    PRICE_BY_ID = "SELECT record FROM prices WHERE instance_id = $1 AND price_id = $2";

    SAVE_PRICE = "UPDATE prices SET is_default = $3, record = $4
        WHERE instance_id = $1 AND price_id = $2";

    DEFAULT_PRICE = "SELECT record FROM prices
        WHERE instance_id = $1 AND plan_id = $2 AND is_default = 1";

    DEFAULT_PRICES = "SELECT record FROM prices WHERE instance_id = $1 AND is_default = 1";

    PAGE_OF_PRICES = "SELECT record FROM prices WHERE instance_id = $1
        ORDER BY amount, created_at DESC, price_id LIMIT $2 OFFSET $3";

    COUNT_PRICES = "SELECT COUNT(*) FROM prices WHERE instance_id = $1";

    PAGE_OF_PLAN = "SELECT record FROM prices WHERE instance_id = $1 AND plan_id = $4
        ORDER BY amount, created_at DESC, price_id LIMIT $2 OFFSET $3";

    COUNT_OF_PLAN = "SELECT COUNT(*) FROM prices WHERE instance_id = $1 AND plan_id = $2";

    DELETE_OF_PLAN = "DELETE FROM prices WHERE instance_id = $1 AND plan_id = $2";
}

/// Writes a new price.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, price: &Price) -> Result<()> {
    let record = write(price)?;
    let values = params![
        instance.as_str(),
        price.id.as_str(),
        price.plan_id.as_str(),
        price.is_default,
        price.amount.or(price.annual_monthly_amount).unwrap_or(0),
        record,
        price.created_at,
    ];
    tx.execute(&INSERT_PRICE, &values)?;
    Ok(())
}

/// The price with this id.
pub fn by_id(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<Price>> {
    let row = conn.query_one(&PRICE_BY_ID, &params![instance.as_str(), id.as_str()])?;
    row.map(|row| read(&row, 0)).transpose()
}

/// Writes whether a price is its plan's own.
pub fn save(tx: &mut Conn<'_>, instance: &Id, price: &Price) -> Result<()> {
    let record = write(price)?;
    let values = params![instance.as_str(), price.id.as_str(), price.is_default, record];
    tx.execute(&SAVE_PRICE, &values)?;
    Ok(())
}

/// A plan's own price.
pub fn default_of(conn: &mut Conn<'_>, instance: &Id, plan: &Id) -> Result<Option<Price>> {
    let row = conn.query_one(&DEFAULT_PRICE, &params![instance.as_str(), plan.as_str()])?;
    row.map(|row| read(&row, 0)).transpose()
}

/// The own price of every plan.
pub fn defaults(conn: &mut Conn<'_>, instance: &Id) -> Result<Vec<Price>> {
    read_all(&conn.query(&DEFAULT_PRICES, &params![instance.as_str()])?)
}

/// A page of the prices of an instance or of one plan, cheapest and then newest first, and how
/// many there are.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    plan: Option<&Id>,
    limit: i64,
    offset: i64,
) -> Result<(Vec<Price>, i64)> {
    let instance = instance.as_str();
    let (rows, count) = match plan {
        None => (
            conn.query(&PAGE_OF_PRICES, &params![instance, limit, offset])?,
            conn.query_one(&COUNT_PRICES, &params![instance])?,
        ),
        Some(plan) => (
            conn.query(&PAGE_OF_PLAN, &params![instance, limit, offset, plan.as_str()])?,
            conn.query_one(&COUNT_OF_PLAN, &params![instance, plan.as_str()])?,
        ),
    };
    Ok((read_all(&rows)?, count.map_or(Ok(0), |row| row.int(0))?))
}

/// Deletes the prices of a plan.
pub fn delete_of_plan(tx: &mut Conn<'_>, instance: &Id, plan: &Id) -> Result<()> {
    tx.execute(&DELETE_OF_PLAN, &params![instance.as_str(), plan.as_str()])?;
    Ok(())
}
