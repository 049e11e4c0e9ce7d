//! `/v1/users/{id}/web3_wallets`: wallets that lead to users.

use axum::Router;
use axum::extract::State;
use axum::routing;
use rollbook_domain::Web3Wallet;
use rollbook_ops::identifications as ops;

use crate::identifications::deleted;
use crate::{Api, Caller, Json, PathIds, Refusal};

/// Under `/v1`.
pub(crate) fn routes() -> Router<Api> {
    Router::new().route("/users/{id}/web3_wallets/{wallet_id}", routing::delete(delete))
}

async fn delete(
    State(api): State<Api>,
    Caller(tenant): Caller,
    PathIds([user, wallet]): PathIds<2>,
) -> Result<Json, Refusal> {
    ops::delete_of_user::<Web3Wallet>(&api.ctx, &tenant, &user, &wallet).await?;
    deleted("web3_wallet", &wallet)
}
