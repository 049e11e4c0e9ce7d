//! A client that writes until its server is gone.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use rand::prelude::*;
use rand::rngs::StdRng;
use rollbook_tests::{Connection, Reply};
use serde_json::{Value, json};

use crate::KEY;
use crate::ledger::{Known, Ledger, Pending};

/// One writer and the names it gives, which nobody else gives.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) ledger: Ledger,
    name: String,
    n_names: u32,
    rng: StdRng,
}

impl Writer {
    pub(crate) fn new(name: &str, seed: u64) -> Self {
        let rng = StdRng::seed_from_u64(seed);
        Self { ledger: Ledger::default(), name: name.to_owned(), n_names: 0, rng }
    }

    /// Writes until the connection breaks or `stop` is set; an answer other
    /// than 200 fails the test.
    pub(crate) fn write(&mut self, addr: SocketAddr, stop: &AtomicBool) -> io::Result<()> {
        let mut open = Connection::open(addr, KEY)?;
        while !stop.load(Ordering::Relaxed) {
            let existing = self.ledger.users.keys().choose(&mut self.rng).cloned();
            match (self.rng.random_range(0..10), existing) {
                (0..=4, _) | (_, None) => self.create(&mut open)?,
                (5, Some(id)) => self.delete(&mut open, id)?,
                (6, Some(id)) => self.rename(&mut open, id)?,
                (7, Some(id)) => self.ban(&mut open, id)?,
                (_, Some(id)) => self.note(&mut open, id)?,
            }
        }
        Ok(())
    }

    fn create(&mut self, open: &mut Connection) -> io::Result<()> {
        let new = Known::new(&self.new_name());
        let body = new.body();
        self.ledger.pending = Some(Pending::Create(new.clone()));
        let user = done(&open.send("POST", "/v1/users", Some(&body))?);
        let id = user["id"].as_str().unwrap_or_else(|| panic!("no id: {user}"));
        self.ledger.users.insert(id.to_owned(), new);
        self.acknowledged(id.to_owned());
        Ok(())
    }

    fn delete(&mut self, open: &mut Connection, id: String) -> io::Result<()> {
        self.ledger.pending = Some(Pending::Delete { id: id.clone() });
        done(&open.send("DELETE", &format!("/v1/users/{id}"), None)?);
        let gone = self.ledger.users.remove(&id).unwrap_or_else(|| panic!("{id} is unknown"));
        self.ledger.deleted.insert(id.clone(), gone);
        self.acknowledged(id);
        Ok(())
    }

    fn rename(&mut self, open: &mut Connection, id: String) -> io::Result<()> {
        let username = self.new_name();
        let body = json!({ "username": username });
        self.change(open, id, ("PATCH", "", Some(body)), |user| user.username = username)
    }

    fn ban(&mut self, open: &mut Connection, id: String) -> io::Result<()> {
        let banned = !self.ledger.users.get(&id).is_some_and(|user| user.banned);
        let path = if banned { "/ban" } else { "/unban" };
        self.change(open, id, ("POST", path, None), |user| user.banned = banned)
    }

    fn note(&mut self, open: &mut Connection, id: String) -> io::Result<()> {
        let note: u64 = self.rng.random();
        let body = json!({ "public_metadata": { "note": note } });
        self.change(open, id, ("PATCH", "/metadata", Some(body)), |user| {
            user.metadata["note"] = json!(note);
        })
    }

    fn change(
        &mut self,
        open: &mut Connection,
        id: String,
        (method, path, body): (&str, &str, Option<Value>),
        change: impl FnOnce(&mut Known),
    ) -> io::Result<()> {
        let mut after = self.ledger.users.get(&id).cloned().unwrap_or_else(|| panic!("no {id}"));
        change(&mut after);
        self.ledger.pending = Some(Pending::Change { id: id.clone(), after: after.clone() });
        done(&open.send(method, &format!("/v1/users/{id}{path}"), body.as_ref())?);
        self.ledger.users.insert(id.clone(), after);
        self.acknowledged(id);
        Ok(())
    }

    fn acknowledged(&mut self, id: String) {
        self.ledger.pending = None;
        self.ledger.n_acknowledged += 1;
        self.ledger.touched.push(id);
    }

    fn new_name(&mut self) -> String {
        self.n_names += 1;
        format!("{}-{}", self.name, self.n_names)
    }
}

fn done(reply: &Reply) -> Value {
    reply.done()
}
