//! Items of subscriptions.

use std::fmt::Write;

use rollbook_domain::billing::{PayerType, Phase, SubscriptionItem};
use rollbook_domain::{fold, fold_accents};
use rollbook_wire::Id;

use super::{read, read_all, write};
use crate::{Conn, Error, Param, Result, params, statements};

statements! {
    INSERT_ITEM = "INSERT INTO subscription_items (instance_id, subscription_item_id, payer_type,
            owner_id, plan_id, price_id, phase, status, is_free, is_free_trial, due_at, record,
            created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";

    SAVE_ITEM = "UPDATE subscription_items SET phase = $3, status = $4, is_free_trial = $5,
            due_at = $6, record = $7, failures = 0, not_before = 0
        WHERE instance_id = $1 AND subscription_item_id = $2";

    ITEM_BY_ID = "SELECT record FROM subscription_items
        WHERE instance_id = $1 AND subscription_item_id = $2";

    OF_OWNER = "SELECT record FROM subscription_items
        WHERE instance_id = $1 AND owner_id = $2 ORDER BY created_at, subscription_item_id";

    DELETE_OF_OWNER = "DELETE FROM subscription_items WHERE instance_id = $1 AND owner_id = $2";

    USES_PLAN = "SELECT 1 FROM subscription_items WHERE instance_id = $1 AND plan_id = $2 LIMIT 1";

    DUE = "SELECT instance_id, subscription_item_id, failures FROM subscription_items
        WHERE due_at IS NOT NULL AND due_at <= $1 AND not_before <= $1 AND ($3 = '' OR instance_id = $3)
            AND EXISTS (SELECT 1 FROM instances AS n WHERE n.instance_id = subscription_items.instance_id)
        ORDER BY due_at LIMIT $2";

    FAILED = "UPDATE subscription_items SET failures = failures + 1, not_before = $3
        WHERE instance_id = $1 AND subscription_item_id = $2";
}

/// Which items a list shows; an empty filter shows all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Any of these states.
    pub statuses: Option<Vec<&'static str>>,
    /// In their free trial only.
    pub free_trial: bool,
    /// Of users, or of organizations.
    pub payer_type: Option<PayerType>,
    /// On this plan.
    pub plan_id: Option<String>,
    /// Also on prices of nothing.
    pub include_free: bool,
    /// What the payer's names, addresses and ids contain, in any spelling.
    pub search: Option<String>,
}

/// Writes a new item.
pub fn insert(
    tx: &mut Conn<'_>,
    instance: &Id,
    item: &SubscriptionItem,
    is_free: bool,
) -> Result<()> {
    let record = write(item)?;
    let values = params![
        instance.as_str(),
        item.id.as_str(),
        item.owner.payer_type.as_str(),
        item.owner.id.as_str(),
        item.plan_id.as_str(),
        item.price_id.as_str(),
        phase(item),
        item.status().as_str(),
        is_free,
        item.is_free_trial,
        item.due().map(|(at, _)| at),
        record,
        item.created_at,
    ];
    tx.execute(&INSERT_ITEM, &values)?;
    Ok(())
}

/// Writes a changed item; its payer, plan and price never change.
pub fn save(tx: &mut Conn<'_>, instance: &Id, item: &SubscriptionItem) -> Result<()> {
    let record = write(item)?;
    let values = params![
        instance.as_str(),
        item.id.as_str(),
        phase(item),
        item.status().as_str(),
        item.is_free_trial,
        item.due().map(|(at, _)| at),
        record,
    ];
    tx.execute(&SAVE_ITEM, &values)?;
    Ok(())
}

fn phase(item: &SubscriptionItem) -> &'static str {
    match item.phase {
        Phase::Upcoming => "upcoming",
        Phase::Running => "running",
        Phase::Ended => "ended",
        Phase::Abandoned => "abandoned",
    }
}

/// The item with this id.
pub fn by_id(conn: &mut Conn<'_>, instance: &Id, id: &Id) -> Result<Option<SubscriptionItem>> {
    let row = conn.query_one(&ITEM_BY_ID, &params![instance.as_str(), id.as_str()])?;
    row.map(|row| read(&row, 0)).transpose()
}

