//! Plans.

use rollbook_domain::billing::{PayerType, Plan};
use rollbook_wire::Id;

use super::{read, read_all, write};
use crate::{Conn, Result, params, statements};

statements! {
    /// No row is written when the slug is taken, or another plan is the default one.
    INSERT_PLAN = "INSERT INTO plans (instance_id, plan_id, slug, payer_type, is_default, record,
            created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";

    PLAN_BY_ID = "SELECT record FROM plans WHERE instance_id = $1 AND plan_id = $2";

    LOCK_PLAN = "SELECT record FROM plans WHERE instance_id = $1 AND plan_id = $2 {for_update}";

    SAVE_PLAN = "UPDATE plans SET is_default = $3, record = $4
        WHERE instance_id = $1 AND plan_id = $2";

    DELETE_PLAN = "DELETE FROM plans WHERE instance_id = $1 AND plan_id = $2";

    ALL_PLANS = "SELECT record FROM plans WHERE instance_id = $1
        ORDER BY created_at DESC, plan_id DESC";
}

/// Writes a new plan; false if its slug is taken, or the place of the default plan.
pub fn insert(tx: &mut Conn<'_>, instance: &Id, plan: &Plan) -> Result<bool> {
    let record = write(plan)?;
    let values = params![
        instance.as_str(),
        plan.id.as_str(),
        &plan.slug,
        plan.payer_type.as_str(),
        plan.is_default,
        record,
        plan.created_at,
    ];
    Ok(tx.execute(&INSERT_PLAN, &values)? == 1)
}

/// The plan with this id.
pub fn by_id(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<Plan>> {
    let row = conn.query_one(&PLAN_BY_ID, &params![instance.as_str(), id.as_str()])?;
    row.map(|row| read(&row, 0)).transpose()
}

/// The plan with this id, held until the transaction ends.
pub fn lock(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<Plan>> {
    let row = tx.query_one(&LOCK_PLAN, &params![instance.as_str(), id.as_str()])?;
    row.map(|row| read(&row, 0)).transpose()
}

/// Writes a changed plan; slug and payer type never change.
pub fn save(tx: &mut Conn<'_>, instance: &Id, plan: &Plan) -> Result<()> {
    let record = write(plan)?;
    let values = params![instance.as_str(), plan.id.as_str(), plan.is_default, record];
    tx.execute(&SAVE_PLAN, &values)?;
    Ok(())
}

/// Deletes a plan; false if there is none.
pub fn delete(tx: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<bool> {
    Ok(tx.execute(&DELETE_PLAN, &params![instance.as_str(), id.as_str()])? == 1)
}

/// Every plan of an instance, newest first: an operator writes them, so they are few.
pub fn all(conn: &mut Conn<'_>, instance: &Id) -> Result<Vec<Plan>> {
    read_all(&conn.query(&ALL_PLANS, &params![instance.as_str()])?)
}

/// The plan of payers without another one.
pub fn default(conn: &mut Conn<'_>, instance: &Id, payer: PayerType) -> Result<Option<Plan>> {
    let all = all(conn, instance)?;
    Ok(all.into_iter().find(|plan| plan.is_default && plan.payer_type == payer))
}
