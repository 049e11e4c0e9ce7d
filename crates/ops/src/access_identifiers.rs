//! The allow-list and the block-list, and whom the restrictions of an instance let in.

use rollbook_domain::{
    AccessEntry, DOTLESS_EMAIL_KEY, EMAIL_BASE_KEY, EmailAddress, Newcomer, Problem, Restrictions,
};
use rollbook_store::access_identifiers::{self, AccessIdentifier, AccessRecord, List};
use rollbook_store::{Conn, users};
use rollbook_wire::{Code, Id, Prefix};

use crate::users::{Request, hold, keep, required};
use crate::{Ctx, Error, Result, Tenant};

/// Part of a list, and how long it is.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Newest first.
    pub entries: Vec<AccessIdentifier>,
    /// How many there are in all.
    pub total_count: i64,
}

/// `limit` entries after the newest `offset`.
pub async fn list(
    ctx: &Ctx,
    tenant: &Tenant,
    list: List,
    limit: i64,
    offset: i64,
) -> Result<Listed> {
    let instance = tenant.instance.id.clone();
    ctx.db
        .read(move |conn| {
            let entries = access_identifiers::page(conn, &instance, list, limit, offset)?;
            let total_count = access_identifiers::count(conn, &instance, list)?;
            Ok(Listed { entries, total_count })
        })
        .await
}

/// Puts an identifier, `*@domain` or `*@*.domain` on a list.
pub async fn create(
    ctx: &Ctx,
    tenant: &Tenant,
    list: List,
    request: Request<Option<String>>,
) -> Result<AccessIdentifier> {
    let Request { params, mut problems } = request;
    let entry = required(params, "identifier", &mut problems)
        .and_then(|text| keep(AccessEntry::parse(&text, "identifier"), &mut problems));
    let (Some(entry), true) = (entry, problems.is_empty()) else {
        return Err(Error::Refused(problems));
    };
    let prefix = match list {
        List::Allow => Prefix::AllowlistIdentifier,
        List::Block => Prefix::BlocklistIdentifier,
    };
    let now = ctx.clock.now();
    let new = AccessIdentifier {
        id: ctx.entropy.id(prefix, now),
        record: AccessRecord {
            identifier: entry.identifier,
            identifier_type: entry.kind.to_owned(),
        },
        created_at: now,
    };
    let (instance, key) = (tenant.instance.id.clone(), entry.key);
    ctx.db
        .write(move |tx| {
            hold(tx, &instance)?;
            if access_identifiers::insert(tx, &instance, list, &new, &key)? {
                return Ok(new.clone());
            }
            let text = format!("The list has {} already.", new.record.identifier);
            Err(Error::refused(Problem::param(Code::DuplicateRecord, "identifier", text)))
        })
        .await
}

/// Takes an entry off a list; doing so again finds nothing.
pub async fn delete(ctx: &Ctx, tenant: &Tenant, list: List, id: &Id) -> Result<()> {
    let (instance, id) = (tenant.instance.id.clone(), id.clone());
    ctx.db
        .write(move |tx| {
            if access_identifiers::delete(tx, &instance, list, &id)? {
                return Ok(());
            }
            Err(Error::not_found("identifier", id.as_str()))
        })
        .await
}

/// Who of these may not come in as identifiers of `user`, and why.
pub(crate) fn refused(
    conn: &mut Conn<'_>,
    instance: &Id,
    rules: Restrictions,
    user: &Id,
    newcomers: &[Newcomer<'_>],
) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for newcomer in newcomers {
        if let Some(why) = why_not(conn, instance, rules, user, newcomer)? {
            problems.push(not_allowed(newcomer.param(), newcomer.shown(), why));
        }
    }
    if rules.allowlist && newcomers.is_empty() {
        // A username is on no list.
        problems.push(not_allowed("username", "username", "nothing of it is on the allow-list"));
    }
    Ok(problems)
}

fn why_not(
    conn: &mut Conn<'_>,
    instance: &Id,
    rules: Restrictions,
    user: &Id,
    newcomer: &Newcomer<'_>,
) -> Result<Option<&'static str>> {
    if rules.allowlist || rules.blocklist {
        let entries = newcomer.admitted_by();
        let admitted =
            rules.allowlist && access_identifiers::any(conn, instance, List::Allow, &entries)?;
        if rules.allowlist && !admitted {
            return Ok(Some("it is not on the allow-list"));
        }
        let entries = newcomer.shut_out_by();
        if !admitted
            && rules.blocklist
            && access_identifiers::any(conn, instance, List::Block, &entries)?
        {
            return Ok(Some("it is on the block-list"));
        }
    }
    let Newcomer::Email(email) = newcomer else { return Ok(None) };
    if rules.block_disposable_email_domains && email.is_disposable() {
        return Ok(Some("its domain hands out mailboxes to throw away"));
    }
    for (kind, form) in forms(rules, email) {
        if users::has_similar_email(conn, instance, user, kind, &form)? {
            return Ok(Some("another user has an address of the same mailbox"));
        }
    }
    Ok(None)
}

fn forms(rules: Restrictions, email: &EmailAddress) -> Vec<(&'static str, String)> {
    let mut forms = Vec::new();
    if rules.block_email_subaddresses {
        forms.push((EMAIL_BASE_KEY, email.base()));
    }
    if rules.ignore_dots_for_gmail_addresses {
        forms.push((DOTLESS_EMAIL_KEY, email.dotless()));
    }
    forms
}

fn not_allowed(param: &str, identifier: &str, why: &str) -> Problem {
    let text = format!("{param} {identifier} is not allowed: {why}.");
    Problem::param(Code::NotAllowedAccess, param, text).with("identifiers", vec![identifier])
}
