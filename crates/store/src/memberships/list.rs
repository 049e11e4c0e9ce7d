//! Lists of memberships: a choice as SQL, by ids first and then the rows of the page alone.

use rollbook_domain::{MembershipFilter, OrderKey, Slice, User, UserFilter};
use rollbook_wire::Id;

use super::{COLUMNS, MembershipRow, read};
use crate::filter::{Where, direction};
use crate::organizations::{self, StoredOrganization};
use crate::{Conn, Error, Result, Row};

const TABLE: &str = "organization_memberships AS m";
const WITH_USERS: &str = "organization_memberships AS m JOIN users AS u \
    ON u.instance_id = m.instance_id AND u.user_id = m.user_id";

/// A part of the memberships that `filter` admits.
///
/// By creation, an index alone chooses the page, whatever its offset; by a
/// column of the user, the chosen are sorted.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    filter: &MembershipFilter,
    slice: Slice<OrderKey>,
) -> Result<Vec<MembershipRow>> {
    let (sql, from) = conditions(instance, filter);
    let (column, from) = match slice.key {
        OrderKey::EmailAddress => ("u.email_address", WITH_USERS),
        OrderKey::PhoneNumber => ("u.phone_number", WITH_USERS),
        OrderKey::FirstName => ("u.first_name", WITH_USERS),
        OrderKey::LastName => ("u.last_name", WITH_USERS),
        OrderKey::Username => ("u.username", WITH_USERS),
        OrderKey::CreatedAt
        | OrderKey::UpdatedAt
        | OrderKey::Web3Wallet
        | OrderKey::LastActiveAt
        | OrderKey::LastSignInAt => ("m.created_at", from),
    };
    let direction = direction(slice.descending);
    // A column that is never null needs no word on nulls, and then its index serves.
    let nulls = if column == "m.created_at" { "" } else { " NULLS LAST" };
    let organization = organizations::COLUMNS;
    let condition = sql.text.clone();
    let text = |limits: &str| {
        format!(
            "SELECT {COLUMNS}, {organization}, u.record FROM \
             (SELECT m.organization_id, m.user_id, m.membership_id, {column} AS place FROM {from} \
              WHERE {condition} ORDER BY {column} {direction}{nulls}, m.membership_id {direction} \
              {limits}) AS p \
             JOIN organization_memberships AS m ON m.instance_id = $1 \
                 AND m.organization_id = p.organization_id AND m.user_id = p.user_id \
             JOIN organizations AS o ON o.instance_id = $1 AND o.organization_id = p.organization_id \
             JOIN users AS u ON u.instance_id = $1 AND u.user_id = p.user_id \
             ORDER BY p.place {direction}{nulls}, p.membership_id {direction}"
        )
    };
    let rows = sql.page(conn, text, (slice.limit, slice.offset))?;
    rows.iter().map(row).collect()
}

/// How many memberships `filter` admits, exactly.
pub fn count(conn: &mut Conn<'_>, instance: &Id, filter: &MembershipFilter) -> Result<i64> {
    let (sql, from) = conditions(instance, filter);
    sql.count(conn, from)
}

fn conditions(instance: &Id, filter: &MembershipFilter) -> (Where, &'static str) {
    let mut sql = Where::of("m", instance);
    for (column, id) in
        [("m.organization_id", &filter.organization_id), ("m.user_id", &filter.user_id)]
    {
        if let Some(id) = id {
            sql.one_of(column, &[id.to_string()]);
        }
    }
    if let Some(roles) = &filter.role {
        sql.one_of("m.role", roles);
    }
    if filter.users == UserFilter::default() {
        return (sql, TABLE);
    }
    sql.users(&filter.users);
    (sql, WITH_USERS)
}

fn row(row: &Row) -> Result<MembershipRow> {
    let user: User = serde_json::from_str(row.text(12)?)
        .map_err(|source| Error::internal("read a user's record", source))?;
    Ok(MembershipRow {
        membership: read(row)?,
        organization: StoredOrganization::read(row, 8)?,
        user,
    })
}
