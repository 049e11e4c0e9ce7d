//! One attempt to deliver one message.

use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, redirect::Policy};

use crate::{Reach, Secret, Target};

/// Seconds that a receiver has for an answer, from the first packet to the last.
pub const SEND_WITHIN_S: i64 = 15;

const SEND_WITHIN: Duration = Duration::from_secs(SEND_WITHIN_S.unsigned_abs());

/// How much of an answer is kept, in bytes.
const KEPT_BODY: usize = 1024;

/// A message to an endpoint.
#[derive(Debug, Clone)]
pub struct Message {
    /// The same in every attempt, so that a receiver can tell a repetition.
    pub id: String,
    /// JSON, the same bytes in every attempt.
    pub body: String,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The status of the answer, if there was one.
    pub response_status: Option<u16>,
    /// The beginning of the answer's body.
    pub response_body: String,
    /// Why there was no answer, or none that counts.
    pub error: Option<String>,
    /// Milliseconds, until the answer was read or given up.
    pub duration_ms: i64,
}

impl Attempt {
    /// Whether the receiver has the message: it answered 2xx.
    pub fn is_delivered(&self) -> bool {
        self.response_status.is_some_and(|status| (200..300).contains(&status))
    }

    /// An attempt that was not made.
    pub fn not_made(error: impl Into<String>) -> Self {
        Self {
            response_status: None,
            response_body: String::new(),
            error: Some(error.into()),
            duration_ms: 0,
        }
    }
}

/// Sends messages; clones share their connections.
#[derive(Debug, Clone)]
pub struct Sender {
    http: Client,
    reach: Reach,
}

/// TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the client of webhooks: {0}")]
pub struct SenderError(#[from] reqwest::Error);

impl Sender {
    /// A sender to addresses within `reach`. Redirects are not followed, and
    /// proxies of the environment are not used.
    pub fn new(reach: Reach) -> Result<Self, SenderError> {
        // The HTTP client is built without a default for its cryptography. That
        // someone else has installed one already is just as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(concat!("Rollbook-Webhooks/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(Resolver(reach)))
            .pool_idle_timeout(Duration::from_secs(30))
            .build()?;
        Ok(Self { http, reach })
    }

    /// How far it goes.
    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Sends a message, signed now, and says what came of it.
    pub async fn send(
        &self,
        target: &Target,
        message: &Message,
        secrets: &[Secret],
        timestamp_s: i64,
    ) -> Attempt {
        // The resolver is not asked about addresses.
        if !target.is_within(self.reach) {
            return Attempt::not_made(NotPublic.to_string());
        }
        let started = Instant::now();
        let deadline = started + SEND_WITHIN;
        let request = self
            .http
            .post(target.url().clone())
            .headers(headers(message, secrets, timestamp_s))
            .body(message.body.clone());
        let answer = tokio::time::timeout_at(deadline.into(), request.send()).await;
        let mut attempt = match answer {
            Ok(Ok(response)) => answered(response, deadline).await,
            Ok(Err(error)) => Attempt::not_made(told(&error)),
            Err(_) => Attempt::not_made(format!("no answer within {SEND_WITHIN_S} s")),
        };
        attempt.duration_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        attempt
    }
}

/// The headers of Svix and, with the same values, of Standard Webhooks.
fn headers(message: &Message, secrets: &[Secret], timestamp_s: i64) -> HeaderMap {
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| secret.sign(&message.id, timestamp_s, message.body.as_bytes()))
        .collect();
    let values = [
        ("id", message.id.clone()),
        ("timestamp", timestamp_s.to_string()),
        ("signature", signatures.join(" ")),
    ];
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in values {
        for family in ["svix", "webhook"] {
            let name = HeaderName::try_from(format!("{family}-{name}"));
            if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(&value)) {
                headers.insert(name, value);
            }
        }
    }
    headers
}

/// The status counts, whatever becomes of the body.
async fn answered(mut response: Response, deadline: Instant) -> Attempt {
    let status = response.status();
    let mut body = Vec::new();
    while body.len() < KEPT_BODY {
        match tokio::time::timeout_at(deadline.into(), response.chunk()).await {
            Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            Ok(Ok(None) | Err(_)) | Err(_) => break,
        }
    }
    body.truncate(KEPT_BODY);
    let error = match status {
        status if status.is_success() => None,
        status if status.is_redirection() => Some("redirects are not followed".to_owned()),
        status => Some(format!("answered {}", status.as_u16())),
    };
    Attempt {
        response_status: Some(status.as_u16()),
        // Databases do not keep NUL.
        response_body: String::from_utf8_lossy(&body).replace('\0', "\u{fffd}"),
        error,
        duration_ms: 0,
    }
}

