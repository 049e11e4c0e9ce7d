//! The unit of tenancy: one server holds many, and none sees another.

use rollbook_wire::Id;
use serde::{Deserialize, Serialize};

use crate::{Environment, Settings};

/// An instance as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// `ins_…`
    pub id: Id,
    /// For people.
    #[serde(default)]
    pub name: String,
    /// Development or production.
    #[serde(default)]
    pub environment: Environment,
    /// What it allows and requires.
    #[serde(default)]
    pub settings: Settings,
    /// Creation.
    pub created_at: i64,
    /// Last change.
    pub updated_at: i64,
}
