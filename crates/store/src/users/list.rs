//! Lists and counts: a choice of users as SQL.

use rollbook_domain::{Order, OrderKey, Page, Range, SearchMark, Signed, UserFilter};
use rollbook_wire::Id;

use super::rows::StoredUser;
use super::texts;
use crate::filter::{Where, direction};
use crate::{Conn, Param, Result, params};

/// One page of the users that `filter` admits; `None` if `starting_after` is unknown.
///
/// Costs a scan of the instance for a rare text, the rows skipped for a deep
/// offset, and a sort for any order but that of creation.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    filter: &UserFilter,
    page: &Page,
) -> Result<Option<Vec<StoredUser>>> {
    let mut sql = Where::of("u", instance);
    sql.users(filter);
    if let Some(after) = &page.starting_after {
        let found = conn.query_text(
            "SELECT created_at FROM users WHERE instance_id = $1 AND user_id = $2",
            &params![instance.as_str(), after.as_str()],
        )?;
        let Some(row) = found.first() else { return Ok(None) };
        let (at, id) = (sql.bind(row.int(0)?), sql.bind(after.to_string()));
        let sign = if page.order.descending { '<' } else { '>' };
        sql.and(&format!("(u.created_at, u.user_id) {sign} ({at}, {id})"));
    }
    let order = order_by(page.order);
    let (limit, offset) = (sql.bind(page.limit), sql.bind(page.offset));
    let text = format!(
        "SELECT u.user_id, u.version, u.record, u.last_active_at, u.last_sign_in_at \
         FROM users AS u WHERE {} ORDER BY {order} LIMIT {limit} OFFSET {offset}",
        sql.text
    );
    conn.query_text(&text, &sql.values)?
        .iter()
        .map(StoredUser::read)
        .collect::<Result<_>>()
        .map(Some)
}

/// How many users `filter` admits, exactly.
pub fn count(conn: &mut Conn<'_>, instance: &Id, filter: &UserFilter) -> Result<i64> {
    let mut sql = Where::of("u", instance);
    sql.users(filter);
    sql.count(conn, "users AS u")
}

fn order_by(order: Order) -> String {
    let column = match order.key {
        OrderKey::CreatedAt => "u.created_at",
        OrderKey::UpdatedAt => "u.updated_at",
        OrderKey::EmailAddress => "u.email_address",
        OrderKey::Web3Wallet => "u.web3_wallet",
        OrderKey::FirstName => "u.first_name",
        OrderKey::LastName => "u.last_name",
        OrderKey::PhoneNumber => "u.phone_number",
        OrderKey::Username => "u.username",
        OrderKey::LastActiveAt => "u.last_active_at",
        OrderKey::LastSignInAt => "u.last_sign_in_at",
    };
    let direction = direction(order.descending);
    // A column that is never null needs no word on nulls, and then its index serves.
    let nulls = match order.key {
        OrderKey::CreatedAt | OrderKey::UpdatedAt => "",
        _ => " NULLS LAST",
    };
    format!("{column} {direction}{nulls}, u.user_id {direction}")
}

impl Where {
    /// The users, called `u`, that a filter admits.
    pub(crate) fn users(&mut self, filter: &UserFilter) {
        for (kind, values) in [
            ("email_address", &filter.email_address),
            ("phone_number", &filter.phone_number),
            ("username", &filter.username),
            ("web3_wallet", &filter.web3_wallet),
        ] {
            if let Some(values) = values {
                self.identifier(kind, values, true);
            }
        }
        if let Some((provider, ids)) = &filter.provider {
            self.identifier(provider, ids, true);
        }
        self.signed(&filter.external_id, |sql, values, include| {
            sql.identifier("external_id", values, include);
        });
        self.signed(&filter.user_id, |sql, values, include| {
            let list = sql.bind(texts(values));
            sql.and(&format!("{}u.user_id {{in {list}}}", not(include)));
        });
        self.signed(&filter.organization_id, |sql, values, include| {
            let list = sql.bind(texts(values));
            sql.and(&format!(
                "{}u.user_id IN (SELECT m.user_id FROM organization_memberships AS m \
                 WHERE m.instance_id = $1 AND m.organization_id {{in {list}}})",
                not(include)
            ));
        });
        for (column, text) in [("u.search", &filter.query), ("u.names", &filter.name_query)] {
            match text {
                None => {}
                // The column joins fields by control characters, so this would match across two.
                Some(text) if SearchMark::is_in_no_field(text) => self.and("1 = 0"),
                Some(text) => {
                    let text = self.bind(Param::Contains(text.clone()));
                    self.and(&format!("{{contains {column} {text}}}"));
                }
            }
        }
        for (kind, text) in [
            ("email_address", &filter.email_address_query),
            ("phone_number", &filter.phone_number_query),
            ("username", &filter.username_query),
        ] {
            if let Some(text) = text {
                let (kind, text) =
                    (self.bind(kind.to_owned()), self.bind(Param::Contains(text.clone())));
                self.and(&format!(
                    "EXISTS (SELECT 1 FROM identifiers AS i WHERE i.instance_id = $1 \
                     AND i.user_id = u.user_id AND i.kind = {kind} \
                     AND {{contains i.value {text}}})"
                ));
            }
        }
        if let Some(banned) = filter.banned {
            // Written out, so that the partial index of banned users can serve.
            self.and(if banned { "u.banned = 1" } else { "u.banned = 0" });
        }
        self.range("u.created_at", filter.created_at);
        self.range("u.last_active_at", filter.last_active_at);
        self.range("u.last_sign_in_at", filter.last_sign_in_at);
    }

    fn identifier(&mut self, kind: &str, values: &[String], include: bool) {
        let (kind, list) = (self.bind(kind.to_owned()), self.bind(texts(values)));
        self.and(&format!(
            "{}u.user_id IN (SELECT i.user_id FROM identifiers AS i WHERE i.instance_id = $1 \
             AND i.kind = {kind} AND i.value {{in {list}}})",
            not(include)
        ));
    }

    fn signed(&mut self, signed: &Signed, mut condition: impl FnMut(&mut Self, &[String], bool)) {
        if !signed.include.is_empty() {
            condition(self, &signed.include, true);
        }
        if !signed.exclude.is_empty() {
            condition(self, &signed.exclude, false);
        }
    }

    fn range(&mut self, column: &str, range: Range) {
        if let Some(after) = range.after {
            let value = self.bind(after);
            self.and(&format!("{column} > {value}"));
        }
        if let Some(before) = range.before {
            let value = self.bind(before);
            self.and(&format!("{column} < {value}"));
        }
    }
}

fn not(include: bool) -> &'static str {
    if include { "" } else { "NOT " }
}
