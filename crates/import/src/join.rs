//! Users of whom two files speak, as one row: Clerk's table has digests, its API the rest.

use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::{Format, Place, ReadError, Row, Rows, Shape};

/// As much of a digest of an id as no two users share.
type Key = [u8; 16];

/// What tables say of users whom files of the API have, too, found by their ids.
///
/// The files are read once beforehand. Held are 32 bytes for each user of a table, and
/// 16 for each of the API's.
pub struct Join<R> {
    tables: Vec<Indexed<R>>,
    /// Whom the API's files have, in order.
    of_api: Vec<Key>,
}

struct Indexed<R> {
    reader: R,
    shape: Arc<Shape>,
    rows: Vec<Found>,
}

/// Where a user of a table stands.
struct Found {
    key: Key,
    start: u64,
    n_bytes: u32,
}

impl<R: Read + Seek> Join<R> {
    /// Whether there is something to be joined: a table of Clerk's and a file of its API.
    pub fn is_due<'a>(shapes: impl Iterator<Item = &'a Shape> + Clone) -> bool {
        let of_clerk = shapes.filter(|shape| shape.format() == Format::Clerk);
        of_clerk.clone().any(Shape::is_table) && of_clerk.clone().any(|shape| !shape.is_table())
    }

    /// Reads files from their start, once.
    pub fn of(files: impl Iterator<Item = (R, Arc<Shape>)>) -> Result<Self, ReadError> {
        let mut join = Self { tables: Vec::new(), of_api: Vec::new() };
        for (mut reader, shape) in files.filter(|(_, shape)| shape.format() == Format::Clerk) {
            let found = index(&mut reader, &shape)?;
            if shape.is_table() {
                join.tables.push(Indexed { reader, shape, rows: found });
            } else {
                join.of_api.extend(found.iter().map(|one| one.key));
            }
        }
        join.of_api.sort_unstable();
        Ok(join)
    }

    /// The row with what a table says of its user; none if it is a table's and the API has
    /// the user, too.
    pub fn look(&mut self, shape: &Shape, mut row: Row) -> Result<Option<Row>, ReadError> {
        if shape.format() != Format::Clerk {
            return Ok(Some(row));
        }
        let Some(key) = key(shape, &row) else { return Ok(Some(row)) };
        if shape.is_table() {
            let is_of_api = self.of_api.binary_search(&key).is_ok();
            return Ok((!is_of_api).then_some(row));
        }
        for table in &mut self.tables {
            if let Some(other) = table.find(&key)? {
                // What is wrong with a row of a table leaves the API's as it is.
                row.also = table.shape.members(&other.content).unwrap_or_default();
                break;
            }
        }
        Ok(Some(row))
    }
}

impl<R: Read + Seek> Indexed<R> {
    fn find(&mut self, key: &Key) -> Result<Option<Row>, ReadError> {
        let found = self.rows.binary_search_by(|one| one.key.cmp(key));
        let Some(found) = found.ok().and_then(|n| self.rows.get(n)) else { return Ok(None) };
        self.reader.seek(SeekFrom::Start(found.start))?;
        let mut text = Vec::new();
        (&mut self.reader).take(found.n_bytes.into()).read_to_end(&mut text)?;
        let at = Place { offset: found.start, line: 0 };
        Rows::new(text.as_slice(), &self.shape, at).read()
    }
}

fn index<R: Read>(reader: &mut R, shape: &Shape) -> Result<Vec<Found>, ReadError> {
    let mut rows = Rows::new(reader, shape, Place::default());
    let mut found = Vec::new();
    loop {
        let start = rows.place().offset;
        let Some(row) = rows.read()? else { break };
        // From behind the row before, where reading can go on.
        let n_bytes = u32::try_from(rows.place().offset - start);
        if let (Some(key), Ok(n_bytes)) = (key(shape, &row), n_bytes) {
            found.push(Found { key, start, n_bytes });
        }
    }
    found.sort_unstable_by_key(|one| (one.key, one.start));
    Ok(found)
}

