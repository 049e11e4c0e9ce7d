//! One request to a provider: bounded in time and length, redirects not followed.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use oauth2::http::{Response, StatusCode};
use oauth2::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, USER_AGENT};
use reqwest::redirect::Policy;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::byte_serialize;

use crate::{Application, ClientAuth, Error, Result, is_allowed};

/// Longest answer that is read; key sets are the longest.
const MAX_BYTES: usize = 256 << 10;

/// What providers are asked with; a clone is the same.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
}

impl Http {
    /// A client that waits for `timeout` for the whole of an answer.
    pub fn new(timeout: Duration) -> Result<Self, reqwest::Error> {
        // The HTTP client is built without a default for its cryptography. That
        // someone else has installed one already is just as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(timeout).redirect(Policy::none());
        Ok(Self { client: client.build()? })
    }

    /// The JSON at an address, asked for with an access token if there is one.
    pub(crate) async fn get(&self, url: &str, access_token: Option<&str>) -> Result<Value> {
        let mut request = self.client.get(allowed(url)?).header(ACCEPT, "application/json");
        if let Some(token) = access_token {
            let value = HeaderValue::try_from(format!("Bearer {token}"));
            let mut value = value.map_err(|_| Error::Nonsense("its token is no header"))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        let request =
            request.build().map_err(|_| Error::Configuration("no request can be made"))?;
        let response = self.send(request).await?;
        match response.status() {
            StatusCode::OK => serde_json::from_slice(response.body())
                .map_err(|_| Error::Nonsense("what it answered is not JSON")),
            status if status.is_client_error() => Err(Error::refused(status.as_str())),
            _ => Err(Error::Nonsense("it answered with another status than 200")),
        }
    }

    /// Sends a form as this client, whose secret goes along; a success is all that counts.
    pub(crate) async fn post(
        &self,
        url: &str,
        form: &[(&str, &str)],
        application: &Application<'_>,
    ) -> Result<()> {
        let mut form: Vec<(&str, &str)> = form.to_vec();
        let mut request = self.client.post(allowed(url)?);
        match (application.client_secret, application.client_auth) {
            (Some(secret), ClientAuth::ClientSecretBasic) => {
                // Both are encoded like a form (RFC 6749, 2.3.1).
                let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                let client_id = encoded(application.client_id);
                request = request.basic_auth(client_id, Some(encoded(secret)));
            }
            (secret, _) => {
                form.push(("client_id", application.client_id));
                form.extend(secret.map(|secret| ("client_secret", secret)));
            }
        }
        let request = request.form(&form).build();
        let request = request.map_err(|_| Error::Configuration("no request can be made"))?;
        let response = undress(self.send(request).await?);
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(Error::refused(status.as_str())) }
    }

    async fn send(&self, mut request: reqwest::Request) -> Result<HttpResponse> {
        // Some providers answer nobody without a name.
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static("rollbook"));
        let mut response = self.client.execute(request).await.map_err(|error| told(&error))?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| told(&error))? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(Error::Nonsense("its answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = Response::new(body);
        *answer.status_mut() = response.status();
        for (name, value) in response.headers() {
            answer.headers_mut().append(name, value.clone());
        }
        Ok(answer)
    }
}

fn allowed(url: &str) -> Result<Url> {
    let url = Url::parse(url).ok().filter(is_allowed);
    url.ok_or(Error::Configuration("an endpoint is no address over TLS"))
}

/// A refusal in the dress of a success, as some providers send it.
fn undress(mut response: HttpResponse) -> HttpResponse {
    let refused = serde_json::from_slice::<Value>(response.body())
        .is_ok_and(|body| body.get("error").is_some() && body.get("access_token").is_none());
    if response.status() == StatusCode::OK && refused {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    response
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request);
            let request = request.map_err(|_| Error::Configuration("no request can be made"))?;
            Ok(undress(self.send(request).await?))
        })
    }
}

/// What went wrong, without the address, which may hold what nobody should read.
fn told(error: &reqwest::Error) -> Error {
    if error.is_timeout() { Error::TimedOut } else { Error::Unreachable }
}