/// The innermost reason, without the URL.
fn told(error: &reqwest::Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if error.source().is_none() { "no answer".to_owned() } else { innermost.to_string() }
}

#[derive(Debug, thiserror::Error)]
#[error("the URL leads to an address that is not public")]
struct NotPublic;

#[derive(Debug, thiserror::Error)]
#[error("the name of the host does not resolve")]
struct Unresolved;

/// Resolves names to addresses within reach; only these are connected to, so
/// that a name cannot mean one thing when it is checked and another afterwards.
struct Resolver(Reach);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found: Vec<SocketAddr> = found.map_err(|_| Unresolved)?.collect();
            if found.is_empty() {
                return Err(Unresolved.into());
            }
            let allowed: Vec<_> =
                found.into_iter().filter(|address| reach.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn message() -> Message {
        Message { id: "evt_1".to_owned(), body: "{}".to_owned() }
    }

    /// Answers one request with these bytes; gives back what was asked.
    async fn answering(answer: &'static [u8]) -> (Target, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hooks", listener.local_addr().expect("an address"));
        let asked = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut request = vec![0; 4096];
            let n = stream.read(&mut request).await.expect("a request");
            stream.write_all(answer).await.expect("written");
            String::from_utf8_lossy(&request[..n]).into_owned()
        });
        (Target::parse(&url, Reach::Anywhere).expect("a target"), asked)
    }

    async fn send(target: &Target) -> Attempt {
        let sender = Sender::new(Reach::Anywhere).expect("a sender");
        sender.send(target, &message(), &[Secret::new([1; 32]), Secret::new([2; 32])], 7).await
    }

    #[tokio::test]
    async fn a_message_carries_both_families_of_headers_and_a_signature_per_secret() {
        let (target, asked) = answering(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        assert!(send(&target).await.is_delivered());
        let asked = asked.await.expect("asked");
        let value = |name: &str| {
            let line = asked.lines().find(|line| line.starts_with(&format!("{name}: ")));
            line.and_then(|line| line.split_once(": ")).map(|(_, value)| value.to_owned())
        };
        for name in ["id", "timestamp", "signature"] {
            assert!(value(&format!("svix-{name}")).is_some(), "{asked}");
            assert_eq!(value(&format!("svix-{name}")), value(&format!("webhook-{name}")));
        }
        let signature = value("svix-signature").expect("a signature");
        assert_eq!(signature.split(' ').filter(|word| word.starts_with("v1,")).count(), 2);
    }

    #[tokio::test]
    async fn only_2xx_is_delivered_and_redirects_are_not_followed() {
        let (target, _) =
            answering(b"HTTP/1.1 302 Found\r\nlocation: /else\r\ncontent-length: 0\r\n\r\n").await;
        let attempt = send(&target).await;
        assert_eq!(attempt.response_status, Some(302));
        assert!(!attempt.is_delivered() && attempt.error.is_some());
    }

    #[tokio::test]
    async fn the_beginning_of_an_answer_is_kept() {
        static ANSWER: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
            let mut answer = b"HTTP/1.1 500 No\r\ncontent-length: 5000\r\n\r\na\0".to_vec();
            answer.extend(vec![b'b'; 4998]);
            answer
        });
        let (target, _) = answering(&ANSWER).await;
        let attempt = send(&target).await;
        assert_eq!(attempt.response_body.chars().count(), KEPT_BODY);
        assert!(attempt.response_body.starts_with("a\u{fffd}b"));
    }

    #[tokio::test]
    async fn a_name_that_leads_to_a_private_address_is_refused_when_it_is_resolved() {
        // Known to every hosts file, unlike the names that are refused by their text.
        let resolved = Resolver(Reach::Public).resolve("localhost".parse().expect("a name")).await;
        let error = resolved.err().expect("refused");
        assert!(error.is::<NotPublic>(), "{error}");
    }

    #[tokio::test]
    async fn an_address_out_of_reach_is_not_connected_to() {
        let (target, asked) = answering(b"").await;
        let sender = Sender::new(Reach::Public).expect("a sender");
        let attempt = sender.send(&target, &message(), &[], 7).await;
        assert_eq!(attempt, Attempt::not_made(NotPublic.to_string()));
        assert!(!asked.is_finished());
    }
}
