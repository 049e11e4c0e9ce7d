//! This server as a provider knows it, and what it asks for as such.

use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardRevocableToken,
    TokenUrl,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

use crate::{Endpoints, Error, Grant, Http, Result, claims, grant};

/// How the client's secret is sent to the token endpoint (RFC 6749, 2.3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// As a header, which every provider has to understand.
    #[default]
    ClientSecretBasic,
    /// In the body.
    ClientSecretPost,
}

/// A client of a provider.
#[derive(Clone, Copy)]
pub struct Application<'a> {
    /// The provider.
    pub endpoints: &'a Endpoints,
    /// What the provider calls the client.
    pub client_id: &'a str,
    /// None for a public client.
    pub client_secret: Option<&'a str>,
    /// How the secret is sent.
    pub client_auth: ClientAuth,
    /// Where the browser comes back to.
    pub redirect_uri: &'a str,
}

/// What the user is asked at the provider.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// What the token shall be good for.
    pub scopes: &'a [String],
    /// What this provider wants in addition.
    pub params: &'a [(&'static str, &'static str)],
    /// Comes back with the browser.
    pub state: &'a str,
    /// Comes back in the ID token.
    pub nonce: &'a str,
    /// What proves that who exchanges the code has asked for it (RFC 7636): 43 to 128 letters.
    pub verifier: &'a str,
}

type Client = oauth2::Client<
    BasicErrorResponse,
    grant::Response,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
>;

impl Application<'_> {
    /// Where to send the user's browser.
    pub fn authorization_url(&self, ask: &Ask<'_>) -> Result<Url> {
        let url = AuthUrl::new(self.endpoints.authorization_url.clone()).map_err(bad_url)?;
        let client = self.client()?.set_auth_uri(url);
        let verifier = PkceCodeVerifier::new(ask.verifier.to_owned());
        let state = ask.state.to_owned();
        let mut request = client
            .authorize_url(|| CsrfToken::new(state))
            .add_scopes(ask.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if self.endpoints.issuer.is_some() {
            request = request.add_extra_param("nonce", ask.nonce.to_owned());
        }
        for (name, value) in ask.params {
            request = request.add_extra_param(*name, *value);
        }
        Ok(request.url().0)
    }

    /// Tokens for the code that the browser brought back.
    pub async fn exchange(&self, http: &Http, code: &str, verifier: &str) -> Result<Grant> {
        let client = self.client()?.set_token_uri(self.token_url()?);
        let request = client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        Ok(request.request_async(http).await.map_err(told)?.into())
    }

    /// Tokens for a refresh token, which may be spent by it.
    pub async fn refresh(&self, http: &Http, refresh_token: &str) -> Result<Grant> {
        let client = self.client()?.set_token_uri(self.token_url()?);
        let token = RefreshToken::new(refresh_token.to_owned());
        Ok(client.exchange_refresh_token(&token).request_async(http).await.map_err(told)?.into())
    }

    /// Gives a refresh token back, and with it all that came of it; nothing if
    /// the provider takes none back.
    pub async fn revoke(&self, http: &Http, refresh_token: &str) -> Result<()> {
        let Some(url) = &self.endpoints.revocation_url else { return Ok(()) };
        let form = [("token", refresh_token), ("token_type_hint", "refresh_token")];
        http.post(url, &form, self).await
    }

    /// What the provider says of the user: the claims of its ID token, proved,
    /// and those of its user info, which must be of the same user.
    ///
    /// `now_ms` is what the ID token may not have run out at.
    pub async fn claims(
        &self,
        http: &Http,
        grant: &Grant,
        nonce: &str,
        now_ms: i64,
    ) -> Result<Map<String, Value>> {
        let mut claims = match &self.endpoints.issuer {
            Some(issuer) => claims::proved(self, http, grant, issuer, nonce, now_ms).await?,
            None => Map::new(),
        };
        let Some(url) = &self.endpoints.userinfo_url else { return Ok(claims) };
        let Value::Object(info) = http.get(url, Some(&grant.access_token)).await? else {
            return Err(Error::Nonsense("its user info is no object"));
        };
        // OpenID Connect Core 1.0, 5.3.2: or the user info is someone else's.
        if claims.get("sub").is_some_and(|sub| info.get("sub") != Some(sub)) {
            return Err(Error::Nonsense("its user info is of another user than its ID token"));
        }
        claims.extend(info);
        Ok(claims)
    }

    fn client(&self) -> Result<Client> {
        let redirect_uri = RedirectUrl::new(self.redirect_uri.to_owned()).map_err(bad_url)?;
        let mut client = Client::new(ClientId::new(self.client_id.to_owned()))
            .set_redirect_uri(redirect_uri)
            .set_auth_type(match self.client_auth {
                ClientAuth::ClientSecretBasic => AuthType::BasicAuth,
                ClientAuth::ClientSecretPost => AuthType::RequestBody,
            });
        if let Some(secret) = self.client_secret {
            client = client.set_client_secret(ClientSecret::new(secret.to_owned()));
        }
        Ok(client)
    }

    fn token_url(&self) -> Result<TokenUrl> {
        TokenUrl::new(self.endpoints.token_url.clone()).map_err(bad_url)
    }
}

fn bad_url(_: url::ParseError) -> Error {
    Error::Configuration("an endpoint is no URL")
}

fn told(error: RequestTokenError<Error, BasicErrorResponse>) -> Error {
    match error {
        RequestTokenError::ServerResponse(answer) => Error::refused(answer.error().as_ref()),
        RequestTokenError::Request(error) => error,
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Error::Nonsense("its answer is not one of a token endpoint")
        }
    }
}
