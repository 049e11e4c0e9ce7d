//! What a provider says about itself (OpenID Connect Discovery 1.0).

use openidconnect::IssuerUrl;
use serde::Deserialize;

use crate::{Endpoints, Error, Http, Result};

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: Option<String>,
    jwks_uri: String,
    revocation_endpoint: Option<String>,
}

/// The endpoints of the provider that calls itself `issuer`.
pub async fn discover(http: &Http, issuer: &str) -> Result<Endpoints> {
    let wrong = |_| Error::Configuration("the issuer is no URL");
    let issuer = IssuerUrl::new(issuer.to_owned()).map_err(wrong)?;
    let url = issuer.join(".well-known/openid-configuration").map_err(wrong)?;
    let document = http.get(url.as_str(), None).await?;
    let metadata: Metadata = serde_json::from_value(document)
        .map_err(|_| Error::Nonsense("its configuration lacks an endpoint"))?;
    if metadata.issuer != *issuer {
        return Err(Error::Nonsense("its configuration is of another issuer"));
    }
    let endpoints = Endpoints {
        issuer: Some(metadata.issuer),
        authorization_url: metadata.authorization_endpoint,
        token_url: metadata.token_endpoint,
        userinfo_url: metadata.userinfo_endpoint,
        jwks_url: Some(metadata.jwks_uri),
        revocation_url: metadata.revocation_endpoint,
    };
    if endpoints.wrong().is_some() {
        return Err(Error::Nonsense("its configuration holds a bad address"));
    }
    Ok(endpoints)
}
