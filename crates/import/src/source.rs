//! Rows of other systems as rows of ours, one file per system.

mod auth0;
mod clerk;
mod cognito;
mod digest;
mod draft;
mod firebase;
mod keycloak;
mod mapping;
mod migration;
mod supabase;
mod value;

use rollbook_domain::Problem;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

pub(crate) use self::firebase::COLUMNS as FIREBASE_COLUMNS;
pub use self::firebase::HashConfig;
pub use self::mapping::{InvalidMapping, Mapping};
use self::value::Source;
use crate::Format;

/// What cannot be read off the rows themselves.
#[derive(Debug, Clone, Default)]
pub struct Helps {
    /// What Firebase's digests were made by.
    pub hash_config: Option<HashConfig>,
    /// Which names are which parameters, for systems that are not known.
    pub mapping: Option<Mapping>,
}

impl Helps {
    /// SHA-256 over all of it, off which no secret is read.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(format!("{:?}", self.mapping));
        if let Some(config) = &self.hash_config {
            digest.update(config.digest("", ""));
        }
        digest.finalize().into()
    }
}

/// What was said of a user under the names of `format`, under ours.
pub(crate) fn translate(
    format: Format,
    members: Map<String, Value>,
    helps: &Helps,
) -> Result<Map<String, Value>, Problem> {
    let source = Source::new(members);
    match format {
        Format::Rollbook => Ok(source.into_members()),
        Format::Clerk => Ok(clerk::user(&source)),
        Format::ClerkMigration => Ok(migration::user(&source)),
        Format::Auth0 => auth0::user(&source),
        Format::Firebase => firebase::user(&source, helps.hash_config.as_ref()),
        Format::Supabase => supabase::user(&source),
        Format::Keycloak => keycloak::user(&source),
        Format::Cognito => Ok(cognito::user(&source)),
        Format::Mapped => match &helps.mapping {
            Some(mapping) => Ok(mapping::user(&source, mapping)),
            None => Ok(source.into_members()),
        },
    }
}

#[cfg(test)]
mod tests;
