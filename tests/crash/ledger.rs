//! What a client was told, held against what the server says later.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;

use rollbook_tests::Connection;
use serde_json::{Value, json};

use crate::KEY;

/// A user as the last acknowledged write left it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Known {
    pub(crate) email: String,
    pub(crate) username: String,
    pub(crate) metadata: Value,
    pub(crate) banned: bool,
}

impl Known {
    /// A user whose values are all made from `name`, which is used once.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            email: format!("{name}@example.com"),
            username: name.to_owned(),
            metadata: json!({ "name": name }),
            banned: false,
        }
    }

    /// The body that creates it.
    pub(crate) fn body(&self) -> Value {
        json!({
            "email_address": [self.email],
            "username": self.username,
            "external_id": self.external_id(),
            "public_metadata": self.metadata,
            "skip_password_requirement": true,
        })
    }

    fn external_id(&self) -> String {
        format!("ext-{}", self.email)
    }

    fn read(user: &Value) -> Self {
        let text = |at: &str| user.pointer(at).and_then(Value::as_str).unwrap_or("").to_owned();
        let known = Self {
            email: text("/email_addresses/0/email_address"),
            username: text("/username"),
            metadata: user["public_metadata"].clone(),
            banned: user["banned"] == true,
        };
        assert_eq!(user["external_id"], known.external_id(), "half a user: {user}");
        known
    }
}

/// A write that may have happened.
#[derive(Debug)]
pub(crate) enum Pending {
    Create(Known),
    Change { id: String, after: Known },
    Delete { id: String },
}

/// What one writer knows; it alone writes to its users.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) users: BTreeMap<String, Known>,
    pub(crate) deleted: BTreeMap<String, Known>,
    pub(crate) pending: Option<Pending>,
    pub(crate) n_acknowledged: u64,
    /// Users touched since the last check.
    pub(crate) touched: Vec<String>,
}

impl Ledger {
    /// Holds what the server says against all that was acknowledged about the
    /// users touched since the last check, and settles the write that was not.
    pub(crate) fn check(&mut self, addr: SocketAddr) {
        let mut open = Connection::open(addr, KEY).expect("a connection");
        let open = &mut open;
        self.settle(open).expect("an answer");
        self.touched.sort_unstable();
        self.touched.dedup();
        for id in std::mem::take(&mut self.touched) {
            self.check_one(open, &id).expect("an answer");
        }
    }

    /// The same for every user there ever was.
    pub(crate) fn check_all(&mut self, addr: SocketAddr) {
        self.touched = self.users.keys().chain(self.deleted.keys()).cloned().collect();
        self.check(addr);
    }

    fn check_one(&self, open: &mut Connection, id: &str) -> io::Result<()> {
        if let Some(known) = self.users.get(id) {
            assert_eq!(read(open, id)?.as_ref(), Some(known), "{id} is not as acknowledged");
            return is_found(open, known, Some(id));
        }
        assert_eq!(read(open, id)?, None, "{id} is back");
        self.deleted.get(id).map_or(Ok(()), |gone| is_found(open, gone, None))
    }

    /// Finds out whether the pending write happened: wholly or not at all.
    fn settle(&mut self, open: &mut Connection) -> io::Result<()> {
        match self.pending.take() {
            None => {}
            Some(Pending::Create(new)) => self.settle_create(open, new)?,
            Some(Pending::Change { id, after }) => {
                let before = self.users.get(&id).expect("a user of this writer").clone();
                let now = read(open, &id)?.expect("a change deletes nobody");
                assert!(now == before || now == after, "half a change: {now:?}, not {after:?}");
                if before.username != after.username {
                    let gone = if now == before { &after } else { &before };
                    is_free(open, "username", &gone.username)?;
                }
                self.users.insert(id.clone(), now);
                self.touched.push(id);
            }
            Some(Pending::Delete { id }) => {
                if read(open, &id)?.is_none() {
                    let gone = self.users.remove(&id).expect("a user of this writer");
                    self.deleted.insert(id.clone(), gone);
                }
                self.touched.push(id);
            }
        }
        Ok(())
    }

    fn settle_create(&mut self, open: &mut Connection, new: Known) -> io::Result<()> {
        let found = find(open, "email_address", &new.email)?;
        let retry = open.send("POST", "/v1/users", Some(&new.body()))?;
        let id = if let [id] = found.as_slice() {
            assert_eq!(retry.code(), "form_identifier_exists");
            id.clone()
        } else {
            assert!(found.is_empty(), "{found:?}");
            // Every identifier is free again, so that a retry succeeds.
            retry.done()["id"].as_str().expect("an id").to_owned()
        };
        self.users.insert(id.clone(), new);
        self.touched.push(id);
        Ok(())
    }
}

fn read(open: &mut Connection, id: &str) -> io::Result<Option<Known>> {
    let reply = open.send("GET", &format!("/v1/users/{id}"), None)?;
    if reply.status == 404 {
        return Ok(None);
    }
    Ok(Some(Known::read(&reply.done())))
}

/// Every index leads to this user, or to nobody.
fn is_found(open: &mut Connection, known: &Known, id: Option<&str>) -> io::Result<()> {
    let expected: Vec<String> = id.into_iter().map(ToOwned::to_owned).collect();
    assert_eq!(find(open, "email_address", &known.email)?, expected, "{known:?}");
    assert_eq!(find(open, "external_id", &known.external_id())?, expected, "{known:?}");
    assert_eq!(find(open, "username", &known.username)?, expected, "{known:?}");
    assert_eq!(find(open, "query", &known.email)?, expected, "{known:?}");
    Ok(())
}

fn is_free(open: &mut Connection, name: &str, value: &str) -> io::Result<()> {
    assert_eq!(find(open, name, value)?, Vec::<String>::new(), "{name} {value} is not free");
    Ok(())
}

fn find(open: &mut Connection, name: &str, value: &str) -> io::Result<Vec<String>> {
    let page = open.send("GET", &format!("/v1/users?{name}={value}"), None)?.done();
    let users = page.as_array().expect("an array").iter();
    Ok(users.map(|user| user["id"].as_str().unwrap_or("").to_owned()).collect())
}
