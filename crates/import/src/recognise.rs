//! Which format a file has, by its first bytes.

use std::fmt;

use serde_json::{Map, Value};

use crate::array::Array;
use crate::format::Syntax;
use crate::{Content, Format, Place, Shape, cells, table};

/// The member under which Firebase and Keycloak have their users.
const USERS: &str = "users";

/// The start of a file is like nothing that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unrecognised;

impl fmt::Display for Unrecognised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is neither JSON Lines, nor a JSON array, nor a table with known columns")
    }
}

impl std::error::Error for Unrecognised {}

impl Shape {
    /// What the first bytes of a file say; `head` should have 64 KiB if there are so many.
    ///
    /// `format` is believed; only how the rows lie in the file is found out then.
    pub fn recognise(head: &[u8], format: Option<Format>) -> Result<Self, Unrecognised> {
        let text = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head).trim_ascii_start();
        match text.first() {
            Some(b'[') => Ok(array(head, None, format)),
            Some(b'{') => Ok(object(text, head, format)),
            Some(_) => of_table(head, format),
            None => Ok(Self::json(format.unwrap_or(Format::Rollbook), Syntax::Lines)),
        }
    }
}

/// JSON Lines, or one object that holds the users.
fn object(text: &[u8], head: &[u8], format: Option<Format>) -> Shape {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first: Option<Map<String, Value>> = serde_json::from_slice(line).ok();
    match first {
        Some(first) if !first.get(USERS).is_some_and(Value::is_array) => {
            let format = format.unwrap_or_else(|| classify(|name| first.contains_key(name)));
            Shape::json(format, Syntax::Lines)
        }
        // No line of a row of ours has so much that it does not fit, or breaks within.
        _ => match (first_of(head, Some(USERS)), format) {
            (None, None | Some(Format::Rollbook)) => Shape::json(Format::Rollbook, Syntax::Lines),
            _ => array(head, Some(USERS), format),
        },
    }
}

fn array(head: &[u8], under: Option<&'static str>, format: Option<Format>) -> Shape {
    let format = format.unwrap_or_else(|| {
        let first = first_of(head, under).unwrap_or_default();
        classify(|name| first.contains_key(name))
    });
    Shape::json(format, Syntax::Array { under })
}

fn first_of(head: &[u8], under: Option<&'static str>) -> Option<Map<String, Value>> {
    match Array::new(head, Place::default(), under).read().ok()??.content {
        Content::Json(text) => serde_json::from_slice(&text).ok(),
        Content::Cells(_) | Content::TooLong => None,
    }
}

fn of_table(head: &[u8], format: Option<Format>) -> Result<Shape, Unrecognised> {
    let columns = table::header(head);
    let is_on = |cell: Option<&String>| cell.is_some_and(|cell| cells::switch(cell).is_some());
    let is_firebase = columns.len() > 20 && is_on(columns.get(2));
    if is_firebase && matches!(format, None | Some(Format::Firebase)) {
        return Ok(Shape::table_without_header());
    }
    let known = classify(|name| columns.iter().any(|column| column == name));
    match format {
        Some(format) => Ok(Shape::table(format, columns)),
        None if known != Format::Rollbook => Ok(Shape::table(known, columns)),
        None if columns.iter().any(|name| cells::is_known(name)) => {
            Ok(Shape::table(Format::Rollbook, columns))
        }
        None => Err(Unrecognised),
    }
}

/// By names that no other system has.
fn classify(has: impl Fn(&str) -> bool) -> Format {
    let any = |names: &[&str]| names.iter().any(|name| has(name));
    if any(&["localId"]) {
        Format::Firebase
    } else if any(&["encrypted_password", "raw_user_meta_data", "raw_app_meta_data"]) {
        Format::Supabase
    } else if any(&["cognito:username"]) {
        Format::Cognito
    } else if any(&["userId"]) {
        Format::ClerkMigration
    } else if any(&["_id", "user_id", "passwordHash", "custom_password_hash", "connection"]) {
        Format::Auth0
    } else if any(&["createdTimestamp", "credentials", "emailVerified"]) {
        Format::Keycloak
    } else if any(&["primary_email_address", "verified_email_addresses", "email_addresses"]) {
        Format::Clerk
    } else {
        Format::Rollbook
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(text: &str) -> (Format, Syntax) {
        let shape = Shape::recognise(text.as_bytes(), None).expect(text);
        (shape.format(), shape.syntax())
    }

    #[test]
    fn formats_are_told_by_their_names_and_syntaxes_by_their_brackets() {
        let array = Syntax::Array { under: None };
        let users = Syntax::Array { under: Some("users") };
        let header = Syntax::Table { has_header: true };
        for (text, expected) in [
            ("", (Format::Rollbook, Syntax::Lines)),
            ("{\"username\":\"a\"}\n{}", (Format::Rollbook, Syntax::Lines)),
            ("\u{feff} [\n{\"username\":\"a\"}]", (Format::Rollbook, array)),
            ("{\"cut\": \"in the mid", (Format::Rollbook, Syntax::Lines)),
            ("username,email_address\n", (Format::Rollbook, header)),
            ("id,first_name,primary_email_address,password_digest\n", (Format::Clerk, header)),
            ("[{\"id\":\"user_1\",\"email_addresses\":[]}]", (Format::Clerk, array)),
            ("[{\"userId\":\"1\",\"email\":\"a\"}]", (Format::ClerkMigration, array)),
            ("{\"_id\":{\"$oid\":\"1\"},\"email\":\"a\"}\n", (Format::Auth0, Syntax::Lines)),
            ("[{\"user_id\":\"auth0|1\"}]", (Format::Auth0, array)),
            ("{\"users\": [\n{\"localId\": \"1\"},", (Format::Firebase, users)),
            ("{\"users\":[{\"localId\":\"1\"}]}", (Format::Firebase, users)),
            (
                "a1,a@x.example,true,h=,s=,,,,,,,,,,,,,,,,,,,1,2,,,,\n",
                (Format::Firebase, Syntax::Table { has_header: false }),
            ),
            (
                "{\n \"realm\": \"x\",\n \"users\" : [ {\"username\":\"a\",\"credentials\":[]}",
                (Format::Keycloak, users),
            ),
            ("id,email,encrypted_password\n", (Format::Supabase, header)),
            ("cognito:username,email\n", (Format::Cognito, header)),
        ] {
            assert_eq!(recognised(text), expected, "{text}");
        }
        assert_eq!(Shape::recognise(b"Dear users,\n", None).err(), Some(Unrecognised));
    }

    #[test]
    fn a_named_format_is_believed() {
        let realm = b"{\n \"realm\": \"x\", \"clients\": [1,";
        let shape = Shape::recognise(realm, Some(Format::Keycloak)).unwrap();
        assert_eq!(shape.syntax(), Syntax::Array { under: Some("users") });
        let shape = Shape::recognise(b"a,b\n", Some(Format::Cognito)).unwrap();
        assert_eq!(shape.format(), Format::Cognito);
    }
}
