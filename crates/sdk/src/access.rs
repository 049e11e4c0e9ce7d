//! Who may sign up, where people may be sent, and on which domains.

use crate::operations::operations;
use crate::params::{body, params};
use crate::{
    AllowlistIdentifier, AllowlistIdentifierId, BlocklistIdentifier, BlocklistIdentifierId,
    DeletedObject, Domain, Paginated, Paging, RedirectUrl, RedirectUrlId,
};

operations! {
    /// The operations on identifiers that may sign up.
    AllowlistIdentifiers as allowlist_identifiers;

    /// Lists identifiers, newest first.
    list(): GET / "allowlist_identifiers" (Paging) => Vec<AllowlistIdentifier>;

    /// Adds an identifier; `identifier` must be set.
    create(): POST / "allowlist_identifiers" (CreateAllowlistIdentifier) => AllowlistIdentifier;

    /// Takes an identifier from the list.
    delete(identifier_id: AllowlistIdentifierId):
        DELETE / "allowlist_identifiers" / identifier_id => DeletedObject;
}

operations! {
    /// The operations on identifiers that may not sign up.
    BlocklistIdentifiers as blocklist_identifiers;

    /// Lists all identifiers, newest first.
    list(): GET / "blocklist_identifiers" => Paginated<BlocklistIdentifier>;

    /// Adds an identifier: an address, a number, a wallet, or a pattern such as `*@example.com`.
    create(identifier: String):
        POST / "blocklist_identifiers" (CreateBlocklistIdentifier { identifier })
        => BlocklistIdentifier;

    /// Takes an identifier from the list.
    delete(identifier_id: BlocklistIdentifierId):
        DELETE / "blocklist_identifiers" / identifier_id => DeletedObject;
}

operations! {
    /// The operations on URLs that native applications may be sent back to.
    RedirectUrls as redirect_urls;

    /// Lists URLs, newest first.
    list(): GET / "redirect_urls" (Paging) => Vec<RedirectUrl>;

    /// Adds a URL.
    create(url: String): POST / "redirect_urls" (CreateRedirectUrl { url }) => RedirectUrl;

    /// Reads one URL.
    get(id: RedirectUrlId): GET / "redirect_urls" / id => RedirectUrl;

    /// Takes a URL from the list.
    delete(id: RedirectUrlId): DELETE / "redirect_urls" / id => DeletedObject;
}

operations! {
    /// The operations on the instance's domains.
    Domains as domains;

    /// Lists all domains.
    list(): GET / "domains" => Paginated<Domain>;
}

params! {
    /// What [`create`](AllowlistIdentifiers::create) takes.
    CreateAllowlistIdentifier in json;
    /// An address, a number, a wallet, or a pattern such as `*@example.com`.
    identifier: text,
    /// Whether who it names is told by mail.
    notify: flag,
}

body! {
    /// What [`create`](BlocklistIdentifiers::create) takes.
    CreateBlocklistIdentifier {
        /// An address, a number, a wallet, or a pattern such as `*@example.com`.
        identifier: String,
    }
}

body! {
    /// What [`create`](RedirectUrls::create) takes.
    CreateRedirectUrl {
        /// The URL.
        url: String,
    }
}
