//! The instance that the key belongs to, and its settings.

use super::model;
use crate::InstanceId;

model! {
    /// The instance.
    Instance {
        /// `ins_…`
        id: InstanceId,
    } optional {
        /// `development` or `production`.
        environment_type: String,
        /// Where browsers may call from.
        allowed_origins: Vec<String>,
    }
}

model! {
    /// Who may sign up.
    InstanceRestrictions {
        /// Only who is on the allow-list.
        allowlist: bool,
        /// Not who is on the block-list.
        blocklist: bool,
    } optional {
        /// Whether the lists count for signing up alone.
        allowlist_blocklist_disabled_on_sign_in: bool,
        /// No addresses with `+`.
        block_email_subaddresses: bool,
        /// No addresses of domains for throwing away.
        block_disposable_email_domains: bool,
        /// Whether dots in Gmail addresses make no difference.
        ignore_dots_for_gmail_addresses: bool,
    }
}

model! {
    /// What organizations of the instance may be.
    InstanceOrganizationSettings {
        /// Whether there are organizations.
        enabled: bool,
    } optional {
        /// Of each new organization; 0 is unlimited.
        max_allowed_memberships: i64,
        /// How many roles there may be.
        max_allowed_roles: i64,
        /// How many permissions there may be.
        max_allowed_permissions: i64,
        /// How many domains an organization may have.
        max_allowed_domains: i64,
        /// The role of whoever creates an organization.
        creator_role: String,
        /// Whether administrators may delete their organization.
        admin_delete_enabled: bool,
        /// Whether organizations may have domains.
        domains_enabled: bool,
        /// Whether organizations have no slugs.
        slug_disabled: bool,
        /// How somebody of a domain comes in.
        domains_enrollment_modes: Vec<String>,
        /// The role of whoever comes in by a domain.
        domains_default_role: Option<String>,
    }
}

model! {
    /// What the instance does against abuse.
    InstanceProtect {
        /// Whether rules are applied.
        rules_enabled: bool,
    } optional {
        /// Whether Clerk's detection is applied.
        specter_enabled: bool,
    }
}

model! {
    /// Where the instance sends no messages to.
    InstanceCommunication {
        /// ISO 3166-1 alpha-2.
        blocked_country_codes: Vec<String>,
    }
}

model! {
    /// How the instance serves as an OAuth provider.
    InstanceOAuthApplicationSettings {
        /// Whether clients may register themselves (RFC 7591).
        dynamic_oauth_client_registration: bool,
    } optional {
        /// Of an application that names none.
        default_scopes: Vec<String>,
        /// Whether access tokens are JWTs.
        oauth_jwt_access_tokens: bool,
    }
}

model! {
    /// How people sign up.
    InstanceSettings {
        /// `ins_…`
        id: InstanceId,
    } optional {
        /// Only who is on the allow-list.
        restricted_to_allowlist: bool,
        /// The local part of the address that mail is from.
        from_email_address: String,
        /// Whether a sign-up may stop and go on.
        progressive_sign_up: bool,
    }
}
