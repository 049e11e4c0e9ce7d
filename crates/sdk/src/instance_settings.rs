//! The instance that the key belongs to.

use crate::operations::operations;
use crate::params::params;
use crate::{
    Instance, InstanceCommunication, InstanceOAuthApplicationSettings,
    InstanceOrganizationSettings, InstanceProtect, InstanceRestrictions, InstanceSettings,
};

operations! {
    /// The operations on the instance and its settings.
    InstanceOperations as instance_settings;

    /// Reads the instance.
    get(): GET / "instance" => Instance;

    /// Changes the instance. What is not set stays as it is.
    update(): PATCH / "instance" (UpdateInstance) => ();

    /// Changes who may sign up.
    update_restrictions():
        PATCH / "instance" / "restrictions" (UpdateRestrictions) => InstanceRestrictions;

    /// Reads where no messages are sent to.
    get_communication(): GET / "instance" / "communication" => InstanceCommunication;

    /// Changes where no messages are sent to.
    update_communication():
        PATCH / "instance" / "communication" (UpdateCommunication) => InstanceCommunication;

    /// Reads how the instance serves as an OAuth provider.
    get_oauth_application_settings():
        GET / "instance" / "oauth_application_settings" => InstanceOAuthApplicationSettings;

    /// Changes how the instance serves as an OAuth provider.
    update_oauth_application_settings():
        PATCH / "instance" / "oauth_application_settings" (UpdateOAuthApplicationSettings)
        => InstanceOAuthApplicationSettings;

    /// Reads what organizations may be.
    get_organization_settings():
        GET / "instance" / "organization_settings" => InstanceOrganizationSettings;

    /// Changes what organizations may be.
    update_organization_settings():
        PATCH / "instance" / "organization_settings" (UpdateOrganizationSettings)
        => InstanceOrganizationSettings;

    /// Reads what the instance does against abuse.
    get_instance_protect(): GET / "instance" / "protect" => InstanceProtect;

    /// Changes what the instance does against abuse.
    update_instance_protect(): PATCH / "instance" / "protect" (UpdateProtect) => InstanceProtect;
}

operations! {
    /// The operation that Clerk calls a beta feature.
    BetaFeatures as beta_features;

    /// Changes how people sign up.
    update_instance_settings():
        PATCH / "beta_features" / "instance_settings" (UpdateInstanceSettings) => InstanceSettings;
}

params! {
    /// What [`update`](InstanceOperations::update) takes.
    UpdateInstance in json;
    /// Whether test addresses and numbers are good.
    test_mode: flag,
    /// Whether breached passwords are refused.
    hibp: flag,
    /// Where users ask for help.
    support_email: patch_text,
    /// Which release of Clerk's browser code is used.
    clerk_js_version: patch_text,
    /// Where a development instance's application runs.
    development_origin: patch_text,
    /// Where browsers may call from.
    allowed_origins: list,
    /// Whether a development instance does without cookies.
    cookieless_dev: flag,
    /// Whether a development instance passes sessions in URLs.
    url_based_session_syncing: flag,
}

params! {
    /// What [`update_restrictions`](InstanceOperations::update_restrictions) takes.
    UpdateRestrictions in json;
    /// Only who is on the allow-list.
    allowlist: flag,
    /// Not who is on the block-list.
    blocklist: flag,
    /// Whether the lists count for signing up alone.
    allowlist_blocklist_disabled_on_sign_in: flag,
    /// No addresses with `+`.
    block_email_subaddresses: flag,
    /// No addresses of domains for throwing away.
    block_disposable_email_domains: flag,
    /// Whether dots in Gmail addresses make no difference.
    ignore_dots_for_gmail_addresses: flag,
}

params! {
    /// What [`update_communication`](InstanceOperations::update_communication) takes.
    UpdateCommunication in json;
    /// ISO 3166-1 alpha-2.
    blocked_country_codes: list,
}

params! {
    /// What `update_oauth_application_settings` takes.
    UpdateOAuthApplicationSettings in json;
    /// Whether clients may register themselves (RFC 7591).
    dynamic_oauth_client_registration: flag,
    /// Of an application that names none.
    default_scopes: list,
    /// Whether access tokens are JWTs.
    oauth_jwt_access_tokens: flag,
}

params! {
    /// What `update_organization_settings` takes.
    UpdateOrganizationSettings in json;
    /// Whether there are organizations.
    enabled: flag,
    /// Of each new organization; 0 is unlimited.
    max_allowed_memberships: number,
    /// Whether administrators may delete their organization.
    admin_delete_enabled: flag,
    /// Whether organizations may have domains.
    domains_enabled: flag,
    /// Whether organizations have no slugs.
    slug_disabled: flag,
    /// How somebody of a domain comes in.
    domains_enrollment_modes: list,
    /// The role of whoever creates an organization.
    creator_role_id: text,
    /// The role of whoever comes in by a domain.
    domains_default_role_id: text,
}

params! {
    /// What [`update_instance_protect`](InstanceOperations::update_instance_protect) takes.
    UpdateProtect in json;
    /// Whether rules are applied.
    rules_enabled: flag,
    /// Whether Clerk's detection is applied.
    specter_enabled: flag,
}

params! {
    /// What [`update_instance_settings`](BetaFeatures::update_instance_settings) takes.
    UpdateInstanceSettings in json;
    /// Only who is on the allow-list.
    restricted_to_allowlist: flag,
    /// The local part of the address that mail is from.
    from_email_address: patch_text,
    /// Whether a sign-up may stop and go on.
    progressive_sign_up: flag,
    /// Whether test addresses and numbers are good.
    test_mode: flag,
}
