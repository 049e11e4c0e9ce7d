//! Which users a transaction changes, from its statements to its commit.

use std::collections::HashMap;

use rollbook_directory::Change;
use rollbook_wire::Id;
use rusqlite::Connection;

use super::COUNT_CHANGE;
use crate::{Dialect, Error, Result, params, sqlite};

/// What the transactions of a group do to the users of instances, in order.
#[derive(Debug, Default)]
pub(crate) struct Notes(HashMap<Id, Note>);

#[derive(Debug)]
enum Note {
    Changes(Vec<Change>),
    /// So many that they are better read anew.
    Many,
    /// The instance itself is gone.
    Gone,
}

/// What a group does to one instance.
#[derive(Debug)]
pub(crate) enum Commit {
    /// It is the `version`th change of its users; without `changes` they are to be read anew.
    Counted { instance: Id, version: i64, changes: Option<Vec<Change>> },
    /// The instance is deleted.
    Gone(Id),
}

impl Notes {
    /// One user is changed.
    pub(crate) fn change(&mut self, instance: &Id, change: Change) {
        let note = self.0.entry(instance.clone());
        match note.or_insert_with(|| Note::Changes(Vec::new())) {
            Note::Changes(changes) => changes.push(change),
            Note::Many | Note::Gone => {}
        }
    }

    /// Any number of users are changed.
    pub(crate) fn many(&mut self, instance: &Id) {
        self.0.insert(instance.clone(), Note::Many);
    }

    /// The instance is deleted.
    pub(crate) fn gone(&mut self, instance: &Id) {
        self.0.insert(instance.clone(), Note::Gone);
    }

    /// Adds the notes of a later transaction.
    pub(crate) fn append(&mut self, later: Self) {
        for (instance, note) in later.0 {
            match (self.0.get_mut(&instance), note) {
                (Some(Note::Changes(changes)), Note::Changes(more)) => changes.extend(more),
                (Some(Note::Many | Note::Gone), Note::Changes(_)) => {}
                (_, note) => {
                    self.0.insert(instance, note);
                }
            }
        }
    }

    /// Counts the changes in the transaction that is about to be committed.
    pub(crate) fn count(self, connection: &Connection) -> Result<Vec<Commit>> {
        let sql = COUNT_CHANGE.sql(Dialect::Sqlite)?;
        let mut commits = Vec::with_capacity(self.0.len());
        for (instance, note) in self.0 {
            let changes = match note {
                Note::Gone => {
                    commits.push(Commit::Gone(instance));
                    continue;
                }
                Note::Changes(changes) => Some(changes),
                Note::Many => None,
            };
            let rows = sqlite::query(connection, sql, &params![instance.as_str()])?;
            let Some(row) = rows.first() else {
                return Err(Error::internal("count a change of users", "no row came back"));
            };
            commits.push(Commit::Counted { instance, version: row.int(0)?, changes });
        }
        Ok(commits)
    }
}
