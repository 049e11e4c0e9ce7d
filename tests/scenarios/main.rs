//! What a client sees of the server, resource by resource, on both engines.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

mod billing_plans;
mod billing_subscription;
mod coherence;
mod email_addresses;
mod events;
mod external_accounts;
mod health;
mod hostile;
mod identifiers;
mod images;
mod imported_passwords;
mod instances;
mod isolation;
mod keys;
mod mail;
mod oauth;
mod oauth_access_tokens;
mod organization_memberships;
mod organizations;
mod passkeys;
mod phone_numbers;
mod rate_limits;
mod second_factors;
mod session_tokens;
mod sessions;
mod support;
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
mod web3_wallets;
mod webhooks;
