//! A dry run: everything is checked, and what would be created goes into a store of its own.

use rollbook_domain::{Instance, Problem};
use rollbook_store::{Conn, Db, SqliteSettings, StoreSettings, instances, users};

use super::prepare::{Candidate, Outcome, Prepared};
use super::write::{Portion, id_taken};
use crate::users::{not_admitted, taken};
use crate::{Error, Result, Tenant};

/// An empty store in a temporary folder, with the instance in it, for what an import would create.
///
/// It tells rows of one source that collide with each other, in constant memory.
pub async fn scratch(tenant: &Tenant) -> Result<Db> {
    let db = Db::open(&StoreSettings::Sqlite(SqliteSettings::in_memory())).await?;
    let instance: Instance = tenant.instance.clone();
    db.write::<_, Error, _>(move |tx| Ok(instances::insert(tx, &instance)?)).await?;
    Ok(db)
}

/// Turns users that collide with those there are, or whom nobody lets in, into refusals.
pub(super) fn refuse_taken(
    conn: &mut Conn<'_>,
    portion: &Portion<'_>,
    prepared: &mut Prepared,
) -> Result<()> {
    let instance = &portion.tenant.instance;
    if let Some(limit) = instance.settings.user_limit {
        prepared.n_elsewhere = users::count_up_to(conn, &instance.id, limit)?;
    }
    for (_, outcome) in &mut prepared.rows {
        let Outcome::User(candidate) = outcome else { continue };
        let problems = problems(conn, portion, candidate)?;
        if !problems.is_empty() {
            *outcome = Outcome::Refused(problems);
        }
    }
    Ok(())
}

fn problems(
    conn: &mut Conn<'_>,
    portion: &Portion<'_>,
    candidate: &Candidate,
) -> Result<Vec<Problem>> {
    let (instance, user) = (&portion.tenant.instance, &candidate.new.user);
    let found = users::taken(conn, &instance.id, candidate.new.identifiers())?;
    let mut problems: Vec<_> = found.iter().map(taken).collect();
    if users::find(conn, &instance.id, &user.id)?.is_some() {
        problems.push(id_taken(&user.id));
    }
    if problems.is_empty() && !portion.options.skip_restrictions {
        let restrictions = instance.settings.restrictions;
        problems = not_admitted(conn, &instance.id, restrictions, user)?;
    }
    Ok(problems)
}
