//! Rows as users that are ready to be written, or as refusals.

use rollbook_domain::{ExternalAccount, Fields, ImportPosition, Problem};
use rollbook_import::Batch;
use rollbook_store::credentials::{NewCredential, Owner};
use rollbook_store::users::NewUser;
use rollbook_wire::{Code, Id};

use super::Job;
use crate::external_accounts::{ImportExternalAccount, checked};
use crate::users::{Checked, CreateUser, Request, check, instant, with_secrets};
use crate::{Ctx, Error, Result};

/// Letters and digits of an id of a user behind its prefix, as the API promises them.
const ID_DIGITS: usize = 27;

/// A portion with all that can be told of it without the store.
pub(super) struct Prepared {
    pub(super) rows: Vec<(u64, Outcome)>,
    pub(super) end: ImportPosition,
    /// In a dry run, how many users the store has that is not written to.
    pub(super) n_elsewhere: i64,
}

/// What has become of a row.
pub(super) enum Outcome {
    User(Box<Candidate>),
    Refused(Vec<Problem>),
}

/// A user, if nobody has what leads to it.
pub(super) struct Candidate {
    pub(super) new: NewUser,
    pub(super) secrets: Vec<NewCredential>,
}

/// Reads, checks and derives; costs some 20 µs a row, and a hash for each plain password.
pub(super) async fn prepare(job: &Job, batch: Batch) -> Result<Prepared> {
    let mut rows = Vec::with_capacity(batch.rows.len());
    for row in &batch.rows {
        let outcome = match batch.shape.fields(row) {
            Ok(fields) => outcome(job, fields).await?,
            Err(problem) => Outcome::Refused(vec![problem]),
        };
        rows.push((row.line, outcome));
    }
    let end = ImportPosition { file: batch.file, offset: batch.end.offset, line: batch.end.line };
    Ok(Prepared { rows, end, n_elsewhere: 0 })
}

/// How many connected accounts one user may come with.
const MAX_ACCOUNTS: usize = 100;

/// What only an import says of a user.
struct Extra {
    id: Option<Id>,
    accounts: Vec<ExternalAccount>,
    last_active_at: Option<i64>,
    last_sign_in_at: Option<i64>,
}

async fn outcome(job: &Job, mut fields: Fields) -> Result<Outcome> {
    let Job { ctx, tenant, options, dry } = job;
    let now = ctx.clock.now();
    let mut params = CreateUser::read(&mut fields);
    params.skip_password_requirement |= options.skip_password_requirement;
    params.skip_user_requirement |= options.skip_user_requirement;
    params.skip_legal_checks |= options.skip_legal_checks;
    params.secrets.skip_password_checks |= options.skip_password_checks;
    let mut found = Vec::new();
    let extra = extra(ctx, &mut fields, now, &mut found);
    let mut problems = fields.finish();
    problems.extend(found);

    let request = Request { params, problems };
    let Checked { mut user, secrets, problems } = check(ctx, tenant, request, now).await?;
    if !problems.is_empty() {
        return Ok(Outcome::Refused(problems));
    }
    if let Some(id) = extra.id {
        user.id = id;
    }
    user.external_accounts = extra.accounts;
    if dry.is_some() && secrets.is_plain() {
        // What the hash would be changes nothing.
        let new = NewUser::new(user, extra.last_active_at, extra.last_sign_in_at)?;
        return Ok(Outcome::User(Box::new(Candidate { new, secrets: Vec::new() })));
    }
    let stored = loop {
        match secrets.hash(ctx, tenant).await {
            // An import can wait.
            Err(Error::Busy { retry_after_s }) => {
                tokio::time::sleep(std::time::Duration::from_secs(retry_after_s.into())).await;
            }
            hashed => break hashed?,
        }
    };
    let user = with_secrets(user, &stored, now);
    let owner = Owner { instance: &tenant.instance.id, user: &user.id };
    let secrets = stored.credentials(&ctx.vault, owner)?;
    let new = NewUser::new(user, extra.last_active_at, extra.last_sign_in_at)?;
    Ok(Outcome::User(Box::new(Candidate { new, secrets })))
}

fn extra(ctx: &Ctx, fields: &mut Fields, now: i64, problems: &mut Vec<Problem>) -> Extra {
    let id = fields.string("id").set().and_then(|text| {
        let tail = text.strip_prefix("user_").unwrap_or_default();
        let is_one =
            tail.len() == ID_DIGITS && tail.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_one {
            let why = "id must be user_ and 27 letters and digits; ids of other systems belong \
                into external_id.";
            problems.push(Problem::param(Code::FormParamFormatInvalid, "id", why));
        }
        text.parse().ok()
    });
    let mut accounts: Vec<ExternalAccount> = Vec::new();
    for members in fields.objects("external_accounts", MAX_ACCOUNTS).set().unwrap_or_default() {
        let mut fields = Fields::from(members);
        let params = ImportExternalAccount::read(&mut fields);
        problems.extend(fields.finish());
        match checked(ctx, params, problems) {
            Some((account, None)) => accounts.push(account),
            Some((_, Some(_))) => {
                let why = "access_token cannot be given in an import.";
                problems.push(Problem::param(Code::FormParamUnknown, "access_token", why));
            }
            None => {}
        }
    }
    let mut past = |name: &str| {
        let text = fields.string(name).set();
        instant(text.as_deref(), name, now, problems)
    };
    Extra {
        id,
        accounts,
        last_active_at: past("last_active_at"),
        last_sign_in_at: past("last_sign_in_at"),
    }
}
