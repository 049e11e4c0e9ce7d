//! An ID token, proved (OpenID Connect Core 1.0, 3.1.3.7).

use std::str::FromStr;

use chrono::DateTime;
use openidconnect::core::{
    CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
};
use openidconnect::{AccessToken, AccessTokenHash, ClientId, ClientSecret, IssuerUrl, Nonce};
use serde_json::{Map, Value};

use crate::{Application, Error, Grant, Http, Result};

/// Those that prove who has signed; with a shared secret, the client itself could have.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 7] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The claims of the grant's ID token: signed by the issuer's key, for this
/// client, still good, and made for this very question.
pub(crate) async fn proved(
    application: &Application<'_>,
    http: &Http,
    grant: &Grant,
    issuer: &str,
    nonce: &str,
    now_ms: i64,
) -> Result<Map<String, Value>> {
    let nonsense = |what| move |_| Error::Nonsense(what);
    let text = grant.id_token.as_deref().ok_or(Error::Nonsense("it gave no ID token"))?;
    let token = CoreIdToken::from_str(text).map_err(nonsense("its ID token is no token"))?;
    let url = application.endpoints.jwks_url.as_deref();
    let keys = http.get(url.ok_or(Error::Configuration("its keys have no address"))?, None).await?;
    let keys: CoreJsonWebKeySet =
        serde_json::from_value(keys).map_err(|_| Error::Nonsense("its keys are no key set"))?;

    let client_id = ClientId::new(application.client_id.to_owned());
    let issuer = IssuerUrl::new(issuer.to_owned());
    let issuer = issuer.map_err(|_| Error::Configuration("the issuer is no URL"))?;
    let verifier = match application.client_secret {
        Some(secret) => {
            let secret = ClientSecret::new(secret.to_owned());
            CoreIdTokenVerifier::new_confidential_client(client_id, secret, issuer, keys)
        }
        None => CoreIdTokenVerifier::new_public_client(client_id, issuer, keys),
    };
    let now = DateTime::from_timestamp_millis(now_ms).unwrap_or_default();
    let verifier = verifier.set_allowed_algs(ALGORITHMS).set_time_fn(move || now);
    let claims = token.claims(&verifier, &Nonce::new(nonce.to_owned()));
    let claims = claims.map_err(|error| {
        tracing::debug!(%error, "an ID token was refused");
        Error::Nonsense("its ID token proves nothing")
    })?;
    if let Some(expected) = claims.access_token_hash() {
        let hash = token.signing_alg().ok().zip(token.signing_key(&verifier).ok());
        let access_token = AccessToken::new(grant.access_token.clone());
        let hash = hash.and_then(|(algorithm, key)| {
            AccessTokenHash::from_token(&access_token, algorithm, key).ok()
        });
        if hash.as_ref() != Some(expected) {
            return Err(Error::Nonsense("its ID token belongs to another access token"));
        }
    }
    match serde_json::to_value(claims) {
        Ok(Value::Object(claims)) => Ok(claims),
        _ => Err(Error::Nonsense("its ID token holds no claims")),
    }
}
