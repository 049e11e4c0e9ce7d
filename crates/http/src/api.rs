//! The table of contents: every route of the server, and what they share.

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, patch, post, put};
use rollbook_ops::Ctx;

use crate::gate::Limits;
use crate::{Metrics, admin, complete, health, images, passkeys, users};

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
}

impl Api {
    /// An API whose operator proves itself with a token of this SHA-256.
    pub fn new(ctx: Ctx, operator: Option<[u8; 32]>, metrics: Arc<Metrics>) -> Self {
        let shared = Shared { limits: Limits::default(), operator, metrics };
        Self { ctx, shared: Arc::new(shared) }
    }

    /// The router of everything but the hot path, ready for [`Front`](crate::Front).
    pub fn router(&self) -> Router {
        let v1 = Router::new()
            .route("/users", get(users::list).post(users::create))
            .route("/users/count", get(users::count))
            .route("/users/ban", post(users::bulk_ban))
            .route("/users/unban", post(users::bulk_unban))
            .route("/users/{id}", get(users::get).patch(users::update).delete(users::delete))
            .route("/users/{id}/ban", post(users::ban))
            .route("/users/{id}/unban", post(users::unban))
            .route("/users/{id}/lock", post(users::lock))
            .route("/users/{id}/unlock", post(users::unlock))
            .route(
                "/users/{id}/profile_image",
                post(users::set_profile_image).delete(users::delete_profile_image),
            )
            .route(
                "/users/{id}/metadata",
                patch(users::merge_metadata).merge(put(users::replace_metadata)),
            )
            .route("/users/{id}/verify_password", post(users::verify_password))
            .route("/users/{id}/verify_totp", post(users::verify_totp))
            .route("/users/{id}/mfa", delete(users::disable_mfa))
            .route("/users/{id}/totp", delete(users::delete_totp))
            .route("/users/{id}/backup_code", delete(users::delete_backup_codes))
            .route("/users/{id}/passkeys/{passkey_id}", delete(passkeys::delete));

        let admin = Router::new()
            .route("/instances", get(admin::list_instances).post(admin::create_instance))
            .route(
                "/instances/{id}",
                get(admin::get_instance)
                    .patch(admin::update_instance)
                    .delete(admin::delete_instance),
            )
            .route("/instances/{id}/reset", post(admin::reset_instance))
            .route("/instances/{id}/fork", post(admin::fork_instance))
            .route(
                "/instances/{id}/settings",
                get(admin::get_settings).patch(admin::update_settings),
            )
            .route("/instances/{id}/keys", get(admin::list_keys).post(admin::create_key))
            .route("/instances/{id}/keys/{key_id}", delete(admin::revoke_key))
            .route("/instances/{id}/keys/{key_id}/rotate", post(admin::rotate_key))
            .route("/instances/{id}/mailbox", get(admin::list_emails).delete(admin::clear_mailbox))
            .route(
                "/instances/{id}/users/{user_id}/external_accounts",
                post(admin::connect_external_account),
            )
            .route("/instances/{id}/users/{user_id}/passkeys", post(passkeys::import))
            .route(
                "/instances/{id}/users/{user_id}/passkeys/registration",
                post(passkeys::start_registration),
            )
            .route(
                "/instances/{id}/users/{user_id}/passkeys/registration/{ceremony_id}",
                post(passkeys::finish_registration),
            )
            .route("/instances/{id}/passkeys/authentication", post(passkeys::start_authentication))
            .route(
                "/instances/{id}/passkeys/authentication/{ceremony_id}",
                post(passkeys::finish_authentication),
            );

        let routes = Router::new()
            .nest("/v1", v1)
            .nest("/admin/v1", admin)
            .route("/images/{id}", get(images::picture))
            .route("/images/default/{user_id}", get(images::silhouette))
            .route("/images/default/{user_id}/{initials}", get(images::avatar))
            .route("/healthz", get(health::alive))
            .route("/readyz", get(health::ready))
            .route("/metrics", get(health::metrics))
            .route("/openapi.json", get(health::openapi));
        complete(routes).with_state(self.clone())
    }
}
