//! One portion in one transaction: its users, its refusals, and how far the import is.

use rollbook_domain::{ImportRefusal, ImportStatus, Problem, Restrictions};
use rollbook_store::imports::{self, StoredImport};
use rollbook_store::users::{NewUser, StoredUser};
use rollbook_store::{Conn, credentials, invitations, users, waitlist_entries};
use rollbook_wire::Id;

use super::prepare::{Candidate, Outcome, Prepared};
use super::{ImportOptions, Job};
use crate::users::{Hold, not_admitted, quota_exceeded, taken};
use crate::{Ctx, Error, Result, Tenant, events};

/// What a portion needs beside its rows.
pub(super) struct Portion<'a> {
    pub(super) ctx: &'a Ctx,
    pub(super) tenant: &'a Tenant,
    pub(super) options: ImportOptions,
    /// What keeps users out of the store that is written to.
    restrictions: Restrictions,
}

impl<'a> Portion<'a> {
    pub(super) fn of(job: &'a Job) -> Self {
        let Job { ctx, tenant, options, dry } = job;
        let mut restrictions = tenant.instance.settings.restrictions;
        if dry.is_some() {
            // The lists are in the other store, where they were looked at.
            restrictions.allowlist = false;
            restrictions.blocklist = false;
        }
        if options.skip_restrictions {
            restrictions = Restrictions::default();
        }
        Self { ctx, tenant, options: *options, restrictions }
    }
}

/// What was written.
pub(super) enum Written {
    /// The import as it is now, and what the portion added to its refusals.
    Portion(StoredImport, Vec<ImportRefusal>),
    /// Nothing: somebody has ended the import.
    Ended(StoredImport),
}

impl Portion<'_> {
    /// Writes what can be written of `prepared`; `before` is where the import stood.
    pub(super) fn write(
        &self,
        tx: &mut Conn<'_>,
        before: &StoredImport,
        prepared: &Prepared,
    ) -> Result<Written> {
        let instance = &self.tenant.instance.id;
        let settings = &self.tenant.instance.settings;
        let compares = self.restrictions.compares_addresses();
        Hold::alone_if(settings.user_limit.is_some() || compares).take(tx, instance)?;
        let now = imports::find(tx, instance, &before.import.id)?;
        let now = now.ok_or_else(|| Error::not_found("import", before.import.id.as_str()))?;
        if now.import.status != ImportStatus::Running {
            return Ok(Written::Ended(now));
        }
        if now.version != before.version {
            let text = "another run of the same import has gone on meanwhile";
            return Err(Error::Unavailable(text.to_owned()));
        }
        let mut after = before.clone();

        let candidates: Vec<&Candidate> = prepared.rows.iter().filter_map(candidate).collect();
        let news: Vec<&NewUser> = candidates.iter().map(|one| &one.new).collect();
        let mut refused = if self.is_each_alone(tx)? {
            let mut alone = Alone::of(self, tx, prepared.n_elsewhere)?;
            alone.write(tx, &candidates, 0..candidates.len())?
        } else {
            let left_out = users::insert_many(tx, instance, &news)?;
            let is_out = |n: &usize| left_out.binary_search(n).is_ok();
            let written = (0..).zip(&candidates).filter(|(n, _)| !is_out(n)).map(|(_, one)| *one);
            self.finish(tx, &written.collect::<Vec<_>>())?;
            let mut alone = Alone { portion: self, places: None };
            alone.write(tx, &candidates, left_out.iter().copied())?
        };

        let mut refusals = Vec::new();
        let mut n_candidates = 0;
        for (line, outcome) in &prepared.rows {
            let problems = match outcome {
                Outcome::Refused(problems) => Some(problems.clone()),
                Outcome::User(_) => {
                    n_candidates += 1;
                    refused.next_if(n_candidates - 1)
                }
            };
            if let Some(problems) = problems {
                let errors = problems.into_iter().map(Into::into).collect();
                refusals.push(ImportRefusal { file: prepared.end.file, line: *line, errors });
            }
        }
        imports::refuse(tx, instance, &after.import.id, after.import.refused, &refusals)?;
        let n_refused = i64::try_from(refusals.len()).unwrap_or(i64::MAX);
        let n_rows = i64::try_from(prepared.rows.len()).unwrap_or(i64::MAX);
        after.import.refused += n_refused;
        after.import.accepted += n_rows - n_refused;
        after.import.position = prepared.end;
        after.import.updated_at = self.ctx.clock.now();
        if !imports::save(tx, instance, before.version, &after.import)? {
            // Ended, or gone on with, since it was found.
            return Err(tx.conflict().into());
        }
        after.version += 1;
        Ok(Written::Portion(after, refusals))
    }

    /// Whether a user depends on more than the identifiers of those before it.
    fn is_each_alone(&self, tx: &mut Conn<'_>) -> Result<bool> {
        let (instance, settings) = (&self.tenant.instance.id, &self.tenant.instance.settings);
        Ok(settings.user_limit.is_some()
            || self.restrictions.keep_anybody_out()
            || invitations::any(tx, instance)?
            || waitlist_entries::any(tx, instance)?)
    }

    /// What follows the rows of new users.
    fn finish(&self, tx: &mut Conn<'_>, written: &[&Candidate]) -> Result<()> {
        let instance = &self.tenant.instance.id;
        let secrets: Vec<_> = written.iter().flat_map(|one| &one.secrets).collect();
        credentials::insert_many(tx, instance, &secrets)?;
        if self.options.events {
            for one in written {
                self.tell(tx, &one.new)?;
            }
        }
        Ok(())
    }

    fn tell(&self, tx: &mut Conn<'_>, new: &NewUser) -> Result<()> {
        let stored = StoredUser {
            last_active_at: new.last_active_at,
            last_sign_in_at: new.last_sign_in_at,
            ..StoredUser::new(new.user.clone())
        };
        events::user(self.ctx, tx, &self.tenant.instance.id, "user.created", &stored)
    }
}

