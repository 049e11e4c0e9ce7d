//! Lists of organizations: a choice as SQL.

use rollbook_domain::{OrganizationFilter, OrganizationOrder, Slice};
use rollbook_wire::Id;

use super::{COLUMNS, StoredOrganization};
use crate::filter::{Where, direction};
use crate::{Conn, Param, Result};

/// A part of the organizations that `filter` admits.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    filter: &OrganizationFilter,
    slice: Slice<OrganizationOrder>,
) -> Result<Vec<StoredOrganization>> {
    let sql = conditions(instance, filter);
    let column = match slice.key {
        OrganizationOrder::CreatedAt => "o.created_at",
        OrganizationOrder::Name => "o.name",
        OrganizationOrder::MembersCount => "o.members_count",
    };
    let direction = direction(slice.descending);
    let condition = sql.text.clone();
    let text = |limits: &str| {
        format!(
            "SELECT {COLUMNS} FROM organizations AS o WHERE {condition} \
             ORDER BY {column} {direction}, o.organization_id {direction} {limits}"
        )
    };
    let rows = sql.page(conn, text, (slice.limit, slice.offset))?;
    rows.iter().map(|row| StoredOrganization::read(row, 0)).collect()
}

/// How many organizations `filter` admits, exactly.
pub fn count(conn: &mut Conn<'_>, instance: &Id, filter: &OrganizationFilter) -> Result<i64> {
    conditions(instance, filter).count(conn, "organizations AS o")
}

fn conditions(instance: &Id, filter: &OrganizationFilter) -> Where {
    let mut sql = Where::of("o", instance);
    if let Some(query) = &filter.query {
        let id = sql.bind(query.id.clone());
        // The column joins fields by line breaks, so this would match across two.
        if query.text.contains('\n') {
            sql.and(&format!("o.organization_id = {id}"));
        } else {
            let text = sql.bind(Param::Contains(query.text.clone()));
            sql.and(&format!("(o.organization_id = {id} OR {{contains o.search {text}}})"));
        }
    }
    for (values, not) in
        [(&filter.organization_id.include, ""), (&filter.organization_id.exclude, "NOT ")]
    {
        if !values.is_empty() {
            let list = sql.bind(values.clone());
            sql.and(&format!("{not}o.organization_id {{in {list}}}"));
        }
    }
    for (values, not) in [(&filter.user_id.include, ""), (&filter.user_id.exclude, "NOT ")] {
        if !values.is_empty() {
            let list = sql.bind(values.clone());
            sql.and(&format!(
                "o.organization_id {not}IN (SELECT m.organization_id \
                 FROM organization_memberships AS m \
                 WHERE m.instance_id = $1 AND m.user_id {{in {list}}})"
            ));
        }
    }
    sql
}
