//! A small HTTP client that holds every exchange against the contract.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use serde_json::Value;

use crate::contract::{Contract, Exchange};
use crate::reply::Reply;

/// A client of one server; a clone is the same.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

impl Client {
    /// A client that sends `token`, if any, as its bearer token.
    pub fn new(url: impl Into<String>, token: Option<&str>) -> Self {
        // Servers of tests speak no TLS, but the client wants a provider of it all the
        // same; a second installation fails, since the first one is in place.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy();
        let http = http.redirect(reqwest::redirect::Policy::none()).build();
        Self { http: http.expect("an HTTP client"), url: url.into(), token: token.map(Into::into) }
    }

    /// The same client with another token, or none.
    #[must_use]
    pub fn with_token(&self, token: Option<&str>) -> Self {
        Self { token: token.map(Into::into), ..self.clone() }
    }

    /// `GET`; the path begins with `/` and may hold a query.
    pub fn get(&self, path: &str) -> Call {
        self.call(Method::GET, path)
    }

    /// `POST`
    pub fn post(&self, path: &str) -> Call {
        self.call(Method::POST, path)
    }

    /// `PATCH`
    pub fn patch(&self, path: &str) -> Call {
        self.call(Method::PATCH, path)
    }

    /// `PUT`
    pub fn put(&self, path: &str) -> Call {
        self.call(Method::PUT, path)
    }

    /// `DELETE`
    pub fn delete(&self, path: &str) -> Call {
        self.call(Method::DELETE, path)
    }

    /// Any method; an absolute URL is taken as it stands.
    pub fn call(&self, method: Method, path: &str) -> Call {
        let url = if path.starts_with('/') { format!("{}{path}", self.url) } else { path.into() };
        let mut headers = HeaderMap::new();
        if let Some(token) = &self.token {
            let value = HeaderValue::try_from(format!("Bearer {token}")).expect("a token");
            headers.insert("authorization", value);
        }
        Call {
            http: self.http.clone(),
            method,
            url: Url::parse(&url).expect("a URL"),
            headers,
            body: None,
            checked: true,
        }
    }
}

/// A request to be sent.
#[derive(Debug, Clone)]
#[must_use = "nothing happens until it is sent"]
pub struct Call {
    http: reqwest::Client,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Vec<u8>>,
    checked: bool,
}

impl Call {
    /// Sends JSON.
    pub fn json(self, body: impl Into<Value>) -> Self {
        self.body("application/json", body.into().to_string())
    }

    /// Sends these bytes.
    pub fn body(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let mut call = self.header("content-type", content_type);
        call.body = Some(body.into());
        call
    }

    /// Uploads bytes as the part `name` of a form.
    pub fn file(self, name: &str, bytes: &[u8]) -> Self {
        let boundary = "----a-boundary-of-the-tests";
        let mut body = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"a\"\r\n\
             content-type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        self.body(&format!("multipart/form-data; boundary={boundary}"), body)
    }

    /// Adds to the query, percent-encoded.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "numbers and texts alike, as they are at hand"
    )]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.url.query_pairs_mut().append_pair(name, &value.to_string());
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("a header's name");
        self.headers.append(name, HeaderValue::try_from(value).expect("a header's value"));
        self
    }

    /// Does not hold the exchange against the contract.
    pub fn unchecked(mut self) -> Self {
        self.checked = false;
        self
    }

    /// Sends it; panics if the server does not answer, or not as the contract says.
    pub async fn send(self) -> Reply {
        self.try_send().await.unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }

    /// Sends it; an error if there is no whole answer.
    pub async fn try_send(self) -> Result<Reply, reqwest::Error> {
        let mut request = self.http.request(self.method.clone(), self.url.clone());
        request = request.headers(self.headers.clone());
        if let Some(body) = &self.body {
            request = request.body(body.clone());
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await?.to_vec();
        let path = match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        };
        let reply = Reply { request: format!("{} {path}", self.method), status, headers, body };
        if self.checked {
            self.check(&path, &reply);
        }
        Ok(reply)
    }

    fn check(&self, path_and_query: &str, reply: &Reply) {
        let content_type = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let exchange = Exchange {
            method: self.method.as_str(),
            path_and_query,
            request_content_type: content_type,
            request_body: Some(self.body.as_deref().unwrap_or_default()),
            status: reply.status,
            response_headers: &reply.headers,
            response_body: &reply.body,
        };
        let contract = Contract::shared().expect("the contract compiles");
        if let Err(problem) = contract.check_exchange(&exchange) {
            panic!("not as the contract says: {problem}; the answer was {}", reply.text());
        }
    }
}
