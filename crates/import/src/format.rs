//! Which system a file comes from, and how its rows become ours.

use std::borrow::Cow;
use std::sync::Arc;

use rollbook_domain::{Fields, Problem};
use rollbook_wire::Code;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::source::{FIREBASE_COLUMNS, Helps, translate};
use crate::{Content, MAX_ROW_BYTES, Row, cells};

/// The system whose names the rows use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The parameters of `POST /v1/users`.
    Rollbook,
    /// Clerk's table of its dashboard, or users as its API answers them.
    Clerk,
    /// The file that Clerk's migration tool reads.
    ClerkMigration,
    /// Auth0's exports, and the file of its own bulk import.
    Auth0,
    /// Firebase's `auth:export`.
    Firebase,
    /// Supabase's table `auth.users`.
    Supabase,
    /// Keycloak's realm export.
    Keycloak,
    /// Cognito's table of a user pool.
    Cognito,
    /// Whatever a mapping says.
    Mapped,
}

/// How the rows of a file lie in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// A JSON object a line.
    Lines,
    /// A JSON array of objects, at the top or in an object under this name.
    Array { under: Option<&'static str> },
    /// Cells between commas.
    Table { has_header: bool },
}

/// How to read one file.
#[derive(Debug, Clone)]
pub struct Shape {
    format: Format,
    syntax: Syntax,
    /// The columns of a table.
    columns: Arc<[String]>,
    helps: Arc<Helps>,
}

impl Format {
    const ALL: &[Self] = &[
        Self::Rollbook,
        Self::Clerk,
        Self::ClerkMigration,
        Self::Auth0,
        Self::Firebase,
        Self::Supabase,
        Self::Keycloak,
        Self::Cognito,
        Self::Mapped,
    ];

    /// Its name in options and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rollbook => "rollbook",
            Self::Clerk => "clerk",
            Self::ClerkMigration => "clerk-migration",
            Self::Auth0 => "auth0",
            Self::Firebase => "firebase",
            Self::Supabase => "supabase",
            Self::Keycloak => "keycloak",
            Self::Cognito => "cognito",
            Self::Mapped => "mapped",
        }
    }

    /// The format that goes by this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }
}

impl Shape {
    pub(crate) fn json(format: Format, syntax: Syntax) -> Self {
        Self { format, syntax, columns: Arc::new([]), helps: Arc::default() }
    }

    pub(crate) fn table(format: Format, columns: Vec<String>) -> Self {
        let columns = columns.into();
        Self { format, syntax: Syntax::Table { has_header: true }, columns, helps: Arc::default() }
    }

    /// Firebase's, the only one whose columns nobody names.
    pub(crate) fn table_without_header() -> Self {
        let columns = FIREBASE_COLUMNS.iter().map(ToString::to_string).collect();
        let syntax = Syntax::Table { has_header: false };
        Self { format: Format::Firebase, syntax, columns, helps: Arc::default() }
    }

    /// The same with what cannot be read off the rows.
    #[must_use]
    pub fn with(self, helps: Helps) -> Self {
        Self { helps: Arc::new(helps), ..self }
    }

    /// What was said that cannot be read off the rows.
    pub fn helps(&self) -> &Helps {
        &self.helps
    }

    /// The system it comes from.
    pub fn format(&self) -> Format {
        self.format
    }

    pub(crate) fn syntax(&self) -> Syntax {
        self.syntax
    }

    pub(crate) fn is_table(&self) -> bool {
        matches!(self.syntax, Syntax::Table { .. })
    }

    /// What a row says, under the names of `POST /v1/users` and a few more.
    pub fn fields(&self, row: &Row) -> Result<Fields, Problem> {
        if let (Format::Rollbook, Content::Json(text)) = (self.format, &row.content) {
            return parse(text);
        }
        let mut members = self.members(&row.content)?;
        for (name, value) in &row.also {
            if members.get(name).is_none_or(Value::is_null) {
                members.insert(name.clone(), value.clone());
            }
        }
        translate(self.format, members, &self.helps).map(Fields::from)
    }

    /// The member `id`, as far as it can be told.
    pub(crate) fn id<'r>(&self, row: &'r Row) -> Option<Cow<'r, str>> {
        #[derive(Deserialize)]
        struct OnlyId<'r> {
            #[serde(borrow)]
            id: Cow<'r, str>,
        }
        match &row.content {
            Content::Json(text) => {
                serde_json::from_slice(text).ok().map(|only: OnlyId<'r>| only.id)
            }
            Content::Cells(cells) => {
                let place = self.columns.iter().position(|name| name == "id")?;
                std::str::from_utf8(cells.get(place)?).ok().map(Cow::Borrowed)
            }
            Content::TooLong => None,
        }
    }

    /// What a row says, under the names of its system.
    pub(crate) fn members(&self, content: &Content) -> Result<Map<String, Value>, Problem> {
        match content {
            Content::Json(text) => parse(text)?.into_members().map_err(|mut problems| {
                problems.pop().unwrap_or_else(|| {
                    Problem::new(Code::RequestBodyInvalid, "The row repeats a name.")
                })
            }),
            Content::Cells(cells) => self.cells(cells),
            Content::TooLong => {
                let text = format!("The row must not be larger than {MAX_ROW_BYTES} bytes.");
                Err(Problem::new(Code::RequestBodyTooLarge, text))
            }
        }
    }

    fn cells(&self, record: &csv::ByteRecord) -> Result<Map<String, Value>, Problem> {
        let refuse = |why: String| Err(Problem::new(Code::RequestBodyInvalid, why));
        let (given, named) = (record.len(), self.columns.len());
        // Without a header the last columns may be missing.
        let fits = if self.syntax == (Syntax::Table { has_header: false }) {
            given <= named
        } else {
            given == named
        };
        if !fits {
            return refuse(format!(
                "The row has {given} cells where the table has {named} columns."
            ));
        }
        let mut members = Map::new();
        for (name, cell) in self.columns.iter().zip(record) {
            let Ok(text) = std::str::from_utf8(cell) else {
                return refuse("The row must be text in UTF-8.".to_owned());
            };
            if !text.is_empty() {
                let value = match self.format {
                    Format::Rollbook => cells::value(name, text),
                    _ => Value::from(text),
                };
                if members.insert(name.clone(), value).is_some() {
                    return refuse(format!("The table has two columns {name}."));
                }
            }
        }
        Ok(members)
    }
}

fn parse(text: &[u8]) -> Result<Fields, Problem> {
    let invalid = "The row must be a valid JSON object.";
    Fields::parse(text).map_err(|_| Problem::new(Code::RequestBodyInvalid, invalid))
}
