//! How long sessions and their tokens last, and in whose name they are issued.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::Instance;

/// Ten years, the longest that anything of a session may last.
const LONGEST_S: u32 = 315_360_000;

/// Thirty days: what is said of a session that no inactivity ends.
const NEVER_IDLE_MS: i64 = 2_592_000_000;

/// Sessions and their tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionSettings {
    /// `iss` of the tokens, whose host the publishable key names; null is the server's public URL.
    pub issuer: Option<String>,
    /// The application's page that accepts sign-in and actor tokens; null if there is none.
    pub sign_in_url: Option<String>,
    /// How long a session may last.
    pub lifetime_in_seconds: u32,
    /// How long it lasts without activity; null is without end.
    pub inactivity_timeout_in_seconds: Option<u32>,
    /// How long a session token lasts.
    pub token_lifetime_in_seconds: u32,
    /// The JWT template whose claims session tokens have besides their own; null for none.
    pub token_template: Option<String>,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            issuer: None,
            sign_in_url: None,
            lifetime_in_seconds: 604_800,
            inactivity_timeout_in_seconds: None,
            token_lifetime_in_seconds: 60,
            token_template: None,
        }
    }
}

impl SessionSettings {
    /// When a session that began at `start` and was used at `now` ends without activity.
    pub fn abandon_at(&self, start: i64, now: i64, expire_at: i64) -> i64 {
        match self.inactivity_timeout_in_seconds {
            Some(seconds) => now.saturating_add(i64::from(seconds) * 1000),
            None => start.saturating_add(NEVER_IDLE_MS).max(expire_at),
        }
    }

    /// The page that accepts `token`, if there is one.
    pub fn accepting_url(&self, token: &str) -> Option<String> {
        let mut url = Url::parse(self.sign_in_url.as_deref()?).ok()?;
        url.query_pairs_mut().append_pair("__clerk_ticket", token);
        Some(url.into())
    }

    /// What is wrong with it, each with the name of the setting.
    pub(super) fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let mut problems = Vec::new();
        if self.issuer.as_deref().is_some_and(|url| web_url(url).is_none() || url.ends_with('/')) {
            problems.push(("issuer", "must be a URL with http or https and no slash at its end"));
        }
        if self.sign_in_url.as_deref().is_some_and(|url| web_url(url).is_none()) {
            problems.push(("sign_in_url", "must be a URL with http or https"));
        }
        if !(60..=LONGEST_S).contains(&self.lifetime_in_seconds) {
            problems.push(("lifetime_in_seconds", "must lie between 60 and 315360000"));
        }
        // Activity is noted once a minute.
        if self.inactivity_timeout_in_seconds.is_some_and(|s| !(300..=LONGEST_S).contains(&s)) {
            let why = "must lie between 300 and 315360000, or be null";
            problems.push(("inactivity_timeout_in_seconds", why));
        }
        if !(30..=86_400).contains(&self.token_lifetime_in_seconds) {
            problems.push(("token_lifetime_in_seconds", "must lie between 30 and 86400"));
        }
        problems
    }
}

impl Instance {
    /// `iss` of its tokens; `public_url` is where the server is reached, without a trailing slash.
    pub fn issuer<'a>(&'a self, public_url: &'a str) -> &'a str {
        self.settings.sessions.issuer.as_deref().unwrap_or(public_url)
    }

    /// The key that an application's pages know it by: the issuer's host, in base64 with a `$`.
    pub fn publishable_key(&self, public_url: &str) -> String {
        let issuer = self.issuer(public_url);
        let host = issuer.split_once("://").map_or(issuer, |(_, rest)| rest);
        let host = host.split('/').next().unwrap_or_default();
        let encoded = data_encoding::BASE64.encode(format!("{host}$").as_bytes());
        format!("{}{encoded}", self.environment.publishable_key_prefix())
    }
}

fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    (matches!(url.scheme(), "http" | "https") && url.has_host() && text.len() <= 2048)
        .then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_timeout_a_session_is_never_idle_before_it_expires() {
        let settings = SessionSettings::default();
        assert_eq!(settings.abandon_at(0, 5, 1000), NEVER_IDLE_MS);
        assert_eq!(settings.abandon_at(0, 5, NEVER_IDLE_MS + 1), NEVER_IDLE_MS + 1);
        let idle = SessionSettings { inactivity_timeout_in_seconds: Some(300), ..settings };
        assert_eq!(idle.abandon_at(0, 5, 1000), 300_005);
    }

    #[test]
    fn a_token_is_appended_to_the_accepting_url() {
        let url = "https://app.example.com/in?a=1".to_owned();
        let settings = SessionSettings { sign_in_url: Some(url), ..Default::default() };
        let accepting = settings.accepting_url("x.y");
        assert_eq!(accepting.as_deref(), Some("https://app.example.com/in?a=1&__clerk_ticket=x.y"));
        assert_eq!(SessionSettings::default().accepting_url("x"), None);
    }

    #[test]
    fn impossible_values_are_named() {
        let wrong = SessionSettings {
            issuer: Some("https://a.example.com/".to_owned()),
            sign_in_url: Some("javascript:1".to_owned()),
            lifetime_in_seconds: 1,
            inactivity_timeout_in_seconds: Some(1),
            token_lifetime_in_seconds: 1,
            token_template: None,
        };
        assert_eq!(wrong.problems().len(), 5);
        assert!(SessionSettings::default().problems().is_empty());
    }
}
