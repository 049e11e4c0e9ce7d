//! The providers whose addresses nobody should have to look up.

use crate::{ClientAuth, Endpoints};

/// What is known of a provider, from its public documentation.
#[derive(Debug, Clone, Copy)]
pub struct Preset {
    /// As in `oauth_google`.
    pub key: &'static str,
    /// What its ID tokens say who made them; none if it makes none that can be proved.
    issuer: Option<&'static str>,
    authorization_url: &'static str,
    token_url: &'static str,
    userinfo_url: Option<&'static str>,
    jwks_url: Option<&'static str>,
    revocation_url: Option<&'static str>,
    /// What is asked for unless the operator says otherwise.
    pub scopes: &'static [&'static str],
    /// What its authorization endpoint wants in addition.
    pub params: &'static [(&'static str, &'static str)],
    /// How it wants the client's secret.
    pub client_auth: ClientAuth,
}

impl Preset {
    /// Its addresses.
    pub fn endpoints(&self) -> Endpoints {
        let owned = |text: Option<&str>| text.map(ToOwned::to_owned);
        Endpoints {
            issuer: owned(self.issuer),
            authorization_url: self.authorization_url.to_owned(),
            token_url: self.token_url.to_owned(),
            userinfo_url: owned(self.userinfo_url),
            jwks_url: owned(self.jwks_url),
            revocation_url: owned(self.revocation_url),
        }
    }
}

/// The preset for `key`, such as `google`.
pub fn preset(key: &str) -> Option<&'static Preset> {
    // Clerk's older name is that of an interface which new applications do not get.
    let key = if key == "linkedin" { "linkedin_oidc" } else { key };
    PRESETS.iter().find(|preset| preset.key == key)
}

const PRESETS: &[Preset] = &[
    Preset {
        key: "google",
        issuer: Some("https://accounts.google.com"),
        authorization_url: "https://accounts.google.com/o/oauth2/v2/auth",
        token_url: "https://oauth2.googleapis.com/token",
        userinfo_url: Some("https://openidconnect.googleapis.com/v1/userinfo"),
        jwks_url: Some("https://www.googleapis.com/oauth2/v3/certs"),
        revocation_url: Some("https://oauth2.googleapis.com/revoke"),
        scopes: &["openid", "email", "profile"],
        // Without both there is a refresh token the first time only.
        params: &[("access_type", "offline"), ("prompt", "consent")],
        client_auth: ClientAuth::ClientSecretPost,
    },
    Preset {
        key: "github",
        issuer: None,
        authorization_url: "https://github.com/login/oauth/authorize",
        token_url: "https://github.com/login/oauth/access_token",
        userinfo_url: Some("https://api.github.com/user"),
        jwks_url: None,
        revocation_url: None,
        scopes: &["read:user", "user:email"],
        params: &[],
        client_auth: ClientAuth::ClientSecretPost,
    },
    Preset {
        key: "microsoft",
        // Its ID tokens name the user's own tenant, which nobody knows beforehand.
        issuer: None,
        authorization_url: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        token_url: "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        userinfo_url: Some("https://graph.microsoft.com/oidc/userinfo"),
        jwks_url: None,
        revocation_url: None,
        scopes: &["openid", "email", "profile", "offline_access"],
        params: &[],
        client_auth: ClientAuth::ClientSecretPost,
    },
    Preset {
        key: "apple",
        issuer: Some("https://appleid.apple.com"),
        authorization_url: "https://appleid.apple.com/auth/authorize",
        token_url: "https://appleid.apple.com/auth/token",
        userinfo_url: None,
        jwks_url: Some("https://appleid.apple.com/auth/keys"),
        revocation_url: Some("https://appleid.apple.com/auth/revoke"),
        scopes: &["email", "name"],
        // Its rule wherever scopes are asked for.
        params: &[("response_mode", "form_post")],
        client_auth: ClientAuth::ClientSecretPost,
    },
    Preset {
        key: "facebook",
        issuer: None,
        authorization_url: "https://www.facebook.com/dialog/oauth",
        token_url: "https://graph.facebook.com/oauth/access_token",
        userinfo_url: Some(
            "https://graph.facebook.com/me?fields=id,name,first_name,last_name,email,picture.type(large)",
        ),
        jwks_url: None,
        revocation_url: None,
        scopes: &["public_profile", "email"],
        params: &[],
        client_auth: ClientAuth::ClientSecretPost,
    },
    Preset {
        key: "discord",
        issuer: None,
        authorization_url: "https://discord.com/oauth2/authorize",
        token_url: "https://discord.com/api/oauth2/token",
        userinfo_url: Some("https://discord.com/api/users/@me"),
        jwks_url: None,
        revocation_url: Some("https://discord.com/api/oauth2/token/revoke"),
        scopes: &["identify", "email"],
        params: &[],
        client_auth: ClientAuth::ClientSecretBasic,
    },
    Preset {
        key: "gitlab",
        issuer: Some("https://gitlab.com"),
        authorization_url: "https://gitlab.com/oauth/authorize",
        token_url: "https://gitlab.com/oauth/token",
        userinfo_url: Some("https://gitlab.com/oauth/userinfo"),
        jwks_url: Some("https://gitlab.com/oauth/discovery/keys"),
        revocation_url: Some("https://gitlab.com/oauth/revoke"),
        scopes: &["openid", "email", "profile"],
        params: &[],
        client_auth: ClientAuth::ClientSecretBasic,
    },
    Preset {
        key: "linkedin_oidc",
        issuer: Some("https://www.linkedin.com/oauth"),
        authorization_url: "https://www.linkedin.com/oauth/v2/authorization",
        token_url: "https://www.linkedin.com/oauth/v2/accessToken",
        userinfo_url: Some("https://api.linkedin.com/v2/userinfo"),
        jwks_url: Some("https://www.linkedin.com/oauth/openid/jwks"),
        revocation_url: None,
        scopes: &["openid", "email", "profile"],
        params: &[],
        client_auth: ClientAuth::ClientSecretPost,
    },
    Preset {
        key: "slack",
        issuer: Some("https://slack.com"),
        authorization_url: "https://slack.com/openid/connect/authorize",
        token_url: "https://slack.com/api/openid.connect.token",
        userinfo_url: Some("https://slack.com/api/openid.connect.userInfo"),
        jwks_url: Some("https://slack.com/openid/connect/keys"),
        revocation_url: None,
        scopes: &["openid", "email", "profile"],
        params: &[],
        client_auth: ClientAuth::ClientSecretPost,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_has_addresses_that_secrets_may_go_to_and_a_way_to_know_the_user() {
        for preset in PRESETS {
            let endpoints = preset.endpoints();
            assert_eq!(endpoints.wrong(), None, "{}", preset.key);
            assert_eq!(endpoints.issuer.is_some(), endpoints.jwks_url.is_some(), "{}", preset.key);
            assert!(endpoints.issuer.is_some() || endpoints.userinfo_url.is_some());
            assert_eq!(super::preset(preset.key).expect("itself").key, preset.key);
        }
    }
}
