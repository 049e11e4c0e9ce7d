//! Verifying webhooks: a pure function of headers, body, secrets and time.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderMap;
use ring::hmac;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::Secret;

/// How far the time of a message may be off, as in Svix's own libraries.
const TOLERANCE: Duration = Duration::from_mins(5);

/// Verifies the signatures of an endpoint's messages: HMAC-SHA256 over id, time and body, as Svix
/// and Standard Webhooks 1.0 have it.
///
/// ```
/// # use std::time::{Duration, UNIX_EPOCH};
/// # fn example() -> Result<(), rollbook_sdk::WebhookError> {
/// use rollbook_sdk::WebhookVerifier;
///
/// let verifier = WebhookVerifier::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")?;
/// # let now = UNIX_EPOCH + Duration::from_secs(1_614_265_330);
/// # let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
/// # let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
/// verifier.verify_parts(id, "1614265330", signature, br#"{"test": 2432232314}"#, now)?;
/// # Ok(())
/// # }
/// # example().unwrap();
/// ```
#[derive(Clone)]
pub struct WebhookVerifier {
    keys: Vec<hmac::Key>,
    tolerance: Duration,
}

/// Why a message is not believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The secret is not `whsec_` and base64.
    #[error("the secret is not whsec_ and base64")]
    Secret,
    /// A header is missing or cannot be read.
    #[error("the header {name} is missing or malformed")]
    Header {
        /// Which one.
        name: &'static str,
    },
    /// The message is too old, or from the future.
    #[error("the message's time is too far off")]
    Time,
    /// No signature is one of ours over this message.
    #[error("no signature matches")]
    Signature,
    /// The body is no event.
    #[error("the body is no event")]
    Body(#[source] serde_json::Error),
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// What happened, such as `user.created`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it happened to, as it is now: a [`User`](crate::User) and the like.
    pub data: Value,
    /// Milliseconds.
    #[serde(default)]
    pub timestamp: Option<i64>,
    /// `ins_…`
    #[serde(default)]
    pub instance_id: Option<String>,
}

impl WebhookEvent {
    /// What it happened to as a resource, such as [`User`](crate::User), or a type of the caller's own.
    pub fn data_as<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        T::deserialize(&self.data)
    }
}

impl WebhookVerifier {
    /// With the secret of an endpoint, `whsec_…`.
    ///
    /// # Errors
    ///
    /// [`WebhookError::Secret`]
    pub fn new(secret: impl Into<Secret>) -> Result<Self, WebhookError> {
        Self { keys: Vec::new(), tolerance: TOLERANCE }.or(secret)
    }

    /// With another secret besides, while one takes the place of the other.
    ///
    /// # Errors
    ///
    /// [`WebhookError::Secret`]
    pub fn or(mut self, secret: impl Into<Secret>) -> Result<Self, WebhookError> {
        let secret = secret.into();
        let base64 = secret.expose().strip_prefix("whsec_").ok_or(WebhookError::Secret)?;
        let bytes = Zeroizing::new(STANDARD.decode(base64).map_err(|_| WebhookError::Secret)?);
        if bytes.is_empty() {
            return Err(WebhookError::Secret);
        }
        self.keys.push(hmac::Key::new(hmac::HMAC_SHA256, &bytes));
        Ok(self)
    }

    /// How far the time of a message may be off. Default: 5 minutes.
    #[must_use]
    pub fn tolerance(mut self, tolerance: Duration) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The event of a request, by its headers (`svix-…` or `webhook-…`) and the bytes of its body
    /// as they came.
    ///
    /// A message may come more than once: its id, `svix-id`, is the same each time.
    ///
    /// # Errors
    ///
    /// [`WebhookError`]; one that is not believed deserves a 400.
    pub fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        now: SystemTime,
    ) -> Result<WebhookEvent, WebhookError> {
        let header = |svix: &'static str, standard: &str| {
            let value = headers.get(svix).or_else(|| headers.get(standard));
            let value = value.and_then(|value| value.to_str().ok());
            value.ok_or(WebhookError::Header { name: svix })
        };
        let id = header("svix-id", "webhook-id")?;
        let timestamp = header("svix-timestamp", "webhook-timestamp")?;
        let signature = header("svix-signature", "webhook-signature")?;
        self.verify_parts(id, timestamp, signature, body, now)?;
        serde_json::from_slice(body).map_err(WebhookError::Body)
    }

    /// Verifies what the three headers say of a body; reads nothing in it.
    ///
    /// # Errors
    ///
    /// [`WebhookError::Header`], [`WebhookError::Time`], [`WebhookError::Signature`]
    pub fn verify_parts(
        &self,
        id: &str,
        timestamp: &str,
        signature: &str,
        body: &[u8],
        now: SystemTime,
    ) -> Result<(), WebhookError> {
        let malformed = || WebhookError::Header { name: "svix-timestamp" };
        let seconds: u64 = timestamp.parse().map_err(|_| malformed())?;
        let sent = UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).ok_or_else(malformed)?;
        let off = now.duration_since(sent).unwrap_or_else(|early| early.duration());
        if off > self.tolerance {
            return Err(WebhookError::Time);
        }
        let mut message = format!("{id}.{timestamp}.").into_bytes();
        message.extend_from_slice(body);
        // Several while a secret is being replaced; of other versions nothing is known.
        let signed = signature.split(' ').filter_map(|one| one.strip_prefix("v1,")).any(|tag| {
            let tag = STANDARD.decode(tag).unwrap_or_default();
            // ring compares in a time that says nothing.
            self.keys.iter().any(|key| hmac::verify(key, &message, &tag).is_ok())
        });
        if signed { Ok(()) } else { Err(WebhookError::Signature) }
    }
}

