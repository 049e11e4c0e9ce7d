//! The shell around verifying: it fetches the keys, keeps them, and knows the time.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;

use super::{PublicKeys, SessionClaims, TokenError, VerifyOptions, key_id, verify_session_token};
use crate::{Clerk, Error, RetryConfig};

/// How long fetched keys are good without asking again.
const FRESH: Duration = Duration::from_mins(5);

/// How long they go on being good while the server cannot be asked.
const STALE: Duration = Duration::from_hours(1);

/// How long the server may take: requests wait for it.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long nothing is fetched after a token named an unknown key: forged ones must not make us
/// ask again and again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Verifies session tokens with keys that are fetched when they are needed, or given once.
///
/// A clone shares the keys. A new key of the instance is fetched as soon as a token names it.
#[derive(Clone)]
pub struct SessionVerifier {
    options: VerifyOptions,
    source: Source,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
}

#[derive(Clone)]
enum Source {
    Given(PublicKeys),
    Fetched { clerk: Clerk, cache: Arc<Mutex<Cache>> },
}

/// Keys and when they came; it decides, and does nothing.
#[derive(Debug, Default)]
struct Cache {
    keys: PublicKeys,
    fetched_at: Option<SystemTime>,
    asked_at: Option<SystemTime>,
    /// Why they did not come the last time.
    failure: Option<Arc<Error>>,
}

/// Why a request is nobody's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticateError {
    /// The token is not believed.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The keys could not be fetched.
    #[error("the keys could not be fetched")]
    Keys(#[source] Arc<Error>),
    /// There is no token.
    #[error("there is no session token")]
    Missing,
}

impl SessionVerifier {
    /// With keys that are fetched from the server of `clerk`.
    pub fn new(clerk: &Clerk) -> Self {
        Self::of(Source::Fetched { clerk: clerk.clone(), cache: Arc::default() })
    }

    /// With keys that are given, without any network.
    pub fn networkless(keys: PublicKeys) -> Self {
        Self::of(Source::Given(keys))
    }

    fn of(source: Source) -> Self {
        Self { options: VerifyOptions::default(), source, clock: Arc::new(system_time) }
    }

    /// What tokens must be besides well signed.
    #[must_use]
    pub fn options(mut self, options: VerifyOptions) -> Self {
        self.options = options;
        self
    }

    /// Another clock than the system's, for tests.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// What the token says.
    ///
    /// # Errors
    ///
    /// [`AuthenticateError::Token`] if it is not believed, [`AuthenticateError::Keys`] if its key
    /// would have to be fetched and cannot be.
    pub async fn verify(&self, token: &str) -> Result<SessionClaims, AuthenticateError> {
        match &self.source {
            Source::Given(keys) => {
                Ok(verify_session_token(token, keys, &self.options, (self.clock)())?)
            }
            Source::Fetched { clerk, cache } => {
                let kid = key_id(token)?;
                // Held while fetching, so that many requests ask once.
                let mut cache = cache.lock().await;
                let now = (self.clock)();
                if cache.must_fetch(kid.as_deref(), now) {
                    cache.asked_at = Some(now);
                    let call = clerk.jwks().get_jwks().retries(RetryConfig::none());
                    match call.timeout(TIMEOUT).send().await {
                        Ok(set) => cache.put(PublicKeys::from_jwks(&set), now),
                        Err(error) => cache.failure = Some(Arc::new(error)),
                    }
                }
                if let Some(failure) = cache.failure_for(kid.as_deref(), now) {
                    return Err(AuthenticateError::Keys(failure));
                }
                Ok(verify_session_token(token, &cache.keys, &self.options, now)?)
            }
        }
    }
}

impl Cache {
    fn must_fetch(&self, kid: Option<&str>, now: SystemTime) -> bool {
        let known = self.keys.find(kid).is_some();
        if known && within(self.fetched_at, FRESH, now) {
            return false;
        }
        !within(self.asked_at, PATIENCE, now)
    }

    fn put(&mut self, keys: PublicKeys, now: SystemTime) {
        self.keys = keys;
        self.fetched_at = Some(now);
        self.failure = None;
    }

    /// Why the token cannot be verified, if the keys could not be fetched and the old ones will
    /// not do.
    fn failure_for(&self, kid: Option<&str>, now: SystemTime) -> Option<Arc<Error>> {
        self.failure.clone().filter(|_| !self.may_go_on(kid, now))
    }

    fn may_go_on(&self, kid: Option<&str>, now: SystemTime) -> bool {
        self.keys.find(kid).is_some() && within(self.fetched_at, STALE, now)
    }
}

fn within(since: Option<SystemTime>, time: Duration, now: SystemTime) -> bool {
    // A clock that was set back says nothing about how old something is.
    since.is_some_and(|since| now.duration_since(since).is_ok_and(|passed| passed < time))
}

#[expect(clippy::disallowed_methods, reason = "the shell around functions that take the time")]
fn system_time() -> SystemTime {
    SystemTime::now()
}

impl fmt::Debug for SessionVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionVerifier").field("options", &self.options).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    use super::*;
    use crate::{Jwk, JwkSet};

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn keys(kid: &str) -> PublicKeys {
        let jwk = serde_json::json!({ "kty": "RSA", "kid": kid, "n": "AQAB", "e": "AQAB" });
        let jwk: Jwk = serde_json::from_value(jwk).unwrap();
        PublicKeys::from_jwks(&JwkSet { keys: vec![jwk] })
    }

    #[test]
    fn keys_are_fetched_when_old_or_unknown_but_not_for_every_forgery() {
        let mut cache = Cache::default();
        assert!(cache.must_fetch(Some("k1"), at(1000)));
        cache.asked_at = Some(at(1000));
        cache.put(keys("k1"), at(1000));
        assert!(!cache.must_fetch(Some("k1"), at(1299)));
        assert!(cache.must_fetch(Some("k1"), at(1300)));
        assert!(!cache.must_fetch(Some("forged"), at(1009)));
        assert!(cache.must_fetch(Some("k2"), at(1010)));
        assert!(!cache.must_fetch(Some("k1"), at(1010)));
    }

    #[tokio::test]
    async fn while_the_keys_cannot_be_fetched_nobody_is_told_that_a_token_is_forged() {
        let clerk = Clerk::builder().bearer_auth("sk_test_x").server_url("http://127.0.0.1:1");
        let verifier = SessionVerifier::new(&clerk.build().unwrap());
        let header = STANDARD_NO_PAD.encode(r#"{"alg":"RS256","kid":"k1"}"#);
        let token = format!("{header}.e30.AA");
        for _ in 0..2 {
            let refused = verifier.verify(&token).await.unwrap_err();
            assert!(matches!(refused, AuthenticateError::Keys(_)), "{refused}");
        }
    }

    #[test]
    fn old_keys_go_on_for_an_hour_while_the_server_is_away() {
        let mut cache = Cache::default();
        assert!(!cache.may_go_on(Some("k1"), at(0)));
        cache.put(keys("k1"), at(0));
        assert!(cache.may_go_on(Some("k1"), at(3599)));
        assert!(!cache.may_go_on(Some("k1"), at(3600)) && !cache.may_go_on(Some("k2"), at(1)));
    }
}
