//! Who may come in.

use serde::{Deserialize, Serialize};

/// Which of the rules on newcomers are in force; all are off at first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "switches, named as the API names them")]
pub struct Restrictions {
    /// Only what the allow-list admits.
    pub allowlist: bool,
    /// Nothing that the block-list shuts out.
    pub blocklist: bool,
    /// Whether both lists are for sign-ups alone.
    pub allowlist_blocklist_disabled_on_sign_in: bool,
    /// No second user with another subaddress of the same mailbox.
    pub block_email_subaddresses: bool,
    /// No mailboxes to throw away.
    pub block_disposable_email_domains: bool,
    /// No second user with other dots in the same Gmail address.
    pub ignore_dots_for_gmail_addresses: bool,
}

impl Restrictions {
    /// Whether a newcomer is compared with the users there are.
    pub fn compares_addresses(&self) -> bool {
        self.block_email_subaddresses || self.ignore_dots_for_gmail_addresses
    }

    /// Whether any newcomer could be kept out.
    pub fn keep_anybody_out(&self) -> bool {
        self.allowlist
            || self.blocklist
            || self.block_disposable_email_domains
            || self.compares_addresses()
    }
}