/// Every item of a payer, oldest first. To change them, hold the payer's user or organization.
pub fn of_owner(conn: &mut Conn<'_>, instance: &Id, owner: &Id) -> Result<Vec<SubscriptionItem>> {
    read_all(&conn.query(&OF_OWNER, &params![instance.as_str(), owner.as_str()])?)
}

/// Deletes every item of a payer.
pub fn delete_of_owner(tx: &mut Conn<'_>, instance: &Id, owner: &Id) -> Result<()> {
    tx.execute(&DELETE_OF_OWNER, &params![instance.as_str(), owner.as_str()])?;
    Ok(())
}

/// Whether anybody ever subscribed to a plan.
pub fn uses_plan(conn: &mut Conn<'_>, instance: &Id, plan: &Id) -> Result<bool> {
    Ok(conn.query_one(&USES_PLAN, &params![instance.as_str(), plan.as_str()])?.is_some())
}

/// Instance, id and failures of up to `limit` items, of one instance or of all, to which something is due.
pub fn due(
    conn: &mut Conn<'_>,
    instance: Option<&Id>,
    now: i64,
    limit: i64,
) -> Result<Vec<(Id, Id, i64)>> {
    let id = |text: &str| text.parse().map_err(|source| Error::internal("read an id", source));
    let rows = conn.query(&DUE, &params![now, limit, instance.map_or("", Id::as_str)])?;
    rows.iter().map(|row| Ok((id(row.text(0)?)?, id(row.text(1)?)?, row.int(2)?))).collect()
}

/// Notes that nothing could be done to an item, which is left alone until `not_before`.
pub fn failed(tx: &mut Conn<'_>, instance: &Id, id: &Id, not_before: i64) -> Result<()> {
    tx.execute(&FAILED, &params![instance.as_str(), id.as_str(), not_before])?;
    Ok(())
}

/// A page of the items that match, newest first, and how many match.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    filter: &Filter,
    limit: i64,
    offset: i64,
) -> Result<(Vec<SubscriptionItem>, i64)> {
    let mut values = params![instance.as_str()].to_vec();
    let mut conditions = String::from("instance_id = $1");
    let mut and = |condition: &str, value: Param<'static>| {
        values.push(value);
        conditions.push_str(" AND ");
        conditions.push_str(&condition.replace("$n", &format!("${}", values.len())));
    };
    if let Some(statuses) = &filter.statuses {
        let statuses: Vec<String> = statuses.iter().map(|&status| status.to_owned()).collect();
        and("status {in $n}", statuses.into());
    }
    if filter.free_trial {
        and("is_free_trial = $n", 1_i64.into());
    }
    if let Some(payer_type) = filter.payer_type {
        and("payer_type = $n", payer_type.as_str().into());
    }
    if let Some(plan) = &filter.plan_id {
        and("plan_id = $n", plan.clone().into());
    }
    if !filter.include_free {
        and("is_free = $n", 0_i64.into());
    }
    if let Some(search) = &filter.search {
        values.push(Param::Contains(fold_accents(search)));
        let users = values.len();
        values.push(Param::Contains(fold(search)));
        let organizations = values.len();
        let _ = write!(
            conditions,
            " AND (owner_id IN (SELECT user_id FROM users
                WHERE instance_id = $1 AND {{contains search ${users}}})
            OR owner_id IN (SELECT organization_id FROM organizations
                WHERE instance_id = $1 AND {{contains search ${organizations}}}))"
        );
    }
    let count = format!("SELECT COUNT(*) FROM subscription_items WHERE {conditions}");
    let count = conn.query_text(&count, &values)?;
    let count = count.first().map_or(Ok(0), |row| row.int(0))?;
    let (limit_at, offset_at) = (values.len() + 1, values.len() + 2);
    let sql = format!(
        "SELECT record FROM subscription_items WHERE {conditions}
         ORDER BY created_at DESC, subscription_item_id DESC LIMIT ${limit_at} OFFSET ${offset_at}"
    );
    values.extend([limit.into(), offset.into()]);
    Ok((read_all(&conn.query_text(&sql, &values)?)?, count))
}