impl fmt::Debug for WebhookVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookVerifier")
            .field("tolerance", &self.tolerance)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const NEW: &str = "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
    const BODY: &[u8] = br#"{"type":"user.created","data":{"id":"user_1"},"timestamp":1}"#;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn signed(secret: &str, id: &str, time: u64, body: &[u8]) -> HeaderMap {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let mut message = format!("{id}.{time}.").into_bytes();
        message.extend_from_slice(body);
        let tag = STANDARD.encode(hmac::sign(&key, &message));
        let mut headers = HeaderMap::new();
        headers.insert("svix-id", id.parse().unwrap());
        headers.insert("svix-timestamp", time.to_string().parse().unwrap());
        headers.insert("svix-signature", format!("v2,xyz v1,{tag}").parse().unwrap());
        headers
    }

    #[test]
    fn a_message_is_read_while_its_time_is_near() {
        let verifier = WebhookVerifier::new(OLD).unwrap();
        let headers = signed(OLD, "msg_1", 1000, BODY);
        let event = verifier.verify(&headers, BODY, at(1000)).unwrap();
        assert_eq!((event.kind.as_str(), event.timestamp), ("user.created", Some(1)));
        assert_eq!(event.data_as::<crate::User>().unwrap().id, "user_1");
        for (now, good) in [(700, true), (699, false), (1300, true), (1301, false)] {
            assert_eq!(verifier.verify(&headers, BODY, at(now)).is_ok(), good, "{now}");
        }
    }

    #[test]
    fn two_secrets_are_good_while_one_replaces_the_other() {
        let both = WebhookVerifier::new(NEW).unwrap().or(OLD).unwrap();
        for secret in [OLD, NEW] {
            assert!(both.verify(&signed(secret, "msg_1", 1000, BODY), BODY, at(1000)).is_ok());
        }
        let one = WebhookVerifier::new(NEW).unwrap();
        let refused = one.verify(&signed(OLD, "msg_1", 1000, BODY), BODY, at(1000));
        assert!(matches!(refused, Err(WebhookError::Signature)));
    }

    #[test]
    fn the_names_of_standard_webhooks_are_headers_too() {
        let mut headers = HeaderMap::new();
        for (name, value) in signed(OLD, "msg_1", 1000, BODY) {
            let name = name.unwrap().as_str().replace("svix", "webhook");
            headers.insert(reqwest::header::HeaderName::try_from(name).unwrap(), value);
        }
        assert!(WebhookVerifier::new(OLD).unwrap().verify(&headers, BODY, at(1000)).is_ok());
    }

    #[test]
    fn what_was_changed_is_not_believed() {
        let verifier = WebhookVerifier::new(OLD).unwrap();
        let good = signed(OLD, "msg_1", 1000, BODY);
        let with = |name: &'static str, value: &str| {
            let mut headers = good.clone();
            headers.insert(name, value.parse().unwrap());
            verifier.verify(&headers, BODY, at(1000))
        };
        assert!(verifier.verify(&good, b"{}", at(1000)).is_err());
        assert!(matches!(with("svix-id", "msg_2"), Err(WebhookError::Signature)));
        assert!(matches!(with("svix-timestamp", "1001"), Err(WebhookError::Signature)));
        for text in ["", "v1,", "v1,AAAA", "v1", "v1,!!", " "] {
            assert!(matches!(with("svix-signature", text), Err(WebhookError::Signature)), "{text}");
        }
        for text in ["", "soon", "-1", "18446744073709551615"] {
            let refused = with("svix-timestamp", text);
            assert!(matches!(refused, Err(WebhookError::Header { .. })), "{text}: {refused:?}");
        }
        let none = verifier.verify(&HeaderMap::new(), BODY, at(1000));
        assert!(matches!(none, Err(WebhookError::Header { name: "svix-id" })));
        let nonsense = signed(OLD, "msg_1", 1000, b"[");
        assert!(matches!(verifier.verify(&nonsense, b"[", at(1000)), Err(WebhookError::Body(_))));
    }

    #[test]
    fn a_text_that_is_no_secret_is_refused_and_none_is_printed() {
        for text in ["", "whsec_", "whsec_!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert!(matches!(WebhookVerifier::new(text), Err(WebhookError::Secret)), "{text}");
        }
        assert!(!format!("{:?}", WebhookVerifier::new(OLD).unwrap()).contains("MfKQ"));
    }
}
