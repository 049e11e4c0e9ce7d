//! Names of OAuth providers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most bytes of a name.
const MAX_LENGTH: usize = 64;

const PREFIX: &str = "oauth_";

const CUSTOM: &str = "oauth_custom_";

/// The providers that Clerk has a name for.
const KNOWN: &[&str] = &[
    "apple",
    "atlassian",
    "bitbucket",
    "box",
    "coinbase",
    "discord",
    "dropbox",
    "enstall",
    "facebook",
    "github",
    "gitlab",
    "google",
    "hubspot",
    "huggingface",
    "instagram",
    "line",
    "linear",
    "linkedin",
    "linkedin_oidc",
    "microsoft",
    "notion",
    "slack",
    "spotify",
    "tiktok",
    "twitch",
    "twitter",
    "vercel",
    "x",
    "xero",
];

/// A provider's name: `oauth_google`, or `oauth_custom_acme` for one that Clerk has no name for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OauthProvider(String);

impl OauthProvider {
    /// A name of the right form, be it known or not.
    pub fn parse(text: &str) -> Option<Self> {
        let key = text.strip_prefix(PREFIX)?;
        let good = !key.is_empty()
            && text.len() <= MAX_LENGTH
            && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        good.then(|| Self(text.to_owned()))
    }

    /// The same, with or without `oauth_` in front, which some clients leave out.
    pub fn parse_bare(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| Self::parse(&format!("{PREFIX}{text}")))
    }

    /// Whether Clerk has a name for it, or it is a custom one.
    pub fn is_known(&self) -> bool {
        self.custom_key().is_some() || KNOWN.contains(&self.key())
    }

    /// What comes after `oauth_`.
    pub fn key(&self) -> &str {
        self.0.strip_prefix(PREFIX).unwrap_or_default()
    }

    /// What comes after `oauth_custom_`, of a custom one.
    pub fn custom_key(&self) -> Option<&str> {
        self.0.strip_prefix(CUSTOM).filter(|key| !key.is_empty())
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OauthProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_custom_or_merely_well_formed() {
        for (text, known) in [
            ("oauth_google", Some(true)),
            ("oauth_linkedin_oidc", Some(true)),
            ("oauth_custom_acme", Some(true)),
            ("oauth_custom_", Some(false)),
            ("oauth_acme", Some(false)),
            ("oauth_", None),
            ("google", None),
            ("oauth_Google", None),
            ("oauth_goo gle", None),
        ] {
            let name = OauthProvider::parse(text);
            assert_eq!(name.map(|name| name.is_known()), known, "{text}");
        }
        assert_eq!(OauthProvider::parse(&format!("oauth_{}", "a".repeat(59))), None);
    }

    #[test]
    fn the_prefix_may_be_left_out() {
        for text in ["google", "oauth_google"] {
            let name = OauthProvider::parse_bare(text).expect("a name");
            assert_eq!(
                (name.as_str(), name.key(), name.custom_key()),
                ("oauth_google", "google", None)
            );
        }
        let custom = OauthProvider::parse_bare("custom_acme").expect("a name");
        assert_eq!(custom.custom_key(), Some("acme"));
    }
}
