//! Writing the metadata that organizations and memberships have.

use rollbook_domain::{Metadata, Problem};
use serde_json::{Map, Value};

use crate::{Error, Result};

/// The metadata that a caller gives.
#[derive(Debug, Clone, Default)]
pub struct GivenMetadata {
    /// `public_metadata`
    pub public: Option<Map<String, Value>>,
    /// `private_metadata`
    pub private: Option<Map<String, Value>>,
}

impl GivenMetadata {
    /// Both fields of a new resource, public first, empty where nothing was given; what cannot
    /// be is noted.
    pub(crate) fn read(self, problems: &mut Vec<Problem>) -> (Metadata, Metadata) {
        let mut field = |map: Option<Map<String, Value>>, name: &str| {
            let read = map.map(|map| Metadata::from_value(Value::Object(map), name));
            read.transpose().unwrap_or_else(|problem| {
                problems.push(problem);
                None
            })
        };
        let public = field(self.public, "public_metadata").unwrap_or_default();
        (public, field(self.private, "private_metadata").unwrap_or_default())
    }
}

/// How given metadata meet those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// By RFC 7396.
    Merge,
    /// A field given replaces the one there is.
    Replace,
}

/// The fields that a write may touch, with what the caller gave for each.
pub(crate) type Fields<'a> = [(&'a mut Metadata, &'a Option<Map<String, Value>>, &'a str)];

/// Writes each field given; nothing counts unless all of them can be.
pub(crate) fn write(
    writing: Writing,
    fields: &mut Fields<'_>,
    mut problems: Vec<Problem>,
) -> Result<()> {
    for (field, given, name) in fields {
        let Some(given) = given else { continue };
        let new = match writing {
            Writing::Merge => field.merge(given, name),
            Writing::Replace => Metadata::from_value(Value::Object(given.clone()), name),
        };
        match new {
            Ok(new) => **field = new,
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Refused(problems)) }
}
