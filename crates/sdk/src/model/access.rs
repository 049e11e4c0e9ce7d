//! Who may sign up, and where applications may send people.

use super::{Metadata, model};
use crate::{AllowlistIdentifierId, BlocklistIdentifierId, DomainId, JwtTemplateId, RedirectUrlId};

model! {
    /// An identifier, or a pattern of them, that may sign up.
    AllowlistIdentifier {
        /// `alid_…`
        id: AllowlistIdentifierId,
        /// An address, a number, a wallet, or a pattern such as `*@example.com`.
        identifier: String,
    } optional {
        /// `email_address`, `phone_number` or `web3_wallet`.
        identifier_type: String,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// An identifier, or a pattern of them, that may not sign up.
    BlocklistIdentifier {
        /// `blid_…`
        id: BlocklistIdentifierId,
        /// An address, a number, a wallet, or a pattern such as `*@example.com`.
        identifier: String,
    } optional {
        /// `email_address`, `phone_number` or `web3_wallet`.
        identifier_type: String,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// A URL that native applications may be sent back to.
    RedirectUrl {
        /// `ru_…`
        id: RedirectUrlId,
        /// The URL.
        url: String,
    } optional {
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}

model! {
    /// A domain that the instance answers on.
    Domain {
        /// `dmn_…`
        id: DomainId,
        /// Its name.
        name: String,
    } optional {
        /// Whether it is a satellite of another.
        is_satellite: bool,
        /// Where the browser's API answers.
        frontend_api_url: String,
        /// Where hosted pages are.
        accounts_portal_url: Option<String>,
        /// Of a proxy, if there is one.
        proxy_url: Option<String>,
        /// Where a development instance's application runs.
        development_origin: String,
        /// The DNS records it needs.
        cname_targets: Vec<CnameTarget>,
    }
}

model! {
    /// A DNS record that a domain needs.
    CnameTarget {
        /// Its name.
        host: String,
        /// What it points at.
        value: String,
    } optional {
        /// Whether the domain does not work without it.
        required: bool,
    }
}

model! {
    /// What tokens of a kind claim.
    JwtTemplate {
        /// `jtmp_…`
        id: JwtTemplateId,
        /// What sessions ask for it by.
        name: String,
    } optional {
        /// The claims, with shortcodes such as `{{user.id}}` in texts.
        claims: Metadata,
        /// Of a token, in seconds.
        lifetime: i64,
        /// In seconds.
        allowed_clock_skew: i64,
        /// Whether tokens are signed with a key of the template's own.
        custom_signing_key: bool,
        /// Such as `RS256`.
        signing_algorithm: String,
        /// Milliseconds.
        created_at: i64,
        /// Milliseconds.
        updated_at: i64,
    }
}
