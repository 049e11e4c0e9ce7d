//! What an operator lets pass in an import.

/// Switches for every row, as those of a creation are for one user.
///
/// They are part of what tells one import from another: the same file with other options
/// is another import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// A user needs no password, whatever the instance requires.
    pub skip_password_requirement: bool,
    /// A user needs none of the identifiers that the instance requires.
    pub skip_user_requirement: bool,
    /// A user need not have accepted the legal terms.
    pub skip_legal_checks: bool,
    /// Plain passwords may be weak or breached.
    pub skip_password_checks: bool,
    /// Allow-list, block-list and rules for addresses keep nobody out.
    pub skip_restrictions: bool,
    /// Each user has its `user.created`; otherwise webhooks hear nothing of an import.
    pub events: bool,
}

impl ImportOptions {
    /// The switches that are on, for the digest of a source.
    pub fn names(self) -> String {
        let all = [
            ("skip_password_requirement", self.skip_password_requirement),
            ("skip_user_requirement", self.skip_user_requirement),
            ("skip_legal_checks", self.skip_legal_checks),
            ("skip_password_checks", self.skip_password_checks),
            ("skip_restrictions", self.skip_restrictions),
            ("events", self.events),
        ];
        let on: Vec<_> = all.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
        on.join(" ")
    }
}
