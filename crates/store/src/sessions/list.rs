//! Lists of sessions: a choice as SQL.

use rollbook_domain::{Session, SessionStatus};
use rollbook_wire::Id;

use super::{COLUMNS, read};
use crate::{Conn, Param, Result};

/// Which sessions of an instance.
#[derive(Debug, Clone, Default)]
pub struct SessionFilter {
    /// Of one client.
    pub client_id: Option<String>,
    /// Of one user.
    pub user_id: Option<String>,
    /// That stand so by the clock.
    pub status: Option<SessionStatus>,
}

/// `limit` sessions after the newest `offset`; every filter is served by an index.
pub fn page(
    conn: &mut Conn<'_>,
    instance: &Id,
    filter: &SessionFilter,
    now: i64,
    (limit, offset): (i64, i64),
) -> Result<Vec<Session>> {
    let (conditions, mut values) = conditions(instance, filter, now);
    values.extend([Param::from(limit), Param::from(offset)]);
    let text = format!(
        "SELECT {COLUMNS} FROM sessions WHERE {conditions} \
         ORDER BY created_at DESC, session_id DESC LIMIT ${} OFFSET ${}",
        values.len() - 1,
        values.len()
    );
    conn.query_text(&text, &values)?.iter().map(read).collect()
}

/// How many sessions `filter` admits.
pub fn count(conn: &mut Conn<'_>, instance: &Id, filter: &SessionFilter, now: i64) -> Result<i64> {
    let (conditions, values) = conditions(instance, filter, now);
    let text = format!("SELECT COUNT(*) FROM sessions WHERE {conditions}");
    conn.query_text(&text, &values)?.first().map_or(Ok(0), |row| row.int(0))
}

fn conditions(instance: &Id, filter: &SessionFilter, now: i64) -> (String, Vec<Param<'static>>) {
    let mut text = "instance_id = $1".to_owned();
    let mut values = vec![Param::from(instance.to_string())];
    let mut and = |condition: &str, value: Param<'static>| {
        values.push(value);
        text.push_str(" AND ");
        text.push_str(&condition.replace("$n", &format!("${}", values.len())));
    };
    if let Some(client) = &filter.client_id {
        and("client_id = $n", client.clone().into());
    }
    if let Some(user) = &filter.user_id {
        and("user_id = $n", user.clone().into());
    }
    match filter.status {
        None => {}
        // As `Session::status_at` tells them apart.
        Some(SessionStatus::Active) => {
            and("status = 'active' AND expire_at > $n AND abandon_at > $n", now.into());
        }
        Some(SessionStatus::Expired) => {
            and("status = 'active' AND expire_at <= $n AND expire_at <= abandon_at", now.into());
        }
        Some(SessionStatus::Abandoned) => {
            and("status = 'active' AND abandon_at <= $n AND abandon_at < expire_at", now.into());
        }
        Some(
            status @ (SessionStatus::Revoked
            | SessionStatus::Ended
            | SessionStatus::Removed
            | SessionStatus::Replaced),
        ) => and("status = $n", status.as_str().into()),
    }
    (text, values)
}