fn candidate((_, outcome): &(u64, Outcome)) -> Option<&Candidate> {
    match outcome {
        Outcome::User(candidate) => Some(candidate),
        Outcome::Refused(_) => None,
    }
}

/// Writes users one after the other, each knowing all before it.
struct Alone<'a> {
    portion: &'a Portion<'a>,
    /// How many more the instance may have, if there is a limit.
    places: Option<i64>,
}

impl<'a> Alone<'a> {
    fn of(portion: &'a Portion<'a>, tx: &mut Conn<'_>, n_elsewhere: i64) -> Result<Self> {
        let instance = &portion.tenant.instance;
        let places = match instance.settings.user_limit {
            None => None,
            Some(limit) => {
                let n_here = users::count_up_to(tx, &instance.id, limit)?;
                Some(i64::from(limit) - n_here - n_elsewhere)
            }
        };
        Ok(Self { portion, places })
    }

    /// The refusals, by the places of the candidates.
    fn write(
        &mut self,
        tx: &mut Conn<'_>,
        candidates: &[&Candidate],
        places: impl Iterator<Item = usize>,
    ) -> Result<Refused> {
        let mut refused = Vec::new();
        for n in places {
            let Some(candidate) = candidates.get(n) else { continue };
            let problems = self.try_one(tx, candidate)?;
            if !problems.is_empty() {
                refused.push((n, problems));
            }
        }
        Ok(Refused(refused.into_iter().peekable()))
    }

    fn try_one(&mut self, tx: &mut Conn<'_>, candidate: &Candidate) -> Result<Vec<Problem>> {
        let Portion { ctx, tenant, options, restrictions } = self.portion;
        let (instance, settings) = (&tenant.instance.id, &tenant.instance.settings);
        let user = &candidate.new.user;
        if let (Some(limit), Some(places)) = (settings.user_limit, self.places)
            && places <= 0
        {
            return Ok(vec![quota_exceeded(limit)]);
        }
        let mut problems: Vec<Problem> =
            users::taken(tx, instance, candidate.new.identifiers())?.iter().map(taken).collect();
        if users::find(tx, instance, &user.id)?.is_some() {
            problems.push(id_taken(&user.id));
        }
        if problems.is_empty() {
            problems = not_admitted(tx, instance, *restrictions, user)?;
        }
        if !problems.is_empty() {
            return Ok(problems);
        }
        let mut invited = user.clone();
        crate::invitations::accept(ctx, tx, instance, &mut invited)?;
        let (active, signed_in) = (candidate.new.last_active_at, candidate.new.last_sign_in_at);
        let new = NewUser::new(invited, active, signed_in)?;
        if !users::insert_many(tx, instance, &[&new])?.is_empty() {
            // It was free a moment ago: another transaction has won.
            return Err(tx.conflict().into());
        }
        let secrets: Vec<_> = candidate.secrets.iter().collect();
        credentials::insert_many(tx, instance, &secrets)?;
        if options.events {
            self.portion.tell(tx, &new)?;
        }
        if let Some(places) = &mut self.places {
            *places -= 1;
        }
        Ok(problems)
    }
}

/// Refusals in the order of the places of their candidates.
struct Refused(std::iter::Peekable<std::vec::IntoIter<(usize, Vec<Problem>)>>);

impl Refused {
    fn next_if(&mut self, place: usize) -> Option<Vec<Problem>> {
        self.0.next_if(|(n, _)| *n == place).map(|(_, problems)| problems)
    }
}

pub(super) fn id_taken(id: &Id) -> Problem {
    let text = format!("There is a user with id {id} already.");
    Problem::param(rollbook_wire::Code::FormIdentifierExists, "id", text)
}