fn key(shape: &Shape, row: &Row) -> Option<Key> {
    let id = shape.id(row)?;
    Sha256::digest(id.as_bytes()).first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use serde_json::{Value, json};

    use super::*;
    use crate::Batches;

    const TABLE: &str = "id,first_name,primary_email_address,password_digest,password_hasher\n\
        user_1,Ada,a@x.example,$2b$1,bcrypt\n\
        user_2,,b@x.example,$2b$2,bcrypt\n\
        user_3,\"C\nD\",c@x.example,,\n";

    const API: &str = r#"[{"id":"user_4","email_addresses":[],"username":"four"},
        {"id":"user_3","email_addresses":[],"first_name":"Cy","external_id":"e3"},
        {"id":"user_1","email_addresses":[],"first_name":null,"public_metadata":{"a":1}}]"#;

    /// File, line and members of each row.
    fn joined(files: &[&str]) -> Vec<(u32, u64, Value)> {
        let shape = |text: &&str| Arc::new(Shape::recognise(text.as_bytes(), None).unwrap());
        let sources: Vec<_> = files.iter().map(|text| (Cursor::new(*text), shape(text))).collect();
        assert!(Join::<Cursor<&str>>::is_due(sources.iter().map(|(_, shape)| &**shape)));
        let mut join = Join::of(sources.clone().into_iter()).unwrap();
        let mut found = Vec::new();
        for (file, (reader, shape)) in (0..).zip(sources) {
            let mut batches = Batches::new(reader, shape, file, Place::default());
            while let Some(batch) = batches.read_with(|shape, row| join.look(shape, row)).unwrap() {
                found.extend(batch.rows.iter().map(|row| {
                    let fields = batch.shape.fields(row).unwrap();
                    (file, row.line, Value::Object(fields.into_members().unwrap()))
                }));
            }
        }
        found
    }

    #[test]
    fn each_user_comes_once_with_what_either_file_says() {
        let ada = json!({
            "id": "user_1", "first_name": "Ada", "password_digest": "$2b$1",
            "password_hasher": "bcrypt", "public_metadata": { "a": 1 },
            "email_address_identification_status": ["verified"], "email_address": ["a@x.example"],
        });
        let only_in_table = json!({
            "id": "user_2", "password_digest": "$2b$2", "password_hasher": "bcrypt",
            "email_address_identification_status": ["verified"], "email_address": ["b@x.example"],
        });
        let cy = json!({
            "id": "user_3", "first_name": "Cy", "external_id": "e3",
            "email_address_identification_status": ["verified"], "email_address": ["c@x.example"],
        });
        let only_in_api = json!({ "id": "user_4", "username": "four" });
        let (two, four) = ((3, only_in_table), (1, only_in_api));
        let expected = |table: u32, api: u32| {
            let of_api = [&four, &(2, cy.clone()), &(3, ada.clone())];
            let of_api = of_api.map(|(line, row)| (api, *line, row.clone()));
            let mut all: Vec<_> =
                of_api.into_iter().chain([(table, two.0, two.1.clone())]).collect();
            all.sort_by_key(|(file, line, _)| (*file, *line));
            all
        };
        assert_eq!(joined(&[TABLE, API]), expected(0, 1));
        assert_eq!(joined(&[API, TABLE]), expected(1, 0));
    }

    #[test]
    fn one_kind_alone_is_not_joined() {
        let table = Shape::recognise(TABLE.as_bytes(), None).unwrap();
        let api = Shape::recognise(API.as_bytes(), None).unwrap();
        let is_due = |shapes: &[&Shape]| Join::<Cursor<&str>>::is_due(shapes.iter().copied());
        assert!(!is_due(&[&table]) && !is_due(&[&api, &api]) && is_due(&[&api, &table]));
    }
}
