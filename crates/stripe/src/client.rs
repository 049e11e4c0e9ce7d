//! The calls: each is one request, bounded in time and length.

use std::fmt;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::{Host, Url};

use crate::{Customer, Error, PaymentIntent, PaymentMethod, Result};

/// Longest answer that is read.
const MAX_BYTES: usize = 256 << 10;

/// The shapes that are asked for, whatever the account's default is.
const VERSION: &str = "2024-06-20";

/// Calls Stripe; clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
}

/// Whose account, and where.
#[derive(Clone, Copy)]
pub struct Account<'a> {
    /// `https://api.stripe.com`, or a stand-in of it.
    pub api_url: &'a str,
    /// `sk_…` or `rk_…`
    pub secret_key: &'a str,
}

impl fmt::Debug for Account<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("api_url", &self.api_url).finish_non_exhaustive()
    }
}

/// A payment to ask for.
#[derive(Debug, Clone, Copy)]
pub struct NewIntent<'a> {
    /// `cus_…`
    pub customer: &'a str,
    /// What it is to be made with.
    pub method: &'a PaymentMethod,
    /// In Stripe's unit; see [`charged`](crate::charged).
    pub amount: i64,
    /// In any letters.
    pub currency: &'a str,
    /// What it is called here, to be found by people.
    pub payment_attempt: &'a str,
    /// Another key is another payment.
    pub idempotency_key: &'a str,
}

impl Client {
    /// A client that waits for `timeout` for the whole of an answer.
    pub fn new(timeout: Duration) -> Result<Self, reqwest::Error> {
        // The HTTP client is built without a default for its cryptography. That
        // someone else has installed one already is just as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(timeout)
            .redirect(Policy::none())
            .user_agent(concat!("Rollbook/", env!("CARGO_PKG_VERSION")));
        Ok(Self { http: http.build()? })
    }

    /// Makes a customer.
    pub async fn create_customer(
        &self,
        account: Account<'_>,
        email: &str,
        payer: &str,
        idempotency_key: &str,
    ) -> Result<Customer> {
        let mut form = vec![("metadata[rollbook_payer]", payer)];
        if !email.is_empty() {
            form.push(("email", email));
        }
        self.post(account, "/v1/customers", &form, Some(idempotency_key)).await
    }

    /// A customer as it is now; one that is gone may still be answered, as `deleted`.
    pub async fn customer(&self, account: Account<'_>, id: &str) -> Result<Customer> {
        self.get(account, &format!("/v1/customers/{id}")).await
    }

    /// A means of payment.
    pub async fn payment_method(&self, account: Account<'_>, id: &str) -> Result<PaymentMethod> {
        self.get(account, &format!("/v1/payment_methods/{id}")).await
    }

    /// Asks for a payment; no money moves until it is confirmed.
    pub async fn create_intent(
        &self,
        account: Account<'_>,
        new: NewIntent<'_>,
    ) -> Result<PaymentIntent> {
        let amount = new.amount.to_string();
        let currency = new.currency.to_ascii_lowercase();
        let form = [
            ("amount", amount.as_str()),
            ("currency", &currency),
            ("customer", new.customer),
            ("payment_method", &new.method.id),
            ("payment_method_types[]", &new.method.kind),
            ("metadata[rollbook_payment_attempt]", new.payment_attempt),
        ];
        self.post(account, "/v1/payment_intents", &form, Some(new.idempotency_key)).await
    }

    /// A payment as it is now.
    pub async fn intent(&self, account: Account<'_>, id: &str) -> Result<PaymentIntent> {
        self.get(account, &format!("/v1/payment_intents/{id}")).await
    }

    /// Makes a payment while its payer is away. It succeeds once at most, however often this is said.
    pub async fn confirm_intent(&self, account: Account<'_>, id: &str) -> Result<PaymentIntent> {
        let path = format!("/v1/payment_intents/{id}/confirm");
        self.post(account, &path, &[("off_session", "true")], None).await
    }

    /// Takes back a payment that was not made.
    pub async fn cancel_intent(&self, account: Account<'_>, id: &str) -> Result<PaymentIntent> {
        self.post(account, &format!("/v1/payment_intents/{id}/cancel"), &[], None).await
    }

    async fn get<T: DeserializeOwned>(&self, account: Account<'_>, path: &str) -> Result<T> {
        self.send(account, self.request(account, Method::GET, path)?).await
    }

    async fn post<T: DeserializeOwned>(
        &self,
        account: Account<'_>,
        path: &str,
        form: &[(&str, &str)],
        idempotency_key: Option<&str>,
    ) -> Result<T> {
        let mut request = self.request(account, Method::POST, path)?.form(form);
        if let Some(key) = idempotency_key {
            request = request.header("Idempotency-Key", key);
        }
        self.send(account, request).await
    }

    fn request(&self, account: Account<'_>, method: Method, path: &str) -> Result<RequestBuilder> {
        let url = Url::parse(account.api_url).ok().filter(is_allowed);
        let url = url.and_then(|url| url.join(path).ok());
        let url = url.ok_or(Error::Nonsense("its address is none"))?;
        Ok(self.http.request(method, url).header("Stripe-Version", VERSION))
    }

    async fn send<T: DeserializeOwned>(
        &self,
        account: Account<'_>,
        request: RequestBuilder,
    ) -> Result<T> {
        let request = request.bearer_auth(account.secret_key);
        let mut response = request.send().await.map_err(|error| told(&error))?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| told(&error))? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(Error::Nonsense("its answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|_| Error::Nonsense("its answer is not what was asked for"));
        }
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        Err(Error::refused(status.as_u16(), &body))
    }
}

/// What went wrong, without the address.
fn told(error: &reqwest::Error) -> Error {
    if error.is_timeout() { Error::TimedOut } else { Error::Unreachable }
}

/// Whether keys may go to this address: over TLS, or within this machine.
pub fn is_allowed(url: &Url) -> bool {
    if !url.username().is_empty() || url.password().is_some() || url.path() != "/" {
        return false;
    }
    if url.query().is_some() || url.fragment().is_some() {
        return false;
    }
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name == "localhost",
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_go_over_tls_or_nowhere_else_than_this_machine() {
        for (text, allowed) in [
            ("https://api.stripe.com", true),
            ("http://127.0.0.1:8420/", true),
            ("http://localhost:8420", true),
            ("http://[::1]:8420", true),
            ("http://api.stripe.com", false),
            ("https://api.stripe.com/v1", false),
            ("https://me:pw@api.stripe.com", false),
            ("https://api.stripe.com/?a", false),
            ("https://api.stripe.com/#a", false),
            ("ftp://127.0.0.1", false),
        ] {
            assert_eq!(is_allowed(&Url::parse(text).expect("a URL")), allowed, "{text}");
        }
    }

    #[test]
    fn a_key_is_not_shown() {
        let account = Account { api_url: "https://api.stripe.com", secret_key: "sk_live_hush" };
        assert!(!format!("{account:?}").contains("hush"));
    }
}
