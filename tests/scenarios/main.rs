//! What a client sees of the server, resource by resource, on both engines.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

mod access_identifiers;
mod active_organizations;
mod billing_items;
mod billing_plans;
mod billing_subscription;
mod billing_time;
mod coherence;
mod directories;
mod email_addresses;
mod events;
mod every_operation;
mod exports;
mod external_accounts;
mod health;
mod hostile;
mod identifiers;
mod images;
mod imported_passwords;
mod imports;
mod imports_by_and_by;
mod instance_settings;
mod instances;
mod invitations;
mod isolation;
mod jwt_templates;
mod keys;
mod mail;
mod oauth;
mod oauth_access_tokens;
mod operations;
mod organization_invitations;
mod organization_memberships;
mod organization_pages;
mod organization_permissions;
mod organization_roles;
mod organizations;
mod passkeys;
mod phone_numbers;
mod rate_limits;
mod redirect_urls;
mod second_factors;
mod session_tokens;
mod sessions;
mod stripe;
mod support;
mod tickets;
mod users_ban;
mod users_create;
mod users_create_refused;
mod users_delete;
mod users_list;
mod users_list_params;
mod users_lock;
mod users_metadata;
mod users_update;
mod users_verify_password;
mod verifications;
mod versions;
mod waitlist_entries;
mod web3_wallets;
mod webhooks;
mod world;
