//! The table of contents: the resources of the server, and what their handlers share.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use rollbook_ops::Ctx;
use tokio::sync::Semaphore;

use crate::gate::Limits;
use crate::{
    Metrics, access_identifiers, admin, billing, clients, complete, contract, domains,
    email_addresses, exports, external_accounts, health, images, imports, instance, invitations,
    jwt_templates, oauth_access_tokens, oauth_providers, organization_invitations,
    organization_memberships, organization_permissions, organization_roles, organizations,
    passkeys, phone_numbers, redirect_urls, sessions, signing_keys, testing_tokens, tickets, users,
    waitlist_entries, web3_wallets, webhooks,
};

/// What every handler works with; a clone is the same.
#[derive(Clone)]
pub struct Api {
    /// The operations' context.
    pub ctx: Ctx,
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) limits: Limits,
    /// SHA-256 of the operator's token; no token, no operator.
    pub(crate) operator: Option<[u8; 32]>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) exports: exports::Exports,
    /// Turns of imports that may run at a time.
    pub(crate) imports: Arc<Semaphore>,
}

/// Imports that may run at a time.
const MOST_IMPORTS: usize = 2;

impl Api {
    /// An API whose operator proves itself with a token of this SHA-256.
    pub fn new(ctx: Ctx, operator: Option<[u8; 32]>, metrics: Arc<Metrics>) -> Self {
        let shared = Shared {
            limits: Limits::default(),
            operator,
            metrics,
            exports: exports::Exports::default(),
            imports: Arc::new(Semaphore::new(MOST_IMPORTS)),
        };
        Self { ctx, shared: Arc::new(shared) }
    }

    /// The router of everything but the hot path, ready for [`Front`](crate::Front).
    pub fn router(&self) -> Router {
        // Clerk's Backend API: one line per resource, each with the routes of its own.
        let v1 = Router::new()
            .merge(access_identifiers::routes())
            .merge(billing::routes())
            .merge(clients::routes())
            .merge(domains::routes())
            .merge(email_addresses::routes())
            .merge(external_accounts::routes())
            .merge(instance::routes())
            .merge(invitations::routes())
            .merge(jwt_templates::routes())
            .merge(oauth_access_tokens::routes())
            .merge(organization_invitations::routes())
            .merge(organization_memberships::routes())
            .merge(organization_permissions::routes())
            .merge(organization_roles::routes())
            .merge(organizations::routes())
            .merge(passkeys::routes())
            .merge(phone_numbers::routes())
            .merge(redirect_urls::routes())
            .merge(sessions::routes())
            .merge(signing_keys::routes())
            .merge(testing_tokens::routes())
            .merge(tickets::routes())
            .merge(users::routes())
            .merge(waitlist_entries::routes())
            .merge(web3_wallets::routes());

        // What Clerk does in its dashboard or its browser API.
        let admin = Router::new()
            .merge(admin::routes())
            .merge(billing::admin_routes())
            .merge(exports::admin_routes())
            .merge(external_accounts::admin_routes())
            .merge(imports::admin_routes())
            .merge(oauth_providers::admin_routes())
            .merge(organization_invitations::admin_routes())
            .merge(passkeys::admin_routes())
            .merge(sessions::admin_routes())
            .merge(signing_keys::admin_routes())
            .merge(tickets::admin_routes())
            .merge(webhooks::admin_routes());

        let routes = Router::new()
            .nest("/v1", v1)
            .nest("/admin/v1", admin)
            .merge(oauth_providers::callback_routes())
            .merge(billing::stripe_routes())
            .route("/images/{id}", get(images::picture))
            .route("/images/default/{user_id}", get(images::silhouette))
            .route("/images/default/{user_id}/{initials}", get(images::avatar))
            .route("/healthz", get(health::alive))
            .route("/readyz", get(health::ready))
            .route("/metrics", get(health::metrics))
            .route("/openapi.json", get(contract::answer));
        complete(routes).with_state(self.clone())
    }
}
