//! A bulk import of users: how far it has come, and what it refused.

use rollbook_wire::Id;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Problem;

/// An import as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// `imp_…`
    pub id: Id,
    /// What is imported and how, as a digest; the same again goes on where this one ended.
    pub source: String,
    /// What has become of it.
    pub status: ImportStatus,
    /// The format of the rows.
    pub format: String,
    /// Up to where all rows are in or refused.
    #[serde(default)]
    pub position: ImportPosition,
    /// Users created.
    #[serde(default)]
    pub accepted: i64,
    /// Rows refused.
    #[serde(default)]
    pub refused: i64,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}

/// A place between two rows of a source.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPosition {
    /// Which file, from 0.
    pub file: u32,
    /// Bytes of the file before it.
    pub offset: u64,
    /// The line of the file that it is in, from 0.
    pub line: u64,
}

/// What has become of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// Rows are still to come, be it that whoever brought them was interrupted.
    Running,
    /// Every row is in or refused.
    Completed,
    /// Somebody did not want the rest.
    Cancelled,
    /// The rest cannot be read, or could not be written.
    Failed,
}

impl ImportStatus {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// A row that did not become a user; it never quotes secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRefusal {
    /// Which file of the import, from 0.
    #[serde(default)]
    pub file: u32,
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// All that is wrong with it, as the API spells problems.
    pub errors: Vec<ImportError>,
}

/// One thing that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportError {
    /// What programs branch on.
    pub code: String,
    /// For people.
    pub message: String,
    /// A sentence.
    pub long_message: String,
    /// `param_name` above all.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub meta: Map<String, Value>,
}

impl From<Problem> for ImportError {
    fn from(problem: Problem) -> Self {
        Self {
            code: problem.code.as_str().to_owned(),
            message: problem.code.message().to_owned(),
            long_message: problem.long_message,
            meta: problem.meta,
        }
    }
}
