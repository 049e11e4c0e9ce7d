//! When too many failed attempts lock a user.

use serde::{Deserialize, Serialize};

/// When too many failed attempts lock a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserLockout {
    /// Whether locks exist at all.
    pub enabled: bool,
    /// Failed attempts until a lock, at least 5.
    pub max_attempts: u32,
    /// Null locks until someone unlocks.
    pub duration_in_minutes: Option<u32>,
}

impl Default for UserLockout {
    fn default() -> Self {
        Self { enabled: true, max_attempts: 10, duration_in_minutes: Some(60) }
    }
}

impl UserLockout {
    /// What is wrong with it, each with the name of the setting.
    pub(super) fn problems(self) -> Vec<(&'static str, &'static str)> {
        let mut problems = Vec::new();
        if !(5..=10_000).contains(&self.max_attempts) {
            problems.push(("max_attempts", "must lie between 5 and 10000"));
        }
        if self.duration_in_minutes.is_some_and(|m| !(1..=525_600).contains(&m)) {
            problems.push(("duration_in_minutes", "must lie between 1 and 525600, or be null"));
        }
        problems
    }
}
